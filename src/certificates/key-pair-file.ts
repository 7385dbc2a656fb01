import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { listNames, matchesPeerName } from './names.ts';
import { isoTime, type PathPurposes, pathPurposes } from './path-rules.ts';
import { factsOfPem, readPemFile } from './pem-file.ts';

/** A certificate of ours with its key, as TLS wants them. */
export interface KeyPair {
  readonly kind: 'key-pair';
  /** The certificate and its intermediates in PEM, in file order. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** dNSName entries of subjectAltName, lower case. */
  readonly names: readonly string[];
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Issuer on one line, for people. */
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
  /** Partners that enforce purposes refuse us as a TLS client without `client`: worth a warning. */
  readonly purposes: PathPurposes;
}

/** Which files to load, and what the certificate must be good for. */
export interface KeyPairFiles {
  /** PEM: the certificate first, then its intermediates. */
  readonly certificateFile: string;
  /** PEM: the private key, without a pass phrase. */
  readonly keyFile: string;
  /** FQDNs that the certificate must bear. */
  readonly requiredNames?: readonly string[];
}

/**
 * Loads a certificate with its key. Every failure names the file and what to do: CERTIFICATE_FILE_UNREADABLE,
 * CERTIFICATE_FILE_NOT_PEM, CERTIFICATE_KEY_MISMATCH, CERTIFICATE_FILE_EXPIRED, CERTIFICATE_FILE_NOT_YET_VALID,
 * CERTIFICATE_NAME_LACKING.
 */
export async function loadKeyPair(files: KeyPairFiles, clock: Clock): Promise<Result<KeyPair>> {
  const { certificateFile, keyFile } = files;
  const certificateText = await readPemFile(certificateFile, 'certificate');
  if (!certificateText.ok) return certificateText;
  const keyText = await readPemFile(keyFile, 'key');
  if (!keyText.ok) return keyText;
  const certificates = factsOfPem(certificateText.value, certificateFile, 'certificate');
  if (!certificates.ok) return certificates;
  const key = parseKey(keyText.value, keyFile);
  if (!key.ok) return key;
  const leaf = certificates.value[0] as CertificateFacts;
  if (!leaf.certificate.checkPrivateKey(key.value)) return err(failure('CERTIFICATE_KEY_MISMATCH', { keyFile, certificateFile }));
  return checkLeaf(leaf, files, clock.now(), certificateText.value, keyText.value);
}

function checkLeaf(
  leaf: CertificateFacts,
  files: KeyPairFiles,
  nowMs: number,
  chainPem: string,
  keyPem: string,
): Result<KeyPair> {
  const { certificateFile, requiredNames = [] } = files;
  const { names, fingerprint, issuer, notAfterMs } = leaf;
  if (nowMs > notAfterMs) return err(failure('CERTIFICATE_FILE_EXPIRED', { certificateFile, notAfter: isoTime(notAfterMs) }));
  if (nowMs < leaf.notBeforeMs) {
    return err(failure('CERTIFICATE_FILE_NOT_YET_VALID', { certificateFile, notBefore: isoTime(leaf.notBeforeMs) }));
  }
  const missing = requiredNames.filter(name => !matchesPeerName(names, name));
  if (missing.length > 0) {
    return err(failure('CERTIFICATE_NAME_LACKING', { certificateFile, missing: missing.join(', '), names: listNames(names) }));
  }
  const purposes = pathPurposes([leaf]) ?? { server: false, client: false };
  return ok({ kind: 'key-pair', chainPem, keyPem, names, fingerprint, issuer, notAfterMs, purposes });
}

function parseKey(pem: string, file: string): Result<KeyObject> {
  const notPem = (problem: string, cause?: unknown) =>
    err(failure('CERTIFICATE_FILE_NOT_PEM', { what: 'key', file, label: 'PRIVATE KEY', problem }, cause));
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return notPem('it has no such block');
  if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)) return notPem('it is protected by a pass phrase');
  try {
    return ok(createPrivateKey(pem));
  } catch (cause) {
    return notPem((cause as Error).message, cause);
  }
}
