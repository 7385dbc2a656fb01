import { parentPort, workerData } from 'node:worker_threads';
import { err, type Result } from '../../base/result.ts';
import { runReads, runWrites } from './group-commit.ts';
import { checkPages, openSqliteDatabase, type SqliteDatabase, type SqliteOptions } from './sqlite-database.ts';
import { openFailure } from './sqlite-failure.ts';
import type { SqliteAnswer, SqliteReport, SqliteRequest } from './sqlite-protocol.ts';

/** Writes that share one commit at most; a larger group would make its first member wait. */
const maxGroup = 256;

/** The thread that owns the database: takes everything queued, commits it as a group, answers. */
class SqliteWorker {
  readonly #database: SqliteDatabase;
  readonly #report: (report: SqliteReport) => void;
  #queue: SqliteRequest[] = [];
  #running = false;

  constructor(database: SqliteDatabase, report: (report: SqliteReport) => void) {
    this.#database = database;
    this.#report = report;
  }

  accept(request: SqliteRequest): void {
    this.#queue.push(request);
    if (this.#running) return;
    this.#running = true;
    // After all messages that are there already: they make one group.
    setImmediate(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, maxGroup);
      const writes = group.filter(request => request.kind === 'write');
      const reads = group.filter(request => request.kind === 'read');
      if (writes.length > 0) this.#report({ kind: 'answers', answers: await runWrites(this.#database, writes) });
      // Reads after the commit, so that nothing is ever shown that could still be lost.
      if (reads.length > 0) await runReads(this.#database, reads, answers => this.#report({ kind: 'answers', answers }));
      for (const request of group)
        if (request.kind === 'verify') this.#report({ kind: 'answers', answers: [this.#verify(request.id)] });
      if (group.some(request => request.kind === 'close')) return this.#close();
      await new Promise(resolve => setImmediate(resolve));
    }
    this.#running = false;
  }

  #verify(id: number): SqliteAnswer {
    const { path, connection } = this.#database;
    let checked: Result<void>;
    try {
      checked = checkPages(connection, path);
    } catch (error) {
      const known = openFailure(path, error);
      if (!known) return { kind: 'fault', id, error };
      checked = err(known);
    }
    return checked.ok ? { kind: 'value', id, value: undefined } : { kind: 'failed', id, failure: checked.error };
  }

  #close(): void {
    this.#database.connection.close();
    this.#report({ kind: 'closed' });
    parentPort?.close();
  }
}

async function start(options: SqliteOptions): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('the SQLite worker runs in a worker thread only');
  const opened = await openSqliteDatabase(options);
  if (!opened.ok) {
    // The cause may hold what cannot be cloned; text and details say it all.
    const { cause: _cause, ...failure } = opened.error;
    port.postMessage({ kind: 'refused', failure } satisfies SqliteReport);
    return;
  }
  const worker = new SqliteWorker(opened.value, report => port.postMessage(report));
  port.on('message', (request: SqliteRequest) => worker.accept(request));
  port.postMessage({ kind: 'opened' } satisfies SqliteReport);
}

await start(workerData as SqliteOptions);
