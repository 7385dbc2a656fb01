import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { type Failure, FailureError, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { HintCoalescer } from '../hint-coalescer.ts';
import type { OpenedStore } from '../store.ts';
import { storeFacade } from '../store-facade.ts';
import { type OperationName, operationOf } from '../store-operations.ts';
import type { Written } from '../written.ts';
import type { SqliteOptions } from './sqlite-database.ts';
import type { SqliteAnswer, SqliteReport, SqliteRequest } from './sqlite-protocol.ts';

/** How to open the store of a single box. */
export interface SqliteStoreOptions extends SqliteOptions {
  readonly clock: Clock;
}

/**
 * Opens or creates the database file and starts the thread that owns it.
 * Fails with DATA_FOLDER_NOT_WRITABLE, DATABASE_NEWER, DATABASE_CORRUPT, DATABASE_IN_USE or STORE_UNAVAILABLE. Damage inside the file is found
 * by `verify`, or here before an older schema is changed.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Result<OpenedStore>> {
  const { clock, ...workerData } = options;
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData });
  const first = await new Promise<SqliteReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (first.kind === 'refused') {
    await worker.terminate();
    return err(first.failure);
  }
  return ok(new SqliteEngine(worker, clock).store);
}

interface Waiting {
  readonly settle: (answer: SqliteAnswer) => void;
}

/** The store of a single box: a thread with the database, and the change feed in this process. */
class SqliteEngine {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #hints = new HintCoalescer();
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  /** Why nothing is accepted any more. */
  #over: string | undefined;

  constructor(worker: Worker, clock: Clock) {
    this.#worker = worker;
    this.#clock = clock;
    this.#ended = new Promise(resolve => worker.once('exit', () => resolve()));
    worker.on('message', (report: SqliteReport) => this.#take(report));
    worker.on('error', error => this.#end(`its thread failed: ${error instanceof Error ? error.message : String(error)}`));
    worker.on('exit', () => this.#end('it is closed'));
  }

  /** The store with all its operations. */
  get store(): OpenedStore {
    return {
      ...storeFacade((name, args) => this.#call(name, args)),
      onHint: listener => this.#hints.listen(listener),
      verify: () => this.#verify(),
      close: () => this.#close(),
    };
  }

  async #verify(): Promise<Result<void>> {
    const answer = await this.#ask(id => ({ kind: 'verify', id }));
    if (answer.kind === 'value') return ok(undefined);
    if (answer.kind === 'failed') return err(answer.failure);
    throw answer.error;
  }

  async #close(): Promise<void> {
    if (this.#over === undefined) {
      this.#over = 'it is closed';
      this.#worker.postMessage({ kind: 'close' } satisfies SqliteRequest);
    }
    await this.#ended;
  }

  async #call(name: OperationName, args: readonly unknown[]): Promise<unknown> {
    const operation = operationOf(name);
    const answer = await this.#ask(id =>
      operation.kind === 'read' ? { kind: 'read', id, name, args } : { kind: 'write', id, name, atMs: this.#clock.now(), args },
    );
    if (answer.kind === 'fault') throw answer.error;
    if (operation.kind === 'write') {
      return answer.kind === 'failed' ? err(answer.failure) : ok((answer.value as Written<unknown>).value);
    }
    if (answer.kind === 'failed') throw new FailureError(answer.failure);
    return operation.finish(operation.asText ? JSON.parse(answer.value as string) : answer.value);
  }

  #ask(request: (id: number) => SqliteRequest): Promise<SqliteAnswer> {
    const id = this.#nextId++;
    if (this.#over !== undefined) return Promise.resolve({ kind: 'failed', id, failure: unavailable(this.#over) });
    return new Promise(resolve => {
      this.#waiting.set(id, { settle: resolve });
      this.#worker.postMessage(request(id));
    });
  }

  #take(report: SqliteReport): void {
    if (report.kind !== 'answers') return;
    for (const answer of report.answers) {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.kind === 'value') this.#hints.add((answer.value as Partial<Written<unknown>> | undefined)?.hints ?? []);
      waiting?.settle(answer);
    }
  }

  /** Whatever was not answered is unknown to be durable, so it counts as not done. */
  #end(reason: string): void {
    this.#over ??= reason;
    for (const [id, waiting] of this.#waiting) waiting.settle({ kind: 'failed', id, failure: unavailable(reason) });
    this.#waiting.clear();
  }
}

function unavailable(reason: string): Failure {
  return failure('STORE_UNAVAILABLE', { reason });
}
