import type { Clock } from '../../base/clock.ts';
import { FailureError, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type BackupHeader, type BackupSeal, BackupSum, backupLines, readBackup } from '../../store/backup/backup-format.ts';
import type { BackupStore } from '../../store/store.ts';
import { readConfigurationFile } from '../configuration-file.ts';
import { openStore } from '../open-store.ts';
import { productVersion } from '../product-version.ts';
import type { FrontEndServerConfiguration } from '../server-configuration.ts';
import { writeBackupFile } from './backup-file.ts';
import { sealByPassphrase, sealByServer } from './backup-seal.ts';
import { sealSecrets } from './sealed-secrets.ts';
import { readSecrets, type SecretFiles, snapshotKeyOf } from './secrets-folder.ts';

/** What a backup holds. */
export interface BackupFacts {
  readonly server: string;
  readonly madeAt: string;
  readonly epoch: number;
  readonly revision: number;
  readonly rows: number;
  /** Names of the sealed secret files in it; empty without them. */
  readonly secrets: readonly string[];
  /** What it is sealed with as a whole; nothing: whoever can write it can change it unnoticed. */
  readonly sealedBy: readonly BackupSeal['by'][];
}

/** A passphrase that seals a backup, and the secrets that go into it under the same; absent: none do. */
export interface PassphraseSeal {
  readonly passphrase: string;
  readonly files?: SecretFiles;
}

/** Reads the configuration of a Front End. Fails as `readConfigurationFile`, or with BACKUP_OF_AN_EDGE. */
export function readFrontEndConfiguration(path: string): Result<FrontEndServerConfiguration> {
  const configuration = readConfigurationFile(path);
  if (!configuration.ok) return configuration;
  return configuration.value.role === 'frontend' ? ok(configuration.value) : err(failure('BACKUP_OF_AN_EDGE', { path }));
}

/** The lines of a backup of a Front End's store, sealed with the server's own key and with no secrets in it; throws FailureError when the store cannot be read. */
export async function* serverBackupLines(
  store: BackupStore,
  { name, dataFolder }: Pick<FrontEndServerConfiguration, 'name' | 'dataFolder'>,
  clock: Clock,
): AsyncGenerator<string> {
  const secrets = readSecrets(dataFolder);
  if (!secrets.ok) throw new FailureError(secrets.error);
  const madeAt = new Date(clock.now()).toISOString();
  const origin = { product: productVersion, server: name, madeAt, snapshotKey: snapshotKeyOf(secrets.value) };
  yield* backupLines(store, origin, sum => sealByServer(secrets.value, sum));
}

/** The same from the store of a server that does not run; throws FailureError as `openStore` fails, or where the database is damaged. */
export async function* stoppedServerBackupLines(
  configuration: FrontEndServerConfiguration,
  clock: Clock,
): AsyncGenerator<string> {
  const store = await openStore(configuration, clock);
  if (!store.ok) throw new FailureError(store.error);
  try {
    const verified = await store.value.verify();
    if (!verified.ok) throw new FailureError(verified.error);
    yield* serverBackupLines(store.value, configuration, clock);
  } finally {
    await store.value.close();
  }
}

/**
 * Writes a backup file from lines that are checked on the way: what arrives cut short makes no file.
 * Fails with FILE_NOT_WRITTEN, BACKUP_DAMAGED or BACKUP_NEWER, or as the lines do. `onRows` hears of progress.
 */
export async function makeBackup(
  path: string,
  lines: AsyncIterable<string>,
  sealing: PassphraseSeal | undefined,
  onRows: (rows: number) => void = () => undefined,
): Promise<Result<BackupFacts>> {
  let header: BackupHeader | undefined;
  let rows = 0;
  const sealedBy: BackupSeal['by'][] = [];
  async function* whole(): AsyncGenerator<string> {
    const sum = new BackupSum();
    for await (const line of readBackup(lines, path)) {
      if (line.kind === 'header') header = line.header;
      if (line.kind === 'rows') rows += line.rows.rows.length;
      if (line.kind === 'seal') sealedBy.push(line.seal.by);
      onRows(rows);
      yield sum.add(line.text);
    }
    if (sealing) yield* sealed(sum, sealing);
    yield sum.endLine();
  }
  const written = await writeBackupFile(path, whole());
  if (!written.ok) return written;
  const { server, madeAt, epoch, revision } = header as BackupHeader;
  if (sealing) sealedBy.push('passphrase');
  return ok({ server, madeAt, epoch, revision, rows, secrets: [...(sealing?.files?.keys() ?? [])], sealedBy });
}

function* sealed(sum: BackupSum, { passphrase, files }: PassphraseSeal): Generator<string> {
  if (files) yield sum.add(JSON.stringify({ secrets: sealSecrets(files, passphrase, sum.soFar()) }));
  yield sum.sealLine(sealByPassphrase(passphrase, sum.soFar()));
}
