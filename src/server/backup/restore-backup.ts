import { lchownSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { type Failure, FailureError, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type BackupHeader, type BackupSeal, BackupSum, damaged, readBackup } from '../../store/backup/backup-format.ts';
import type { RestoredState } from '../../store/backup/backup-rows.ts';
import type { TableRows } from '../../store/backup/table-rows.ts';
import { prepareDataFolder } from '../data-folder.ts';
import { databaseFile, openStore, postgresAddress } from '../open-store.ts';
import type { FrontEndServerConfiguration } from '../server-configuration.ts';
import { backupFileLines } from './backup-file.ts';
import { checkSeal } from './backup-seal.ts';
import { makeBackup, serverBackupLines } from './make-backup.ts';
import { openSecrets, readPassphrase } from './sealed-secrets.ts';
import {
  acceptLostSealKeys,
  missingSecrets,
  readSecrets,
  replaceSecrets,
  type SecretFiles,
  secretsFolder,
} from './secrets-folder.ts';

/** What to restore, and how. */
export interface RestoreOrder {
  readonly file: string;
  readonly configuration: FrontEndServerConfiguration;
  readonly passphraseFile?: string;
  /** Restore although secrets are missing. */
  readonly withoutSecrets: boolean;
  /** Restore although nothing proves that it is as it was made. */
  readonly acceptUnsealed: boolean;
}

/** A backup that was read to its end and can be restored here. */
export interface RestorePlan {
  readonly order: RestoreOrder;
  readonly header: BackupHeader;
  /** SHA-256 of all lines that were looked at: what is restored has the same. */
  readonly sum: string;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Secrets from the file that take the place of those here; absent = those here stay. */
  readonly secrets?: SecretFiles;
  /** What is lost, one sentence each. */
  readonly losses: readonly string[];
}

/** What a restore has done. */
export interface Restored {
  readonly epoch: number;
  /** Where what was there before is kept. */
  readonly kept: readonly string[];
}

interface Contents {
  readonly header: BackupHeader;
  readonly sum: string;
  readonly rows: Record<string, number>;
  readonly sealKeys: ReadonlySet<string>;
  readonly openSealed: ((passphrase: string) => SecretFiles) | undefined;
  readonly seals: readonly SealOver[];
}

/** A seal and the sum of the lines that it is over. */
interface SealOver {
  readonly seal: BackupSeal;
  readonly sum: string;
}

/**
 * Reads a backup to its end and looks whether everything it needs is there; changes nothing.
 * Fails with BACKUP_DAMAGED, BACKUP_NEWER, FILE_NOT_READ, BACKUP_PASSPHRASE_WRONG, BACKUP_SEAL_BROKEN, BACKUP_NOT_SEALED, PASSWORD_FILE_UNUSABLE
 * or RESTORE_SECRETS_MISSING.
 */
export async function planRestore(
  order: RestoreOrder,
  onRows: (rows: number) => void = () => undefined,
): Promise<Result<RestorePlan>> {
  const { file, configuration, passphraseFile, withoutSecrets } = order;
  try {
    const { header, sum, rows, sealKeys, openSealed, seals } = await readContents(file, onRows);
    const own = readSecrets(configuration.dataFolder);
    if (!own.ok) return own;
    const passphrase = passphraseFile === undefined ? ok(undefined) : readPassphrase(passphraseFile, '');
    if (!passphrase.ok) return passphrase;
    // opened secrets prove all that stands before them, too: so did backups before they were sealed
    const secrets = passphrase.value === undefined ? undefined : openSealed?.(passphrase.value);
    const sealed = checkSeals(order, seals, { secrets: own.value, passphrase: passphrase.value }, secrets !== undefined);
    if (!sealed.ok && sealed.error.code !== 'BACKUP_NOT_SEALED') return sealed;
    const missing = missingSecrets({ sealKeys, snapshotKey: header.snapshotKey }, secrets ?? own.value);
    if (missing.length > 0 && !withoutSecrets) {
      if (openSealed && !secrets) return readPassphrase(undefined, `Opening the secrets in ${file}`) as Result<never>;
      return err(secretsMissing(missing, secretsFolder(configuration.dataFolder)));
    }
    if (!sealed.ok) return sealed;
    return ok({ order, header, sum, rows, losses: missing.map(({ loss }) => loss), ...(secrets ? { secrets } : {}) });
  } catch (fault) {
    if (fault instanceof FailureError) return err(fault.failure);
    throw fault;
  }
}

async function readContents(file: string, onRows: (rows: number) => void): Promise<Contents> {
  const rows: Record<string, number> = {};
  const sealKeys = new Set<string>();
  let header: BackupHeader | undefined;
  let openSealed: Contents['openSealed'];
  const seals: SealOver[] = [];
  const sum = new BackupSum();
  let total = 0;
  for await (const line of readBackup(backupFileLines(file), file)) {
    sum.add(line.text);
    if (line.kind === 'header') header = line.header;
    else if (line.kind === 'seal') seals.push({ seal: line.seal, sum: line.sumBefore });
    else if (line.kind === 'secrets') openSealed = passphrase => openSecrets(line.secrets, passphrase, line.sumBefore, file);
    else {
      const { table } = line.rows;
      rows[table] = (rows[table] ?? 0) + line.rows.rows.length;
      onRows((total += line.rows.rows.length));
      if (table === 'user_credentials') addSealKeys(line.rows, sealKeys);
    }
  }
  return { header: header as BackupHeader, sum: sum.soFar(), rows, sealKeys, openSealed, seals };
}

/**
 * Whether a backup is as it was made. With a passphrase its own seal has to hold, which is over everything; else that of a server whose keys are here.
 * Fails with BACKUP_PASSPHRASE_WRONG, BACKUP_SEAL_BROKEN or BACKUP_NOT_SEALED.
 */
function checkSeals(
  { file, acceptUnsealed }: RestoreOrder,
  seals: readonly SealOver[],
  known: Parameters<typeof checkSeal>[2],
  isProven: boolean,
): Result<void> {
  const by = known.passphrase === undefined ? 'server' : 'passphrase';
  const verdicts = seals.filter(({ seal }) => seal.by === by).map(({ seal, sum }) => checkSeal(seal, sum, known));
  if (verdicts.includes(false)) return err(failure(by === 'server' ? 'BACKUP_SEAL_BROKEN' : 'BACKUP_PASSPHRASE_WRONG', { file }));
  if (verdicts.includes(true) || isProven || acceptUnsealed) return ok(undefined);
  return err(failure('BACKUP_NOT_SEALED', { file, reason: whyUnproven(seals, by) }));
}

function whyUnproven(seals: readonly SealOver[], by: BackupSeal['by']): string {
  if (seals.length === 0) return 'it has no seal';
  if (by === 'passphrase') return 'the passphrase has not sealed it';
  return seals.some(({ seal }) => seal.by === 'passphrase')
    ? 'it is sealed with a passphrase, and by keys that are not here'
    : 'it is sealed by keys that are not here';
}

function addSealKeys({ columns, rows }: TableRows, to: Set<string>): void {
  const at = columns.indexOf('key_id');
  for (const row of rows) to.add(String(row[at]));
}

function secretsMissing(missing: readonly { readonly name: string; readonly loss: string }[], folder: string): Failure {
  return failure('RESTORE_SECRETS_MISSING', {
    folder,
    missing: missing.map(({ name }) => name).join(' and '),
    loss: missing.map(({ loss }) => loss).join(', and '),
  });
}

/**
 * Replaces store and secrets by the backup's; what was there is kept beside. Fails with RESTORE_STORE_IN_USE while a server runs,
 * DATA_FOLDER_NOT_WRITABLE, or as the store and files do.
 */
export async function performRestore(plan: RestorePlan, clock: Clock): Promise<Result<Restored>> {
  const { configuration } = plan.order;
  const owner = ownerOf(configuration.dataFolder);
  const folder = prepareDataFolder(configuration.dataFolder);
  if (!folder.ok) return folder;
  const stamp = new Date(clock.now()).toISOString().replace(/[:.]/g, '-');
  try {
    const restored = await (configuration.store.url === 'sqlite'
      ? restoreFile(plan, clock, stamp)
      : restoreDatabase(plan, clock, stamp));
    if (restored.ok) giveTo(owner, configuration.dataFolder);
    return restored;
  } catch (fault) {
    if (fault instanceof FailureError) return err(fault.failure);
    throw fault;
  }
}

/** Whom the data folder belongs to; where it is not there yet, the one it is made in. */
function ownerOf(dataFolder: string): Pick<Stats, 'uid' | 'gid'> {
  return statSync(dataFolder, { throwIfNoEntry: false }) ?? ownerOf(dirname(dataFolder));
}

/** An admin restores as root, and the server runs as another account. */
function giveTo({ uid, gid }: Pick<Stats, 'uid' | 'gid'>, dataFolder: string): void {
  if (process.getuid?.() !== 0) return;
  lchownSync(dataFolder, uid, gid);
  for (const name of readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })) lchownSync(join(dataFolder, name), uid, gid);
}

