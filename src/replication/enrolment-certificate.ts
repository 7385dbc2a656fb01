import 'reflect-metadata';
import { createPrivateKey } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Authority } from '../certificates/issue.ts';

/** What `parley edge enrol` makes: the key stays on the Edge, the request goes to the Front End. PEM both. */
export interface EnrolmentRequest {
  readonly keyPem: string;
  readonly requestPem: string;
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
/** Clocks differ: a new certificate must work at once on a machine that is a little behind. */
const backdateMs = 3_600_000;

/** Makes the key of an Edge computer and a request for its internal certificate. */
export async function createEnrolmentRequest(fqdn: string): Promise<EnrolmentRequest> {
  const keys = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${fqdn}`, keys, signingAlgorithm: signing });
  const key = createPrivateKey({
    key: Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
    format: 'der',
    type: 'pkcs8',
  });
  return { keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(), requestPem: `${request.toString('pem').trim()}\n` };
}

/**
 * Issues the internal certificate for an Edge's request. Only the public key is taken from the request: the names are those the
 * Front End knows the Edge by. Good for both TLS purposes. Fails with ENROLMENT_BUNDLE_UNREADABLE when it is no valid request.
 */
export async function issueEnrolmentCertificate(
  requestPem: string,
  names: readonly string[],
  authority: Authority,
  days: number,
  clock: Clock,
): Promise<Result<string>> {
  const refuse = (reason: string) => err(failure('ENROLMENT_BUNDLE_UNREADABLE', { source: 'certificate request', reason }));
  let request: Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(requestPem);
  } catch {
    return refuse('it is not a certificate request in PEM');
  }
  // Whoever asks must hold the key.
  if (!(await request.verify())) return refuse('its signature is wrong');
  const issuer = new X509Certificate(authority.certificatePem);
  const pkcs8 = createPrivateKey(authority.keyPem).export({ type: 'pkcs8', format: 'der' });
  const certificate = await X509CertificateGenerator.create({
    serialNumber: `01${randomToken(15)}`,
    subject: `CN=${names[0]}`,
    issuer: issuer.subjectName,
    notBefore: new Date(Math.floor((clock.now() - backdateMs) / 1000) * 1000),
    notAfter: new Date(Math.floor((clock.now() + days * dayMs) / 1000) * 1000),
    publicKey: request.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, curve, false, ['sign']),
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(names.map(value => ({ type: 'dns', value }) as const)),
      await SubjectKeyIdentifierExtension.create(request.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return ok(`${certificate.toString('pem').trim()}\n${authority.chainPem}`);
}
