import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure } from '../base/failure.ts';
import { secretsFolder } from './backup/secrets-folder.ts';
import { databaseFile } from './open-store.ts';
import type { ServerConfiguration } from './server-configuration.ts';

/** Which rights of others (`chmod` takes them away so) are too many. A group may read: the account of the server is often a member of one. */
interface Rule {
  readonly bits: number;
  readonly change: string;
}

const secret: Rule = { bits: 0o027, change: 'g-w,o-rwx' };
/** Who can write into a folder can put files of his own in the place of those in it, the members of its group too. */
const folder: Rule = { bits: 0o022, change: 'go-w' };

/**
 * Looks whether other accounts of the machine may read or change what only this server may: private keys, tokens, passwords, the secrets and the
 * database. A FILE_OPEN_TO_OTHERS for each, with the command that mends it; what is missing is for others to say.
 */
export function openToOthers(configuration: ServerConfiguration): readonly Failure[] {
  const { dataFolder } = configuration;
  const secrets = secretsFolder(dataFolder);
  const database = databaseFile(dataFolder);
  const secretPaths = [
    ...keyFilesIn(configuration),
    ...filesIn(secrets),
    ...['', '-wal', '-shm'].map(suffix => `${database}${suffix}`),
  ];
  const looked: readonly (readonly [path: string, rule: Rule])[] = [
    [dataFolder, folder],
    [secrets, folder],
    ...secretPaths.map(path => [path, secret] as const),
  ];
  return looked.flatMap(([path, { bits, change }]) => {
    const file = statOf(path);
    if (!file || (file.mode & bits) === 0) return [];
    const mode = (file.mode & 0o777).toString(8).padStart(4, '0');
    return [failure('FILE_OPEN_TO_OTHERS', { path, mode, change })];
  });
}

/** Every file that the configuration names for a private key, tokens or a password. */
function keyFilesIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return /^(keyFile|tokenFile|passwordFile)$/.test(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => keyFilesIn(item, name));
}

function filesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).map(name => join(path, name));
  } catch {
    return [];
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
