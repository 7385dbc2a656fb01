import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Result } from '../base/result.ts';

/** The certificates a peer sent in its TLS handshake, not yet believed. */
export interface PeerChain {
  readonly leaf: X509Certificate;
  /** What the peer sent besides the leaf, in the order of issuing, as far as it could be linked. */
  readonly intermediates: readonly X509Certificate[];
}

/** Who a peer is, after its certificate path was checked. */
export interface VerifiedPeer {
  /** DNS names from subjectAltName, lower case, without wildcards. */
  readonly names: readonly string[];
  /** SHA-256 of the whole certificate, hexadecimal. */
  readonly fingerprint: string;
  /** SHA-256 of its public key (SubjectPublicKeyInfo), hexadecimal. */
  readonly publicKeySha256: string;
  readonly issuer: string;
  readonly serial: string;
}

/** Checks a peer's certificates: path, dates, purpose. Names are compared by whoever knows which name is wanted. */
export interface PeerVerifier {
  verify(chain: PeerChain): Result<VerifiedPeer>;
}

/** A peer may send any number of certificates; a longer chain than this is cut, and so fails to reach an anchor. */
const maxIntermediates = 10;

/**
 * The certificates the peer of a TLS connection sent; undefined where it sent none. A resumed session has lost the intermediates.
 * Only the first call for a socket sees the whole chain: Node takes it apart while reading.
 */
export function readPeerChain(socket: TLSSocket): PeerChain | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return undefined;
  const intermediates: X509Certificate[] = [];
  let issuer = leaf.issuerCertificate;
  // A self-signed certificate at the end names itself as its issuer.
  while (issuer !== undefined && intermediates.length < maxIntermediates) {
    const previous = intermediates.at(-1) ?? leaf;
    if (issuer.fingerprint256 === previous.fingerprint256) break;
    intermediates.push(issuer);
    issuer = issuer.issuerCertificate;
  }
  return { leaf, intermediates };
}
