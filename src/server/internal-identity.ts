import type { TLSSocket } from 'node:tls';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ReplicationIdentity, VerifyPeerSocket } from '../replication/replication-protocol.ts';
import { type PeerVerifier, readPeerChain } from '../wire/peer-verifier.ts';
import { type CertificateKeeping, LiveIdentity, type LiveTrust, openLiveTrust } from './live-identity.ts';

/** What a server shows the other servers of its deployment, and what it believes of theirs: as their files have it. */
export interface InternalIdentity {
  readonly identity: LiveIdentity;
  /** The same for replication. */
  readonly replication: ReplicationIdentity;
  /** By the internal CA. */
  readonly verifier: LiveTrust;
  readonly verifySocket: VerifyPeerSocket;
}

/** Loads the internal certificate, key and CA. Fails as `loadKeyPair` and `loadTrustStore` do, naming the file. */
export async function loadInternalIdentity(
  files: { readonly certificateFile: string; readonly keyFile: string; readonly authorityFile: string },
  requiredNames: readonly string[],
  keeping: CertificateKeeping,
): Promise<Result<InternalIdentity>> {
  const opened = await LiveIdentity.open('internal', { ...files, requiredNames }, keeping);
  if (!opened.ok) return opened;
  const trust = await openLiveTrust('internal.authorityFile', [files.authorityFile], keeping);
  if (!trust.ok) return trust;
  const identity = opened.value;
  const verifier = trust.value;
  return ok({
    identity,
    replication: {
      get chainPem() {
        return identity.keyPair.chainPem;
      },
      get keyPem() {
        return identity.keyPair.keyPem;
      },
    },
    verifier,
    verifySocket: socket => verifySocket(socket, verifier),
  });
}

function verifySocket(socket: TLSSocket, verifier: PeerVerifier): ReturnType<VerifyPeerSocket> {
  const chain = readPeerChain(socket);
  return chain ? verifier.verify(chain) : err(failure('PEER_WITHOUT_CERTIFICATE', { target: socket.remoteAddress ?? 'unknown' }));
}
