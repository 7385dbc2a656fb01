import { sql } from 'kysely';
import { inChunks, rowsPerStatement } from '../chunks.ts';
import { migrateToNewest, migrateToSchema, newestSchema } from '../migrations/migrate.ts';
import { startRevision, writeRevision } from '../revision-repository.ts';
import type { Database } from '../schema.ts';
import type { BackupHistory, BackupState } from '../store.ts';
import { stateTables } from './backup-tables.ts';
import type { TableRows } from './table-rows.ts';

/** Revisions read at a time: one of a bulk change has thousands of rows, and requests wait meanwhile. */
const revisionsPerRead = 10;

/** Reads the present state, all of it at one moment. */
export async function readBackupState(db: Database): Promise<BackupState> {
  const state = await db.selectFrom('store_state').select(['epoch', 'revision']).where('id', '=', 1).executeTakeFirstOrThrow();
  const pieces: string[] = [];
  for (const table of stateTables) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db);
    pieces.push(...piecesOf(table, rows));
  }
  return { schema: newestSchema, ...state, pieces };
}

/** Reads some revisions after `after`, up to `upTo`, with their changes. */
export async function readBackupHistory(db: Database, after: number, upTo: number): Promise<BackupHistory> {
  const revisions = await db
    .selectFrom('revisions')
    .selectAll()
    .where('number', '>', after)
    .where('number', '<=', upTo)
    .orderBy('number')
    .limit(revisionsPerRead)
    .execute();
  const last = revisions.at(-1)?.number ?? upTo;
  const changes = await db
    .selectFrom('revision_changes')
    .selectAll()
    .where('revision', '>', after)
    .where('revision', '<=', last)
    .orderBy('revision')
    .orderBy('position')
    .execute();
  return { pieces: [...piecesOf('revisions', revisions), ...piecesOf('revision_changes', changes)], last };
}

function piecesOf(table: string, rows: readonly object[]): string[] {
  const pieces: string[] = [];
  for (const chunk of inChunks(rows)) {
    const columns = Object.keys(chunk[0] ?? {});
    pieces.push(JSON.stringify({ table, columns, rows: chunk.map(row => Object.values(row)) }));
  }
  return pieces;
}

/** What a store is to become. */
export interface RestoredState {
  /** The migration that the rows are of. */
  readonly schema: string;
  readonly rows: AsyncIterable<TableRows>;
  /** Of the restored configuration: later than whatever nodes and Edges have seen (D20). */
  readonly epoch: number;
  readonly atMs: number;
  /** Stands in the history. */
  readonly summary: string;
}

/**
 * Fills an empty database inside the transaction that `db` works in: tables as the rows expect them, the rows, the later migrations, then the
 * new epoch with a revision that says so. `place`: the database schema, on an engine that has several.
 */
export async function fillStore(db: Database, state: RestoredState, place?: string): Promise<void> {
  await migrateToSchema(db, state.schema, place);
  for await (const rows of state.rows) await insertRows(db, rows);
  await migrateToNewest(db, place);
  const { epoch, atMs, summary } = state;
  const { number } = await startRevision(db);
  await db.updateTable('store_state').set({ epoch, configuration: number, timeline: null }).where('id', '=', 1).execute();
  await writeRevision(db, { number, epoch, atMs, author: 'restore', summary, changes: [] });
}

async function insertRows(db: Database, { table, columns, rows }: TableRows): Promise<void> {
  const names = sql.join(columns.map(column => sql.ref(column)));
  for (const chunk of inChunks(rows, rowsPerStatement)) {
    const tuples = chunk.map(row => sql`(${sql.join(row)})`);
    await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(tuples)}`.execute(db);
  }
}
