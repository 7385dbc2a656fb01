import type { Failure } from '../../base/failure.ts';
import type { Result } from '../../base/result.ts';
import { type OperationName, operationOf } from '../store-operations.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { storeUnavailable } from './sqlite-failure.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite-protocol.ts';

/** Reads that took this long together are answered before the next begins. */
const slowReadMs = 5;

type ReadRequest = Extract<SqliteRequest, { kind: 'read' }>;
type WriteRequest = Extract<SqliteRequest, { kind: 'write' }>;

/**
 * Runs writes in one transaction with a savepoint each, so that many share one wait for the disk and each still succeeds or fails
 * alone. Answers only after the commit: what is answered as done is on disk, in the file that the next start opens (DATABASE_GONE where it is not).
 */
export async function runWrites(database: SqliteDatabase, requests: readonly WriteRequest[]): Promise<SqliteAnswer[]> {
  const { path, connection, files } = database;
  const before = files.problem;
  if (before) return refuseAll(requests, before);
  const answers: SqliteAnswer[] = [];
  try {
    connection.exec('BEGIN IMMEDIATE');
    for (const request of requests) answers.push(await runWrite(database, request));
    connection.exec('COMMIT');
    // taken away meanwhile: what was committed went with it
    const after = files.problem;
    return after ? refuseAll(requests, after) : answers;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    // Nothing of the group is kept. One by one, those that were not the reason still get through.
    if (requests.length === 1) return requests.map(request => answerError(path, request.id, error));
    const alone: SqliteAnswer[] = [];
    for (const request of requests) alone.push(...(await runWrites(database, [request])));
    return alone;
  }
}

function refuseAll(requests: readonly WriteRequest[], failure: Failure): SqliteAnswer[] {
  return requests.map(({ id }) => ({ kind: 'failed', id, failure }));
}

/** Throws only when the transaction itself cannot go on: SQLite gives it up as a whole when the disk is full or fails. */
async function runWrite(database: SqliteDatabase, request: WriteRequest): Promise<SqliteAnswer> {
  const { path, connection } = database;
  connection.exec('SAVEPOINT operation');
  try {
    const { name, atMs, args } = request;
    const result = (await runOf(database, name)(database.db, atMs, ...args)) as Result<unknown>;
    if (result.ok) {
      connection.exec('RELEASE operation');
      return { kind: 'value', id: request.id, value: result.value };
    }
    connection.exec('ROLLBACK TO operation; RELEASE operation');
    return { kind: 'failed', id: request.id, failure: result.error };
  } catch (error) {
    if (!connection.isTransaction) throw error;
    connection.exec('ROLLBACK TO operation; RELEASE operation');
    return answerError(path, request.id, error);
  }
}

/** Runs reads on one state of the database. Quick ones are answered together; a slow one does not wait for those after it. */
export async function runReads(
  database: SqliteDatabase,
  requests: readonly ReadRequest[],
  report: (answers: readonly SqliteAnswer[]) => void,
): Promise<void> {
  const { path, connection, files } = database;
  let answers: SqliteAnswer[] = [];
  let reportedMs = performance.now();
  connection.exec('BEGIN');
  for (const request of requests) {
    // who asks for the history asks whether it is kept; everything else is worth reading from what is still open
    const gone = request.name === 'readRevisions' ? files.problem : undefined;
    if (gone) {
      answers.push({ kind: 'failed', id: request.id, failure: gone });
      continue;
    }
    try {
      answers.push({ kind: 'value', id: request.id, value: await read(database, request) });
    } catch (error) {
      answers.push(answerError(path, request.id, error));
    }
    if (performance.now() - reportedMs < slowReadMs) continue;
    report(answers);
    answers = [];
    reportedMs = performance.now();
  }
  // there is nothing to keep, and after a damaged page a commit fails
  if (connection.isTransaction) connection.exec('ROLLBACK');
  if (answers.length > 0) report(answers);
}

async function read(database: SqliteDatabase, { name, args }: ReadRequest): Promise<unknown> {
  const found = await runOf(database, name)(database.db, ...args);
  const operation = operationOf(name);
  return operation.kind === 'read' && operation.asText ? JSON.stringify(found) : found;
}

function runOf({ operations }: SqliteDatabase, name: OperationName) {
  const run = operations.get(name);
  if (!run) throw new Error(`there is no operation ${name}`);
  return run;
}

function answerError(path: string, id: number, error: unknown): SqliteAnswer {
  const unavailable: Failure | undefined = storeUnavailable(error, path);
  return unavailable ? { kind: 'failed', id, failure: unavailable } : { kind: 'fault', id, error };
}
