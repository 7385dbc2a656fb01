import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type CertificateFacts, certificatesOfPem, readCertificateFacts } from './certificate-facts.ts';

/** What a file is for, as its errors name it. */
export type PemFileUse = 'certificate' | 'key' | 'trust';

/** Reads a text file. Fails with CERTIFICATE_FILE_UNREADABLE, naming the file and the cause in words. */
export async function readPemFile(file: string, what: PemFileUse): Promise<Result<string>> {
  try {
    return ok(await readFile(file, 'utf8'));
  } catch (cause) {
    return err(failure('CERTIFICATE_FILE_UNREADABLE', { what, file, problem: fileProblem(cause) }, cause));
  }
}

/** Decodes every certificate of PEM text that came from `file`: at least one. Fails with CERTIFICATE_FILE_NOT_PEM. */
export function factsOfPem(pem: string, file: string, what: PemFileUse): Result<readonly CertificateFacts[]> {
  const notPem = (problem: string, cause?: unknown) =>
    err(failure('CERTIFICATE_FILE_NOT_PEM', { what, file, label: 'CERTIFICATE', problem }, cause));
  let certificates: readonly X509Certificate[];
  try {
    certificates = certificatesOfPem(pem);
  } catch (cause) {
    return notPem((cause as Error).message, cause);
  }
  if (certificates.length === 0) return notPem('it has no such block');
  const list: CertificateFacts[] = [];
  for (const certificate of certificates) {
    const facts = readCertificateFacts(certificate);
    if (!facts.ok) return notPem(facts.error.text, facts.error);
    list.push(facts.value);
  }
  return ok(list);
}
