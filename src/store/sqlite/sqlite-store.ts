import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { type Failure, FailureError, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import type { ConfigurationChange } from '../../model/configuration-change.ts';
import type { ConfigurationDocument } from '../../model/configuration-object.ts';
import type { ConfigurationVersion } from '../../model/configuration-version.ts';
import type { Aor, UserId } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { Written } from '../commit-change-set.ts';
import { HintCoalescer } from '../hint-coalescer.ts';
import { unpackConfiguration } from '../packed-configuration.ts';
import type {
  BackupHistory,
  BackupState,
  BindingKey,
  ChangeSet,
  Committed,
  OpenedStore,
  Revision,
  SealedCredential,
  StoreHint,
} from '../store.ts';
import type { ReadInput, ReadName, ReadOutput, WriteInput, WriteName } from '../store-operations.ts';
import type { UserFilter } from '../user-repository.ts';
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
  return ok(new SqliteStore(worker, clock));
}

interface Waiting {
  readonly settle: (answer: SqliteAnswer) => void;
}

/** The store of a single box: a thread with the database, and the change feed in this process. */
class SqliteStore implements OpenedStore {
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

  async readConfiguration(): Promise<ConfigurationDocument> {
    return unpackConfiguration(await this.#read('readConfiguration', undefined));
  }

  readConfigurationChange(since: ConfigurationVersion): Promise<ConfigurationChange | undefined> {
    return this.#read('readConfigurationChange', since);
  }

  async commit(change: ChangeSet): Promise<Result<Committed>> {
    return this.#write<Committed>('commit', { change, atMs: this.#clock.now() });
  }

  async readRevisions(limit: number, before?: number): Promise<readonly Revision[]> {
    const input = before === undefined ? { limit } : { limit, before };
    return JSON.parse(await this.#read('readRevisions', input)) as readonly Revision[];
  }

  async readUsers(filter: UserFilter = {}): Promise<readonly User[]> {
    return JSON.parse(await this.#read('readUsers', filter)) as readonly User[];
  }

  readCredentials(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, SealedCredential>> {
    return this.#read('readCredentials', ids);
  }

  writeBindings(upserts: readonly Binding[], removals: readonly BindingKey[]): Promise<Result<void>> {
    return this.#write<void>('writeBindings', { upserts, removals });
  }

  async readBindings(aors?: readonly Aor[]): Promise<readonly Binding[]> {
    return JSON.parse(await this.#read('readBindings', aors)) as readonly Binding[];
  }

  forgetIncarnations(node: string, except: string): Promise<Result<void>> {
    return this.#write<void>('forgetIncarnations', { node, except });
  }

  readBackupState(): Promise<BackupState> {
    return this.#read('readBackupState', undefined);
  }

  readBackupHistory(after: number, upTo: number): Promise<BackupHistory> {
    return this.#read('readBackupHistory', { after, upTo });
  }

  onHint(listener: (hint: StoreHint) => void): () => void {
    return this.#hints.listen(listener);
  }

  async verify(): Promise<Result<void>> {
    const answer = await this.#ask(id => ({ kind: 'verify', id }));
    if (answer.kind === 'value') return ok(undefined);
    if (answer.kind === 'failed') return err(answer.failure);
    throw answer.error;
  }

  async close(): Promise<void> {
    if (this.#over === undefined) {
      this.#over = 'it is closed';
      this.#worker.postMessage({ kind: 'close' } satisfies SqliteRequest);
    }
    await this.#ended;
  }

  async #read<N extends ReadName>(name: N, input: ReadInput<N>): Promise<ReadOutput<N>> {
    const answer = await this.#ask(id => ({ kind: 'read', id, name, input }));
    if (answer.kind === 'value') return answer.value as ReadOutput<N>;
    if (answer.kind === 'failed') throw new FailureError(answer.failure);
    throw answer.error;
  }

  async #write<T>(name: WriteName, input: WriteInput<WriteName>): Promise<Result<T>> {
    const answer = await this.#ask(id => ({ kind: 'write', id, name, input }));
    if (answer.kind === 'value') return ok((answer.value as Written<T>).value);
    if (answer.kind === 'failed') return err(answer.failure);
    throw answer.error;
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
