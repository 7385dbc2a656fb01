import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { isFqdn } from '../certificates/names.ts';
import { type LabIssueOptions, openLabAuthority } from './certificate-authority.ts';
import { prepareFolder } from './lab-folder.ts';

/** What `parley lab issue` has written. */
export interface IssuedFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authorityFile: string;
}

/**
 * Issues a certificate from the CA of the lab in `dir`, for a foreign partner under test; works before the lab's first start. IP
 * addresses among the names become addresses of the certificate. Fails with LAB_FOLDER_UNUSABLE or LAB_NAME_UNUSABLE.
 */
export async function issueFiles(
  dir: string,
  names: readonly string[],
  options: LabIssueOptions & { readonly out?: string },
  clock: Clock,
): Promise<Result<IssuedFiles>> {
  const addresses = names.filter(name => /^[\d.]+$|:/.test(name));
  const fqdns = names.filter(name => !addresses.includes(name)).map(name => name.toLowerCase());
  const wrong = fqdns.find(name => !isFqdn(name.replace(/^\*\./, '')) || !name.includes('.'));
  if (wrong !== undefined || fqdns.length === 0) return err(failure('LAB_NAME_UNUSABLE', { name: wrong ?? names[0] ?? '' }));
  const folder = prepareFolder(dir);
  if (!folder.ok) return folder;
  const to = prepareFolder(options.out ?? join(folder.value, 'issued'));
  if (!to.ok) return to;
  const authority = await openLabAuthority(join(folder.value, 'ca'), clock);
  const issued = await authority.issue(fqdns, { ...options, addresses });
  const base = join(resolve(to.value), (fqdns[0] as string).replace('*', '_'));
  const files = { certificateFile: `${base}.pem`, keyFile: `${base}-key.pem`, authorityFile: authority.certificateFile };
  await writeFile(files.certificateFile, issued.chainPem);
  await writeFile(files.keyFile, issued.keyPem, { mode: 0o600 });
  return ok(files);
}
