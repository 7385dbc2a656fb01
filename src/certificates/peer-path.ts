import { createHash, type X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type CertificateFacts, readCertificateFacts } from './certificate-facts.ts';
import { checkCertificate, checkIssuer, checkLeafUsage, type PathPurposes, pathPurposes } from './path-rules.ts';
import type { TrustStore } from './trust-store.ts';

/** A peer whose certificate path leads to the trust store. Whether its names are the expected ones is a second question. */
export interface VerifiedPeer {
  readonly kind: 'verified-peer';
  /** dNSName entries of subjectAltName, lower case, without wildcards. The common name is never looked at. */
  readonly names: readonly string[];
  /** Wildcard entries: shown, never matched. */
  readonly wildcardNames: readonly string[];
  /** Subject of the leaf on one line, for people. */
  readonly subject: string;
  /** Issuer of the leaf on one line, for people. */
  readonly issuer: string;
  /** Serial number of the leaf, lower-case hexadecimal. */
  readonly serial: string;
  /** SHA-256 of the leaf, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** SHA-256 of the leaf's SubjectPublicKeyInfo, lower-case hexadecimal; survives a renewal with the same key. */
  readonly publicKeySha256: string;
  /** End of validity of the leaf, milliseconds since 1970. */
  readonly notAfterMs: number;
  /** When the first certificate of the path expires, milliseconds since 1970. */
  readonly pathNotAfterMs: number;
  readonly purposes: PathPurposes;
}

/** What a peer presented in its handshake. */
export interface PresentedChain {
  readonly leaf: X509Certificate;
  /** Everything it sent besides the leaf, in any order. */
  readonly intermediates: readonly X509Certificate[];
}

/** Verifies peers against one trust store; fits the verifier that listeners and connections ask for. */
export interface PeerPathVerifier {
  /** The verdict on what a peer presented; the failure is one of the CERTIFICATE_ codes. */
  verify(chain: PresentedChain): Result<VerifiedPeer>;
}

const maxPresented = 12;
const maxPathCertificates = 8;
const maxSignatureChecks = 24;
const defaultCacheSize = 2000;

/**
 * Makes the verifier for one trust store. Verdicts on accepted paths are kept, keyed by everything that was presented,
 * until the first certificate of the path expires; refusals are computed anew each time.
 */
export function createPeerPathVerifier(trust: TrustStore, clock: Clock, cacheSize = defaultCacheSize): PeerPathVerifier {
  const accepted = new Map<string, VerifiedPeer>();
  return {
    verify({ leaf, intermediates }) {
      const presented = [leaf, ...intermediates];
      const nowMs = clock.now();
      const key = presented.map(certificate => certificate.fingerprint256).join(' ');
      const known = accepted.get(key);
      if (known !== undefined && nowMs <= known.pathNotAfterMs) return ok(known);
      accepted.delete(key);
      const verdict = verifyPeerPath(presented, trust, nowMs);
      if (!verdict.ok) return verdict;
      if (accepted.size >= cacheSize) for (const oldest of accepted.keys()) if (accepted.delete(oldest)) break;
      accepted.set(key, verdict.value);
      return verdict;
    },
  };
}

/**
 * Verifies a peer's path ourselves (`rfc5280 6.1`), leaf first, for either side of a mutual-TLS connection. The TLS library's own
 * verdict is of no use: for a server-only certificate of a good partner and for a forged one it is the same.
 * What the peer sends is only material for intermediates; a path ends at the trust store or nowhere.
 */
export function verifyPeerPath(presented: readonly X509Certificate[], trust: TrustStore, nowMs: number): Result<VerifiedPeer> {
  const pool: CertificateFacts[] = [];
  for (const certificate of presented.slice(0, maxPresented)) {
    const facts = readCertificateFacts(certificate);
    // A broken certificate beside the leaf is simply no help.
    if (facts.ok) pool.push(facts.value);
    else if (pool.length === 0) return facts;
  }
  const leaf = pool[0];
  if (leaf === undefined) return err(failure('CERTIFICATE_MISSING'));
  const pinned = trust.anchors.some(anchor => anchor.fingerprint === leaf.fingerprint);
  const leafProblem = checkCertificate(leaf, nowMs, pinned) ?? checkLeafUsage(leaf);
  if (leafProblem !== undefined) return err(leafProblem);
  const search = { trust, pool, nowMs, signatureChecks: 0, failure: undefined, failureDepth: 0 };
  const path = pinned ? [leaf] : findPath(search, [leaf]);
  if (path === undefined) return err(search.failure ?? tooLong(leaf));
  const purposes = pathPurposes(path);
  if (purposes === undefined) return err(failure('CERTIFICATE_PURPOSE', { subject: leaf.subject }));
  return ok(describe(leaf, path, purposes));
}

