import 'reflect-metadata';
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Authority, certifyKey } from '../certificates/issue.ts';
import { keyPemOf, newKeyPair, signingAlgorithm } from '../certificates/signing-key.ts';

/** What `parley edge enrol` makes: the key stays on the Edge, the request goes to the Front End. PEM both. */
export interface EnrolmentRequest {
  readonly keyPem: string;
  readonly requestPem: string;
}

/** Makes the key of an Edge computer and a request for its internal certificate. */
export async function createEnrolmentRequest(fqdn: string): Promise<EnrolmentRequest> {
  const keys = await newKeyPair();
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${fqdn}`, keys, signingAlgorithm });
  return { keyPem: await keyPemOf(keys), requestPem: `${request.toString('pem').trim()}\n` };
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
  return ok(await certifyKey(authority, request.publicKey, { names, days, eku: 'both' }, clock));
}
