import 'reflect-metadata';
import { createPrivateKey, type webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type Clock, systemClock } from '../base/clock.ts';
import { randomToken } from '../base/random.ts';

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

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
/** Clocks of the two sides differ: a new certificate must work at once on a machine that is a little behind. */
const backdateMs = 3_600_000;

/** Creates a CA with an ECDSA P-256 key. */
export async function createAuthority(request: AuthorityRequest, clock: Clock = systemClock): Promise<Authority> {
  const keys = await newKeyPair();
  const { certificatePem, keyPem } = await sign(
    {
      keys,
      subjectName: request.name,
      period: periodOf(request.notBefore, request.validDays, clock),
      extensions: [
        new BasicConstraintsExtension(true, request.pathLength, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ...(request.extensions ?? []).map(toExtension),
      ],
    },
    request.issuer,
  );
  const chainPem = request.issuer === undefined ? '' : certificatePem + request.issuer.chainPem;
  return { certificatePem, keyPem, chainPem };
}

/** Issues a leaf certificate with a new ECDSA P-256 key. Without an authority it is self-signed. */
export async function issueCertificate(
  authority: Authority | undefined,
  request: CertificateRequest,
  clock: Clock = systemClock,
): Promise<IssuedCertificate> {
  const keys = await newKeyPair();
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
  const { certificatePem, keyPem } = await sign(
    {
      keys,
      subjectName: request.subjectName ?? names[0] ?? addresses[0] ?? 'parley',
      period: periodOf(request.notBefore, request.days, clock),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ...(purposes.length === 0 ? [] : [new ExtendedKeyUsageExtension(purposes)]),
        ...(alternatives.length === 0 ? [] : [new SubjectAlternativeNameExtension(alternatives)]),
        ...(request.extensions ?? []).map(toExtension),
      ],
    },
    authority,
  );
  return { certificatePem, keyPem, chainPem: certificatePem + (authority?.chainPem ?? '') };
}

interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

interface Unsigned {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly subjectName: string;
  readonly period: Period;
  readonly extensions: readonly Extension[];
}

async function sign(unsigned: Unsigned, issuer: Authority | undefined): Promise<{ certificatePem: string; keyPem: string }> {
  const { keys, subjectName, period } = unsigned;
  const subject = new Name([{ CN: [subjectName] }]);
  const issuerCertificate = issuer === undefined ? undefined : new X509Certificate(issuer.certificatePem);
  const certificate = await X509CertificateGenerator.create({
    // rfc5280 4.1.2.2: positive, unique, at most 20 bytes.
    serialNumber: `01${randomToken(15)}`,
    subject,
    issuer: issuerCertificate?.subjectName ?? subject,
    ...period,
    publicKey: keys.publicKey,
    signingKey: issuer === undefined ? keys.privateKey : await importKey(issuer.keyPem),
    signingAlgorithm: signing,
    extensions: [
      ...unsigned.extensions,
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuerCertificate?.publicKey ?? keys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    certificatePem: `${certificate.toString('pem').trim()}\n`,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', der, curve, false, ['sign']);
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
