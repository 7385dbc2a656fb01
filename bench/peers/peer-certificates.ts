import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../src/certificates/issue.ts';

/** The two organisations of a peer that is not Parley. */
export interface PeerOrganisation {
  readonly domain: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

const days = 30;

/** Certificates of both, of the same kind as Parley's own: ECDSA P-256 under one CA. */
export async function issuePeerCertificates(
  folder: string,
  domains: readonly [string, string],
): Promise<readonly [PeerOrganisation, PeerOrganisation]> {
  mkdirSync(folder, { recursive: true });
  const authority = await createAuthority({ name: 'Benchmark CA', validDays: days });
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.certificatePem);
  const issue = async (domain: string): Promise<PeerOrganisation> => {
    const issued = await issueCertificate(authority, { names: [domain], days, eku: 'both' });
    const [certificateFile, keyFile] = [join(folder, `${domain}.pem`), join(folder, `${domain}-key.pem`)];
    writeFileSync(certificateFile, issued.chainPem);
    writeFileSync(keyFile, issued.keyPem, { mode: 0o600 });
    return { domain, certificateFile, keyFile, caFile };
  };
  return [await issue(domains[0]), await issue(domains[1])];
}