async function restoreFile(plan: RestorePlan, clock: Clock, stamp: string): Promise<Result<Restored>> {
  const path = databaseFile(plan.order.configuration.dataFolder);
  const { inspectSqlite, restoreSqlite } = await import('../../store/sqlite/sqlite-restore.ts');
  const former = inspectSqlite(path);
  if (!former.ok) return former;
  const state = stateOf(plan, former.value.epoch, clock);
  const keepAs = `${path}.before-restore-${stamp}`;
  const restored = await restoreSqlite(path, keepAs, state);
  if (!restored.ok) return restored;
  const secrets = restoreSecrets(plan, stamp);
  if (!secrets.ok) return secrets;
  return ok({ epoch: state.epoch, kept: [...(former.value.exists ? [keepAs] : []), ...secrets.value] });
}

/** A database on a server of its own has no file to keep: a backup of it is made first. */
async function restoreDatabase(plan: RestorePlan, clock: Clock, stamp: string): Promise<Result<Restored>> {
  const { configuration } = plan.order;
  const address = postgresAddress(configuration.store);
  if (!address.ok) return address;
  const keepAs = join(configuration.dataFolder, `before-restore-${stamp}.parley-backup`);
  const former = await openStore(configuration, clock);
  if (!former.ok) return former;
  const saved = await makeBackup(keepAs, serverBackupLines(former.value, configuration, clock), undefined);
  await former.value.close();
  if (!saved.ok) return saved;
  const state = stateOf(plan, saved.value.epoch, clock);
  const { restorePostgres } = await import('../../store/postgres/postgres-restore.ts');
  const restored = await restorePostgres(address.value, state);
  if (!restored.ok) {
    rmSync(keepAs, { force: true });
    return restored;
  }
  const secrets = restoreSecrets(plan, stamp);
  return secrets.ok ? ok({ epoch: state.epoch, kept: [keepAs, ...secrets.value] }) : secrets;
}

