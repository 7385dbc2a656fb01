import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import { randomToken } from '../base/random.ts';
import { type Authority, createAuthority, type IssuedCertificate, issueCertificate } from '../certificates/issue.ts';

/** The lab's own CA, kept in a folder. */
export interface LabAuthority {
  /** Path of `ca.pem`, for clients that are to trust the lab. */
  readonly certificateFile: string;
  readonly authority: Authority;
  /** Issues a certificate for FQDNs; the first one is the common name. */
  issue(fqdns: readonly string[], options?: LabIssueOptions): Promise<IssuedCertificate>;
}

/** What a lab certificate is like. */
export interface LabIssueOptions {
  readonly addresses?: readonly string[];
  /** Default 365. */
  readonly days?: number;
  /** Default both purposes. */
  readonly eku?: 'server' | 'client' | 'both';
}

const authorityDays = 3650;

/**
 * Opens the CA in `directory` (`ca.pem`, and `ca-key.pem` readable by the owner alone), making it if it is not there yet.
 * Two programs may do so at once: the folder appears complete or not at all, and the second takes what the first made.
 */
export async function openLabAuthority(directory: string, clock: Clock = systemClock): Promise<LabAuthority> {
  const authority = (await readAuthority(directory)) ?? (await makeAuthority(directory, clock));
  return {
    certificateFile: join(directory, 'ca.pem'),
    authority,
    issue: (fqdns, { addresses = [], days = 365, eku = 'both' } = {}) =>
      issueCertificate(authority, { names: fqdns, addresses, days, eku }, clock),
  };
}

async function readAuthority(directory: string): Promise<Authority | undefined> {
  try {
    const certificatePem = await readFile(join(directory, 'ca.pem'), 'utf8');
    const keyPem = await readFile(join(directory, 'ca-key.pem'), 'utf8');
    return { certificatePem, keyPem, chainPem: '' };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

async function makeAuthority(directory: string, clock: Clock): Promise<Authority> {
  // The name tells the CAs of two labs apart in a trust store that holds both.
  const made = await createAuthority({ name: `Parley lab CA ${randomToken(4)}`, validDays: authorityDays, pathLength: 1 }, clock);
  const draft = `${directory}.${randomToken(4)}`;
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, 'ca.pem'), made.certificatePem);
  await writeFile(join(draft, 'ca-key.pem'), made.keyPem, { mode: 0o600 });
  try {
    await rename(draft, directory);
    return made;
  } catch (cause) {
    await rm(draft, { recursive: true });
    const theirs = await readAuthority(directory);
    if (theirs === undefined) throw cause;
    return theirs;
  }
}
