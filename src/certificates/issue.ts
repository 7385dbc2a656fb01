import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type Clock, systemClock } from '../base/clock.ts';
import { randomToken } from '../base/random.ts';
import { importKey, keyPemOf, newKeyPair, signingAlgorithm } from './signing-key.ts';

/** A CA that can issue certificates. Plain data: it can be written to files and read back. */
export interface Authority {
  readonly certificatePem: string;
  /** PKCS #8 in PEM. */
  readonly keyPem: string;
  /** The certificates a leaf's holder sends along: this CA and those above it, without the root. Empty for a root. */
  readonly chainPem: string;
}

/** An issued certificate with its key. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  /** PKCS #8 in PEM. */
  readonly keyPem: string;
  /** The certificate and its intermediates, in the order TLS sends them. */
  readonly chainPem: string;
}

/** An extension given as bytes, for what the named options do not cover. */
export interface RawExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly der: Uint8Array;
}

/** What a new CA is like. */
export interface AuthorityRequest {
  /** Common name. */
  readonly name: string;
  readonly validDays: number;
  /** Most intermediate CAs allowed below it; without it there is no limit. */
  readonly pathLength?: number;
  /** The CA that signs it; without one it is a self-signed root. */
  readonly issuer?: Authority;
  /** Start of validity, milliseconds since 1970; default an hour ago. */
  readonly notBefore?: number;
  readonly extensions?: readonly RawExtension[];
}

/** What a new leaf certificate is like. */
export interface CertificateRequest {
  /** DNS names for subjectAltName; with none and no addresses the extension is left out. */
  readonly names: readonly string[];
  /** IP addresses for subjectAltName. */
  readonly addresses?: readonly string[];
  readonly days: number;
  /** The TLS purposes; `none` leaves the extension out. */
  readonly eku: 'server' | 'client' | 'both' | 'none';
  /** Start of validity, milliseconds since 1970; default an hour ago. */
  readonly notBefore?: number;
  /** Common name; default the first DNS name. */
  readonly subjectName?: string;
  readonly extensions?: readonly RawExtension[];
}

const dayMs = 86_400_000;
/** Clocks of the two sides differ: a new certificate must work at once on a machine that is a little behind. */
const backdateMs = 3_600_000;

/** Creates a CA with an ECDSA P-256 key. */
export async function createAuthority(request: AuthorityRequest, clock: Clock = systemClock): Promise<Authority> {
  const keys = await newKeyPair();
  const unsigned = {
    publicKey: keys.publicKey,
    subjectName: request.name,
    period: periodOf(request.notBefore, request.validDays, clock),
    extensions: [
      new BasicConstraintsExtension(true, request.pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...(request.extensions ?? []).map(toExtension),
    ],
  };
  const certificatePem = await sign(unsigned, request.issuer ?? keys.privateKey);
  const chainPem = request.issuer === undefined ? '' : certificatePem + request.issuer.chainPem;
  return { certificatePem, keyPem: await keyPemOf(keys), chainPem };
}

/** Issues a leaf certificate with a new ECDSA P-256 key. Without an authority it is self-signed. */
export async function issueCertificate(
  authority: Authority | undefined,
  request: CertificateRequest,
  clock: Clock = systemClock,
): Promise<IssuedCertificate> {
  const keys = await newKeyPair();
  const certificatePem = await sign(unsignedLeaf(keys.publicKey, request, clock), authority ?? keys.privateKey);
  return { certificatePem, keyPem: await keyPemOf(keys), chainPem: certificatePem + (authority?.chainPem ?? '') };
}

/** Issues a leaf certificate for a key that is held elsewhere; the certificate and its intermediates as PEM. */
export async function certifyKey(
  authority: Authority,
  publicKey: PublicKey,
  request: CertificateRequest,
  clock: Clock = systemClock,
): Promise<string> {
  return (await sign(unsignedLeaf(publicKey, request, clock), authority)) + authority.chainPem;
}

interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

interface Unsigned {
  readonly publicKey: PublicKey | webcrypto.CryptoKey;
  readonly subjectName: string;
  readonly period: Period;
  readonly extensions: readonly Extension[];
}

function unsignedLeaf(publicKey: Unsigned['publicKey'], request: CertificateRequest, clock: Clock): Unsigned {
  const { names, addresses = [] } = request;
  const alternatives = [
    ...names.map(value => ({ type: 'dns', value }) as const),
    ...addresses.map(value => ({ type: 'ip', value }) as const),
  ];
  const purposes = {
    server: [ExtendedKeyUsage.serverAuth],
    client: [ExtendedKeyUsage.clientAuth],
    both: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
    none: [],
  }[request.eku];
  return {
    publicKey,
    subjectName: request.subjectName ?? names[0] ?? addresses[0] ?? 'parley',
    period: periodOf(request.notBefore, request.days, clock),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...(purposes.length === 0 ? [] : [new ExtendedKeyUsageExtension(purposes)]),
      ...(alternatives.length === 0 ? [] : [new SubjectAlternativeNameExtension(alternatives)]),
      ...(request.extensions ?? []).map(toExtension),
    ],
  };
}

/** Signs by a CA, or with the key itself. */
async function sign(unsigned: Unsigned, by: Authority | webcrypto.CryptoKey): Promise<string> {
  const { publicKey, subjectName, period } = unsigned;
  const subject = new Name([{ CN: [subjectName] }]);
  const issuer = 'certificatePem' in by ? new X509Certificate(by.certificatePem) : undefined;
  const certificate = await X509CertificateGenerator.create({
    // rfc5280 4.1.2.2: positive, unique, at most 20 bytes.
    serialNumber: `01${randomToken(15)}`,
    subject,
    issuer: issuer?.subjectName ?? subject,
    ...period,
    publicKey,
    signingKey: 'certificatePem' in by ? await importKey(by.keyPem) : by,
    signingAlgorithm,
    extensions: [
      ...unsigned.extensions,
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? publicKey),
    ],
  });
  return `${certificate.toString('pem').trim()}\n`;
}

function periodOf(notBeforeMs: number | undefined, days: number, clock: Clock): Period {
  const start = notBeforeMs ?? clock.now() - backdateMs;
  const end = notBeforeMs === undefined ? clock.now() + days * dayMs : start + days * dayMs;
  // Certificates know whole seconds.
  return { notBefore: new Date(Math.floor(start / 1000) * 1000), notAfter: new Date(Math.floor(end / 1000) * 1000) };
}

function toExtension(raw: RawExtension): Extension {
  return new Extension(raw.oid, raw.critical, Uint8Array.from(raw.der));
}
