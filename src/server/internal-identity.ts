import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type KeyPair, loadKeyPair } from '../certificates/key-pair-file.ts';
import { createPeerPathVerifier } from '../certificates/peer-path.ts';
import { loadTrustStore } from '../certificates/trust-store.ts';
import type { ReplicationIdentity, VerifyPeerSocket } from '../replication/replication-protocol.ts';
import type { TlsIdentity } from '../wire/listener.ts';
import { type PeerVerifier, readPeerChain } from '../wire/peer-verifier.ts';

/** What a server shows the other servers of its deployment, and what it believes of theirs. */
export interface InternalIdentity {
  readonly keyPair: KeyPair;
  readonly tls: TlsIdentity;
  readonly replication: ReplicationIdentity;
  readonly authorityPem: string;
  readonly verifier: PeerVerifier;
  readonly verifySocket: VerifyPeerSocket;
}

/** Loads the internal certificate, key and CA. Fails as `loadKeyPair` and `loadTrustStore` do, naming the file. */
export async function loadInternalIdentity(
  files: { readonly certificateFile: string; readonly keyFile: string; readonly authorityFile: string },
  requiredNames: readonly string[],
  clock: Clock,
): Promise<Result<InternalIdentity>> {
  const keyPair = await loadKeyPair({ ...files, requiredNames }, clock);
  if (!keyPair.ok) return keyPair;
  const trust = await loadTrustStore({ files: [files.authorityFile] });
  if (!trust.ok) return trust;
  const { chainPem, keyPem } = keyPair.value;
  const verifier = createPeerPathVerifier(trust.value, clock);
  const authorityPem = readFileSync(files.authorityFile, 'utf8');
  return ok({
    keyPair: keyPair.value,
    tls: { cert: chainPem, key: keyPem },
    replication: { chainPem, keyPem },
    authorityPem,
    verifier,
    verifySocket: socket => verifySocket(socket, verifier),
  });
}

function verifySocket(socket: TLSSocket, verifier: PeerVerifier): ReturnType<VerifyPeerSocket> {
  const chain = readPeerChain(socket);
  return chain ? verifier.verify(chain) : err(failure('PEER_WITHOUT_CERTIFICATE', { target: socket.remoteAddress ?? 'unknown' }));
}
