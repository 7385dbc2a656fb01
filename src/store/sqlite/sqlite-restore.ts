import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { failure } from '../../base/failure.ts';
import { makingProblem } from '../../base/file-problem.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { fillStore, type RestoredState } from '../backup/backup-rows.ts';
import type { Schema } from '../schema.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { openFailure, sqliteCode } from './sqlite-failure.ts';

/** What was in the way of a restore. */
export interface FormerStore {
  /** Absent where there was no file, or none that can be read. */
  readonly epoch?: number;
  readonly exists: boolean;
}

/** Side files of a database that was not closed in order. */
const sideFiles = ['-wal', '-shm', '-journal'];
const busyTimeoutMs = 1_000;

/** Looks at the file that a restore would replace, whatever wrote it, damaged or not. Fails with RESTORE_STORE_IN_USE. */
export function inspectSqlite(path: string): Result<FormerStore> {
  if (!existsSync(path)) return ok({ exists: false });
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
    // closing as the only one writes the log back into the file, so that the file alone is the whole database
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    const row = connection.prepare('select epoch from store_state where id = 1').get() as { epoch: number } | undefined;
    return ok({ exists: true, ...(row ? { epoch: row.epoch } : {}) });
  } catch (error) {
    const code = sqliteCode(error);
    if (code === 5 || code === 6) return err(failure('RESTORE_STORE_IN_USE', { store: path }));
    return ok({ exists: true });
  } finally {
    connection?.close();
  }
}

/**
 * Makes the database anew beside the old one and puts it in its place in one step; the old one stays as `keepAs`. Whatever fails before that
 * step leaves the old one as it was. Fails with DATA_FOLDER_NOT_WRITABLE or STORE_UNAVAILABLE; throws what `state.rows` throws.
 */
export async function restoreSqlite(path: string, keepAs: string, state: RestoredState): Promise<Result<void>> {
  const fresh = `${path}.restoring`;
  let connection: DatabaseSync | undefined;
  try {
    removeDatabase(fresh);
    closeSync(openSync(fresh, 'w', 0o600));
    connection = new DatabaseSync(fresh);
    connection.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
    await fillStore(new Kysely<Schema>({ dialect: sqliteDialect(connection) }), state);
    connection.exec('COMMIT');
    connection.close();
    keepFormer(path, keepAs);
    renameSync(fresh, path);
    return ok(undefined);
  } catch (error) {
    if (connection?.isOpen) connection.close();
    removeDatabase(fresh);
    const known = openFailure(path, error) ?? fileFailure(path, error);
    if (known) return err(known);
    throw error;
  }
}

/** The old file gets a second name, so that at no moment there is none under the first. */
function keepFormer(path: string, keepAs: string): void {
  for (const side of sideFiles) if (existsSync(path + side)) renameSync(path + side, keepAs + side);
  if (!existsSync(path)) return;
  try {
    linkSync(path, keepAs);
  } catch {
    // a file system without hard links
    renameSync(path, keepAs);
  }
}

function removeDatabase(path: string): void {
  for (const side of ['', ...sideFiles]) rmSync(path + side, { force: true });
}

function fileFailure(path: string, error: unknown) {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  return failure('DATA_FOLDER_NOT_WRITABLE', { path, reason: makingProblem(error) }, error);
}
