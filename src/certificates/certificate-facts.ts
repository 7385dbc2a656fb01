import { type KeyObject, X509Certificate } from 'node:crypto';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  type DerElement,
  DerError,
  derTag,
  expectTag,
  readBits,
  readBoolean,
  readDer,
  readDerList,
  readOid,
  readSequence,
  readSmallInteger,
} from './der.ts';
import { type NameConstraints, readNameConstraints, type SubjectNames } from './name-constraints.ts';
import { isFqdn } from './names.ts';

/** What the rules of a path ask about one certificate, read once from its bytes. */
export interface CertificateFacts extends SubjectNames {
  readonly certificate: X509Certificate;
  /** The subject on one line, for people; never compared. */
  readonly subject: string;
  /** The issuer on one line, for people; never compared. */
  readonly issuer: string;
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly issuerDer: Buffer;
  readonly publicKey: KeyObject;
  /** Subject and issuer are the same name; says nothing about the signature. */
  readonly selfIssued: boolean;
  /** Milliseconds since 1970. */
  readonly notBeforeMs: number;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
  readonly signatureAlgorithm: Buffer;
  readonly basicCa: boolean;
  readonly pathLength: number | undefined;
  /** The key usage bits, bit 0 of the standard highest of 16; undefined without the extension. */
  readonly keyUsage: number | undefined;
  /** Object identifiers of the extended key usage; undefined without the extension. */
  readonly purposes: readonly string[] | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  /** Critical extensions that no rule here understands. */
  readonly unknownCritical: readonly string[];
}

/** Forms of general names with a meaning here (`rfc5280 4.2.1.6`). */
const dnsForm = 2;
const addressForm = 7;

const oid = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Policies ask nothing of us: no initial policy set is required (`rfc5280 6.1.1`). */
const understood: ReadonlySet<string> = new Set(Object.values(oid));

/**
 * Reads the facts of a certificate.
 * Fails with CERTIFICATE_MALFORMED when its bytes are not strict DER or break the structure of `rfc5280 4.1`.
 */
export function readCertificateFacts(certificate: X509Certificate): Result<CertificateFacts> {
  try {
    return ok(readFacts(certificate));
  } catch (cause) {
    // The peer chose these bytes: what the TLS library throws at them (an unknown key, a bad date) is the same outcome.
    return err(failure('CERTIFICATE_MALFORMED', { problem: (cause as Error).message }, cause));
  }
}

/** The certificates of a text of PEM blocks, in order. Throws what the library throws on a bad block. */
export function certificatesOfPem(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g);
  return (blocks ?? []).map(block => new X509Certificate(block));
}

/** A name of a certificate on one line. */
export function oneLineName(name: string): string {
  return name === '' ? '(no subject)' : name.replaceAll('\n', ', ');
}

function readFacts(certificate: X509Certificate): CertificateFacts {
  const [tbs, signatureAlgorithm] = readSequence(readDer(certificate.raw));
  const fields = readSequence(tbs);
  // rfc5280 4.1: the version is the only optional field before the extensions.
  const at = fields[0]?.tag === 0xa0 ? 1 : 0;
  const issuerDer = expectTag(fields[at + 2], derTag.sequence).whole;
  const subjectDer = expectTag(fields[at + 4], derTag.sequence).whole;
  const extensions = readExtensions(fields.slice(at + 6).find(field => field.tag === 0xa3));
  const valueOf = (id: string): DerElement | undefined => extensions.get(id)?.value;
  const basic = readBasicConstraints(valueOf(oid.basicConstraints));
  const keyUsage = valueOf(oid.keyUsage);
  const purposes = valueOf(oid.extendedKeyUsage);
  const constraints = valueOf(oid.nameConstraints);
  return {
    certificate,
    subject: oneLineName(certificate.subject ?? ''),
    issuer: oneLineName(certificate.issuer ?? ''),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subjectDer,
    issuerDer,
    selfIssued: subjectDer.equals(issuerDer),
    publicKey: certificate.publicKey,
    notBeforeMs: timeOf(certificate.validFromDate),
    notAfterMs: timeOf(certificate.validToDate),
    signatureAlgorithm: expectTag(signatureAlgorithm, derTag.sequence).whole,
    basicCa: basic.ca,
    pathLength: basic.pathLength,
    keyUsage: keyUsage === undefined ? undefined : readBits(keyUsage),
    purposes: purposes === undefined ? undefined : readSequence(purposes).map(readOid),
    ...readAlternativeNames(valueOf(oid.subjectAltName)),
    nameConstraints: constraints === undefined ? undefined : readNameConstraints(constraints),
    unknownCritical: [...extensions].filter(([id, extension]) => extension.critical && !understood.has(id)).map(([id]) => id),
  };
}

function timeOf(date: Date): number {
  const ms = date.getTime();
  // Comparisons with NaN are false, so an unreadable date would count as valid.
  if (Number.isNaN(ms)) throw new DerError('a date is malformed');
  return ms;
}

interface ExtensionValue {
  readonly critical: boolean;
  readonly value: DerElement;
}

function readExtensions(field: DerElement | undefined): ReadonlyMap<string, ExtensionValue> {
  const extensions = new Map<string, ExtensionValue>();
  if (field === undefined) return extensions;
  for (const extension of readSequence(readDer(field.content))) {
    const parts = readSequence(extension);
    const id = readOid(parts[0]);
    if (extensions.has(id)) throw new DerError(`the extension ${id} is there twice`);
    const critical = parts[1]?.tag === derTag.boolean && readBoolean(parts[1]);
    const { content } = expectTag(parts.at(-1), derTag.octetString);
    // Only what is understood is decoded: private extensions need not hold DER.
    const value = understood.has(id) ? readDer(content) : { tag: derTag.octetString, whole: content, content };
    extensions.set(id, { critical, value });
  }
  return extensions;
}

function readBasicConstraints(value: DerElement | undefined): { readonly ca: boolean; readonly pathLength: number | undefined } {
  if (value === undefined) return { ca: false, pathLength: undefined };
  const parts = readSequence(value);
  const ca = parts[0]?.tag === derTag.boolean && readBoolean(parts[0]);
  const limit = parts.find(part => part.tag === derTag.integer);
  return { ca, pathLength: limit === undefined ? undefined : readSmallInteger(limit) };
}

function readAlternativeNames(value: DerElement | undefined): Omit<SubjectNames, 'subjectDer'> {
  const names: string[] = [];
  const wildcardNames: string[] = [];
  const addresses: Buffer[] = [];
  const otherNameForms: number[] = [];
  for (const general of value === undefined ? [] : readDerList(expectTag(value, derTag.sequence).content)) {
    const form = general.tag & 0x1f;
    if (form === dnsForm) {
      const name = general.content.toString('latin1').toLowerCase();
      if (isFqdn(name)) names.push(name);
      else if (name.startsWith('*.') && isFqdn(name.slice(2))) wildcardNames.push(name);
    } else if (form === addressForm) addresses.push(general.content);
    else otherNameForms.push(form);
  }
  return { names, wildcardNames, addresses, otherNameForms };
}
