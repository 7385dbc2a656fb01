import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../base/failure.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { sealKeyIds } from '../../identity/seal-keys.ts';
import { readSigningKey } from '../../replication/snapshot-signature.ts';
import { writeSecret } from '../secret-file.ts';
import { writeWholeFile } from '../whole-file.ts';

/** The files of a secrets folder, by name, as text. */
export type SecretFiles = ReadonlyMap<string, string>;

/** What a backup can only be used with. */
export interface NeededSecrets {
  /** Ids of the keys that sealed users' credentials. */
  readonly sealKeys: ReadonlySet<string>;
  /** Id of the key whose signature Edges believe. */
  readonly snapshotKey: string;
}

/** A secret that is not there, and what is lost without it. */
export interface MissingSecret {
  readonly name: string;
  readonly loss: string;
}

const sealKeysFile = 'seal-keys.json';
const snapshotKeyFile = 'snapshot-key.pem';

/** Where a Front End keeps its secrets. */
export function secretsFolder(dataFolder: string): string {
  return join(dataFolder, 'secrets');
}

/** Reads every secret of a Front End; none where it has not started yet. Fails with FILE_NOT_READ. */
export function readSecrets(dataFolder: string): Result<SecretFiles> {
  const folder = secretsFolder(dataFolder);
  const files = new Map<string, string>();
  if (!existsSync(folder)) return ok(files);
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile() && !entry.name.endsWith('.new')) files.set(entry.name, readFileSync(join(folder, entry.name), 'utf8'));
    }
    return ok(files);
  } catch (cause) {
    return err(failure('FILE_NOT_READ', { path: folder, reason: (cause as Error).message }, cause));
  }
}

/** The text of the file with the keys that seal credentials; empty when there is none. */
export function sealKeysText(secrets: SecretFiles): string {
  return secrets.get(sealKeysFile) ?? '';
}

/** The id of the snapshot key among the secrets; empty when there is none. */
export function snapshotKeyOf(secrets: SecretFiles): string {
  const pem = secrets.get(snapshotKeyFile);
  try {
    return pem === undefined ? '' : readSigningKey(pem).keyId;
  } catch {
    return '';
  }
}

/** What of the needed secrets is not among these. */
export function missingSecrets(needed: NeededSecrets, secrets: SecretFiles): readonly MissingSecret[] {
  const missing: MissingSecret[] = [];
  const known = sealKeyIds(sealKeysText(secrets));
  const absent = [...needed.sealKeys].filter(id => !known.has(id));
  if (absent.length > 0) {
    missing.push({
      name: `${sealKeysFile} (key ${absent.join(', ')})`,
      loss: 'users cannot sign in until they get new passwords',
    });
  }
  if (needed.snapshotKey !== '' && snapshotKeyOf(secrets) !== needed.snapshotKey) {
    missing.push({
      name: `${snapshotKeyFile} (key ${needed.snapshotKey})`,
      loss: 'Edges take no configuration until they are enrolled again',
    });
  }
  return missing;
}

/** Says that lost seal keys are known to be lost: the server then starts with new ones. Throws FailureError with FILE_NOT_WRITTEN. */
export function acceptLostSealKeys(dataFolder: string): void {
  const path = join(secretsFolder(dataFolder), sealKeysFile);
  if (!existsSync(path)) writeSecret(path, '');
}

/** Puts secrets in the place of those that are there, which stay in the folder `keepAs`. Fails with FILE_NOT_WRITTEN. */
export function replaceSecrets(dataFolder: string, secrets: SecretFiles, keepAs: string): Result<void> {
  const folder = secretsFolder(dataFolder);
  const fresh = `${folder}.restoring`;
  try {
    makeFolder(fresh);
    for (const [name, text] of secrets) {
      const written = writeWholeFile(join(fresh, name), text, 0o600);
      if (!written.ok) return written;
    }
    if (existsSync(folder)) renameSync(folder, keepAs);
    renameSync(fresh, folder);
    return ok(undefined);
  } catch (cause) {
    return err(failure('FILE_NOT_WRITTEN', { path: folder, reason: (cause as Error).message }, cause));
  }
}