/** A search for a path; of the failures met, the one farthest from the leaf explains most. */
interface PathSearch {
  readonly trust: TrustStore;
  readonly pool: readonly CertificateFacts[];
  readonly nowMs: number;
  signatureChecks: number;
  failure: Failure | undefined;
  failureDepth: number;
}

/** Extends `path` (leaf first) up to an anchor: anchors are tried before what the peer sent, depth first, within limits. */
function findPath(search: PathSearch, path: readonly CertificateFacts[]): readonly CertificateFacts[] | undefined {
  const last = path.at(-1) as CertificateFacts;
  const anchors = search.trust.anchors.filter(anchor => mayHaveIssued(anchor, last));
  const sent = search.pool.filter(candidate => !onPath(path, candidate) && mayHaveIssued(candidate, last));
  if (anchors.length === 0 && sent.length === 0) noteFailure(search, path.length, deadEnd(path, last));
  for (const issuer of [...anchors, ...sent]) {
    if (path.length >= maxPathCertificates || search.signatureChecks >= maxSignatureChecks) {
      noteFailure(search, Number.POSITIVE_INFINITY, tooLong(path[0] as CertificateFacts));
      return undefined;
    }
    const isAnchor = anchors.includes(issuer);
    search.signatureChecks += 1;
    const problem = checkIssuer(path, issuer) ?? checkCertificate(issuer, search.nowMs, isAnchor);
    if (problem !== undefined) noteFailure(search, path.length, problem);
    else if (isAnchor) return [...path, issuer];
    else {
      const found = findPath(search, [...path, issuer]);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Same name by its bytes, or by the looser comparison of `rfc5280 7.1` that the TLS library knows. */
function mayHaveIssued(issuer: CertificateFacts, issued: CertificateFacts): boolean {
  return issuer.subjectDer.equals(issued.issuerDer) || issued.certificate.checkIssued(issuer.certificate);
}

/** The same name and key twice on a path leads nowhere new, whatever the certificates around them. */
function onPath(path: readonly CertificateFacts[], candidate: CertificateFacts): boolean {
  return path.some(
    certificate => certificate.subjectDer.equals(candidate.subjectDer) && certificate.publicKey.equals(candidate.publicKey),
  );
}

function deadEnd(path: readonly CertificateFacts[], last: CertificateFacts): Failure {
  const { subject, issuer, fingerprint } = last;
  if (!last.selfIssued) return failure('CERTIFICATE_CHAIN_INCOMPLETE', { subject, issuer });
  if (path.length === 1) return failure('CERTIFICATE_SELF_SIGNED', { subject, fingerprint });
  return failure('CERTIFICATE_ISSUER_UNKNOWN', { subject, leaf: path[0]?.subject });
}

function tooLong(leaf: CertificateFacts): Failure {
  return failure('CERTIFICATE_CHAIN_TOO_LONG', { leaf: leaf.subject, maxCertificates: maxPathCertificates });
}

function noteFailure(search: PathSearch, depth: number, found: Failure): void {
  if (depth <= search.failureDepth) return;
  search.failure = found;
  search.failureDepth = depth;
}

function describe(leaf: CertificateFacts, path: readonly CertificateFacts[], purposes: PathPurposes): VerifiedPeer {
  const key = leaf.publicKey.export({ type: 'spki', format: 'der' });
  return {
    kind: 'verified-peer',
    names: leaf.names,
    wildcardNames: leaf.wildcardNames,
    subject: leaf.subject,
    issuer: leaf.issuer,
    serial: leaf.certificate.serialNumber.toLowerCase(),
    fingerprint: leaf.fingerprint,
    publicKeySha256: createHash('sha256').update(key).digest('hex'),
    notAfterMs: leaf.notAfterMs,
    pathNotAfterMs: Math.min(...path.map(certificate => certificate.notAfterMs)),
    purposes,
  };
}
