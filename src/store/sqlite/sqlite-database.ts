import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { failure } from '../../base/failure.ts';
import { makingProblem } from '../../base/file-problem.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { appliedMigrations, migrateToNewest, newerSchema, newestSchema } from '../migrations/migrate.ts';
import type { Database, Schema } from '../schema.ts';
import { loadOperations, type OperationRuns } from '../store-operations.ts';
import { OpenFiles } from './open-files.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { openFailure } from './sqlite-failure.ts';

/** How to open the file. */
export interface SqliteOptions {
  readonly path: string;
  /** The file may not grow beyond this; writes then fail with STORE_UNAVAILABLE. No limit but the disk when absent. */
  readonly maxBytes?: number;
}

/** An open, migrated database: the connection, and Kysely on the same connection. */
export interface SqliteDatabase {
  readonly path: string;
  readonly connection: DatabaseSync;
  readonly db: Database;
  readonly operations: OperationRuns;
  readonly files: OpenFiles;
}

/** A restarting process may still hold the file for a moment. */
const busyTimeoutMs = 2_000;

/** Opens or creates the file. Fails with DATA_FOLDER_NOT_WRITABLE, DATABASE_NEWER, DATABASE_CORRUPT, DATABASE_IN_USE, STORE_UNAVAILABLE. */
export async function openSqliteDatabase(options: SqliteOptions): Promise<Result<SqliteDatabase>> {
  const { path } = options;
  try {
    makeFolder(dirname(path));
    // Made here and not by SQLite: sealed secrets are for the owner's eyes, and SQLite gives its side files the same mode.
    closeSync(openSync(path, 'a', 0o600));
  } catch (cause) {
    return err(failure('DATA_FOLDER_NOT_WRITABLE', { path: dirname(path), reason: makingProblem(cause) }, cause));
  }
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
    prepareConnection(connection, options);
    const opened = await migrate(connection, path);
    if (!opened.ok) connection.close();
    return opened;
  } catch (error) {
    if (connection?.isOpen) connection.close();
    const known = openFailure(path, error);
    if (known) return err(known);
    throw error;
  }
}

/** One process owns the file (D21): the lock is taken for good, and dies with the process. */
function prepareConnection(connection: DatabaseSync, options: SqliteOptions): void {
  connection.exec('PRAGMA locking_mode = EXCLUSIVE');
  connection.exec('PRAGMA journal_mode = WAL');
  // FULL: the write-ahead log is on the disk before a commit returns.
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA cache_size = -32000');
  connection.exec('BEGIN EXCLUSIVE; COMMIT');
  if (options.maxBytes !== undefined) {
    const page = connection.prepare('PRAGMA page_size').get() as { page_size: number };
    connection.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maxBytes / page.page_size))}`);
  }
}

/** Goes through all pages of the file. Fails with DATABASE_CORRUPT; throws what SQLite throws when it cannot even do that. */
export function checkPages(connection: DatabaseSync, path: string): Result<void> {
  const row = connection.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (row.quick_check === 'ok') return ok(undefined);
  // above it stands which of the attached files is meant, and there is one only
  const reason = row.quick_check.split('\n').at(-1) ?? '';
  return err(failure('DATABASE_CORRUPT', { path, reason }));
}

async function migrate(connection: DatabaseSync, path: string): Promise<Result<SqliteDatabase>> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
  const applied = await appliedMigrations(db);
  const newer = newerSchema(applied);
  if (newer !== undefined) return err(failure('DATABASE_NEWER', { path, found: newer, known: newestSchema }));
  if (applied[0] === newestSchema)
    return ok({ path, connection, db, files: new OpenFiles(path), operations: await loadOperations() });
  // the rows of a damaged file are not to be rewritten
  const checked = checkPages(connection, path);
  if (!checked.ok) return checked;
  connection.exec('BEGIN IMMEDIATE');
  try {
    await migrateToNewest(db);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
  return ok({ path, connection, db, files: new OpenFiles(path), operations: await loadOperations() });
}
