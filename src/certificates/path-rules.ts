import type { KeyObject } from 'node:crypto';
import { type Failure, failure } from '../base/failure.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { constrainedName } from './name-constraints.ts';

/** Bits of the key usage extension (`rfc5280 4.2.1.3`), bit 0 highest of 16. */
const keyUsageBit = { digitalSignature: 0x8000, keyEncipherment: 0x2000, keyAgreement: 0x0800, keyCertSign: 0x0400 } as const;

const purposeOid = {
  any: '2.5.29.37.0',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
  /** `rfc5924 3`: SIP domain certificates. */
  sipDomain: '1.3.6.1.5.5.7.3.20',
} as const;

const acceptedPurposes: readonly string[] = [purposeOid.server, purposeOid.client, purposeOid.sipDomain];

/** What a leaf may be used for after every certificate of its path had its say. */
export interface PathPurposes {
  readonly server: boolean;
  readonly client: boolean;
}

/** The rules every certificate of a path must pass on its own: dates, strength, no critical extension unknown here. */
export function checkCertificate(facts: CertificateFacts, nowMs: number, isAnchor: boolean): Failure | undefined {
  const { subject } = facts;
  if (nowMs > facts.notAfterMs) return failure('CERTIFICATE_EXPIRED', { subject, notAfter: isoTime(facts.notAfterMs) });
  if (nowMs < facts.notBeforeMs) return failure('CERTIFICATE_NOT_YET_VALID', { subject, notBefore: isoTime(facts.notBeforeMs) });
  const [unknown] = facts.unknownCritical;
  if (unknown !== undefined) return failure('CERTIFICATE_CRITICAL_EXTENSION', { subject, oid: unknown });
  // An anchor is trusted for being in the store: how its own signature was made does not matter.
  const weakness = keyWeakness(facts.publicKey) ?? (isAnchor ? undefined : signatureWeakness(facts.signatureAlgorithm));
  return weakness === undefined ? undefined : failure('CERTIFICATE_WEAK', { subject, weakness });
}

/** The rules for the leaf alone: its key may be used in a TLS handshake. */
export function checkLeafUsage(leaf: CertificateFacts): Failure | undefined {
  const handshake = keyUsageBit.digitalSignature | keyUsageBit.keyEncipherment | keyUsageBit.keyAgreement;
  if (leaf.keyUsage !== undefined && (leaf.keyUsage & handshake) === 0)
    return failure('CERTIFICATE_PURPOSE', { subject: leaf.subject });
  return undefined;
}

/**
 * The rules for `issuer` having issued the last certificate of `path` (leaf first): it is a CA that may sign certificates,
 * within its path length and name constraints (`rfc5280 6.1.4`), and the signature is its own.
 */
export function checkIssuer(path: readonly CertificateFacts[], issuer: CertificateFacts): Failure | undefined {
  const issued = path.at(-1) as CertificateFacts;
  const mayCertify = issuer.keyUsage === undefined || (issuer.keyUsage & keyUsageBit.keyCertSign) !== 0;
  if (!issuer.basicCa || !mayCertify) return failure('CERTIFICATE_NOT_A_CA', { subject: issuer.subject });
  const intermediates = path.slice(1).filter(certificate => !certificate.selfIssued).length;
  if (issuer.pathLength !== undefined && intermediates > issuer.pathLength) {
    const { subject, pathLength } = issuer;
    return failure('CERTIFICATE_PATH_LENGTH', { subject, pathLength, leaf: path[0]?.subject, intermediates });
  }
  return checkNameConstraints(path, issuer) ?? checkSignature(issued, issuer);
}

/** What remains of the purposes along a complete path: each certificate with the extension narrows them. */
export function pathPurposes(path: readonly CertificateFacts[]): PathPurposes | undefined {
  const left = acceptedPurposes.filter(purpose =>
    path.every(({ purposes }) => purposes === undefined || purposes.includes(purpose) || purposes.includes(purposeOid.any)),
  );
  if (left.length === 0) return undefined;
  return { server: left.includes(purposeOid.server), client: left.includes(purposeOid.client) };
}

function checkNameConstraints(path: readonly CertificateFacts[], issuer: CertificateFacts): Failure | undefined {
  if (issuer.nameConstraints === undefined) return undefined;
  for (const [index, certificate] of path.entries()) {
    // rfc5280 6.1.4: a CA's certificate for itself under a new key is exempt, the leaf never is.
    if (index > 0 && certificate.selfIssued) continue;
    const name = constrainedName(issuer.nameConstraints, certificate);
    if (name !== undefined) {
      return failure('CERTIFICATE_NAME_CONSTRAINTS', { issuer: issuer.subject, name, subject: certificate.subject });
    }
  }
  return undefined;
}

function checkSignature(issued: CertificateFacts, issuer: CertificateFacts): Failure | undefined {
  if (issued.certificate.verify(issuer.publicKey)) return undefined;
  return failure('CERTIFICATE_SIGNATURE', { subject: issued.subject, issuer: issuer.subject });
}

const minRsaBits = 2048;
const acceptedCurves: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];

function keyWeakness(key: KeyObject): string | undefined {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return (details?.modulusLength ?? 0) >= minRsaBits ? undefined : `an RSA key of ${details?.modulusLength ?? 0} bits`;
    case 'ec':
      return acceptedCurves.includes(details?.namedCurve) ? undefined : `a key on the curve ${details?.namedCurve ?? 'unknown'}`;
    case 'ed25519':
    case 'ed448':
      return undefined;
    default:
      return `a key of the kind ${key.asymmetricKeyType ?? 'unknown'}`;
  }
}

/** DER of the accepted signature algorithms' object identifiers: RSA and ECDSA with SHA-256, SHA-384, SHA-512, Ed25519, Ed448. */
const acceptedSignatures = [
  '06092a864886f70d01010b',
  '06092a864886f70d01010c',
  '06092a864886f70d01010d',
  '06082a8648ce3d040302',
  '06082a8648ce3d040303',
  '06082a8648ce3d040304',
  '06032b6570',
  '06032b6571',
].map(hex => Buffer.from(hex, 'hex'));
const rsaPss = Buffer.from('06092a864886f70d01010a', 'hex');
/** The arc of SHA-2 hashes: RSASSA-PSS names its hash in the parameters, and means SHA-1 if it does not. */
const sha2Arc = Buffer.from('6086480165030402', 'hex');

function signatureWeakness(algorithm: Buffer): string | undefined {
  const startsWith = (start: Buffer) => algorithm.subarray(2, 2 + start.length).equals(start);
  if (acceptedSignatures.some(startsWith) || (startsWith(rsaPss) && algorithm.includes(sha2Arc))) return undefined;
  return 'its signature does not use RSA, ECDSA or EdDSA with SHA-256 or better';
}

/** A time for a sentence. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