function restoreSecrets({ order, secrets }: RestorePlan, stamp: string): Result<readonly string[]> {
  const { dataFolder } = order.configuration;
  if (!secrets) {
    if (order.withoutSecrets) acceptLostSealKeys(dataFolder);
    return ok([]);
  }
  const own = readSecrets(dataFolder);
  const keepAs = `${secretsFolder(dataFolder)}.before-restore-${stamp}`;
  const replaced = replaceSecrets(dataFolder, secrets, keepAs);
  if (!replaced.ok) return replaced;
  return ok(own.ok && own.value.size > 0 ? [keepAs] : []);
}

/**
 * The new epoch is the second of the restore, or more where that was reached: also two restores of one backup on two new machines, which
 * know nothing of each other, follow each other in the eyes of an Edge.
 */
function stateOf({ header, order, sum }: RestorePlan, former: number | undefined, clock: Clock): RestoredState {
  const atMs = clock.now();
  const epoch = Math.max(header.epoch + 1, (former ?? 0) + 1, Math.floor(atMs / 1000));
  const summary = `parley restore: backup of ${header.server}, ${header.madeAt}, revision ${header.revision}`;
  return { schema: header.schema, rows: rowsOf(order.file, sum), epoch, atMs, summary };
}

/** The rows of a file that was looked at before; throws FailureError with BACKUP_DAMAGED at its end where it is another one by now. */
async function* rowsOf(file: string, expected: string): AsyncGenerator<TableRows> {
  const sum = new BackupSum();
  for await (const line of readBackup(backupFileLines(file), file)) {
    sum.add(line.text);
    if (line.kind === 'rows') yield line.rows;
  }
  if (sum.soFar() !== expected) throw damaged(file, 'it was changed while it was restored');
}
