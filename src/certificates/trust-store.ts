import { rootCertificates } from 'node:tls';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { factsOfPem, readPemFile } from './pem-file.ts';

/** The certificates trusted to end a path. A change makes a new store; one store never changes. */
export interface TrustStore {
  readonly kind: 'trust-store';
  /** The anchors with their facts, without duplicates. */
  readonly anchors: readonly CertificateFacts[];
  /** The same as PEM blocks, for the list of CA names a TLS server sends. */
  readonly pem: readonly string[];
}

/** Where a trust store comes from. */
export interface TrustSources {
  /** PEM files with CA certificates. */
  readonly files: readonly string[];
  /** Adds the public CAs that come with Node. */
  readonly publicCas?: boolean;
}

/**
 * Loads the anchors of the trust store.
 * Fails with CERTIFICATE_FILE_UNREADABLE, CERTIFICATE_FILE_NOT_PEM or CERTIFICATE_TRUST_EMPTY, naming the file.
 */
export async function loadTrustStore(sources: TrustSources): Promise<Result<TrustStore>> {
  const anchors: CertificateFacts[] = [];
  for (const file of sources.files) {
    const text = await readPemFile(file, 'trust');
    if (!text.ok) return text;
    const read = factsOfPem(text.value, file, 'trust');
    if (!read.ok) return read;
    anchors.push(...read.value);
  }
  if (sources.publicCas === true) {
    const read = factsOfPem(rootCertificates.join('\n'), 'of the public CAs', 'trust');
    if (!read.ok) return read;
    anchors.push(...read.value);
  }
  return trustStoreOf(anchors);
}

/**
 * Makes a trust store of PEM text; `source` names where the text came from.
 * Fails with CERTIFICATE_FILE_NOT_PEM.
 */
export function parseTrustStore(pem: string, source: string): Result<TrustStore> {
  const read = factsOfPem(pem, source, 'trust');
  return read.ok ? trustStoreOf(read.value) : read;
}

function trustStoreOf(certificates: readonly CertificateFacts[]): Result<TrustStore> {
  const anchors = [...new Map(certificates.map(facts => [facts.fingerprint, facts])).values()];
  if (anchors.length === 0) return err(failure('CERTIFICATE_TRUST_EMPTY'));
  return ok({ kind: 'trust-store', anchors, pem: anchors.map(anchor => anchor.certificate.toString()) });
}
