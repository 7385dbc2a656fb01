import { Kysely, PostgresDialect } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { FailureError, failure } from '../../base/failure.ts';
import { randomToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { HintCoalescer } from '../hint-coalescer.ts';
import type { Schema } from '../schema.ts';
import type { Committed, OpenedStore } from '../store.ts';
import { storeFacade } from '../store-facade.ts';
import { loadOperations, type OperationName, operationOf } from '../store-operations.ts';
import { openPool, type PostgresAddress, postgresConnection } from './postgres-connection.ts';
import { dropPostgresSchema, preparePostgres } from './postgres-database.ts';
import { postgresOpenFailure, unavailableFailure } from './postgres-failure.ts';
import { PostgresFeed } from './postgres-feed.ts';
import { WriteLane } from './write-lane.ts';
import { revisionOf, runWrites, type WriteContext, type WriteRequest } from './write-transaction.ts';

/** How to open the store of a pool. */
export interface PostgresStoreOptions extends PostgresAddress {
  readonly clock: Clock;
  /** Connections for reads and writes; one more listens. */
  readonly poolSize?: number;
}

const defaultPoolSize = 10;
/** Binding writes that share one transaction at most. */
const maxBindingGroup = 256;

/**
 * Opens a PostgreSQL database, which several servers may share, and brings its schema up to date.
 * Fails with POSTGRES_REFUSED, DATABASE_NEWER or STORE_UNAVAILABLE.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Result<OpenedStore>> {
  const { clock, poolSize = defaultPoolSize } = options;
  const connection = postgresConnection(options);
  if (!connection.ok) return connection;
  const schema = await preparePostgres(connection.value, options.schema);
  if (!schema.ok) return schema;
  const { name, channel } = schema.value;
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(connection.value, name, poolSize) }) });
  const origin = randomToken(8);
  const hints = new HintCoalescer();
  const { config } = connection.value;
  const feed = new PostgresFeed({
    config,
    schema: schema.value,
    origin,
    clock,
    onHints: heard => hints.add(heard),
  });
  try {
    await feed.open();
  } catch (error) {
    await feed.close();
    const known = postgresOpenFailure(connection.value.server, error);
    if (known) return err(known);
    throw error;
  }
  return ok(new PostgresEngine({ db, operations: await loadOperations(), clock, channel, origin }, feed, hints).store);
}

/** Removes a schema with all that a store kept in it. Fails with POSTGRES_REFUSED or STORE_UNAVAILABLE. */
export async function dropPostgresStore(address: PostgresAddress & { readonly schema: string }): Promise<Result<void>> {
  const connection = postgresConnection(address);
  return connection.ok ? dropPostgresSchema(connection.value, address.schema) : connection;
}

/** The store that the servers of a pool share. */
class PostgresEngine {
  readonly #context: WriteContext;
  readonly #feed: PostgresFeed;
  readonly #hints: HintCoalescer;
  readonly #reading = new Set<Promise<unknown>>();
  /** Commits follow each other: the store state row would make them wait for each other anyway. */
  readonly #commits: WriteLane;
  readonly #bindings: WriteLane;
  #closing: Promise<void> | undefined;

  constructor(context: WriteContext, feed: PostgresFeed, hints: HintCoalescer) {
    this.#context = context;
    this.#feed = feed;
    this.#hints = hints;
    this.#commits = new WriteLane(1, requests => runWrites(context, requests));
    this.#bindings = new WriteLane(maxBindingGroup, requests => runWrites(context, requests));
  }

  /** The store with all its operations. A database server sees to what is stored itself. */
  get store(): OpenedStore {
    return {
      ...storeFacade((name, args) => this.#call(name, args)),
      onHint: listener => this.#hints.listen(listener),
      verify: () => Promise.resolve(ok(undefined)),
      close: () => (this.#closing ??= this.#finish()),
    };
  }

  async #call(name: OperationName, args: readonly unknown[]): Promise<unknown> {
    const operation = operationOf(name);
    if (operation.kind === 'read') return operation.finish(await this.#read(name, args));
    const lane = operation.lane === 'revisions' ? this.#commits : this.#bindings;
    const written = await this.#write(lane, { name, atMs: this.#context.clock.now(), args });
    if (written.ok && operation.lane === 'revisions') this.#feed.wrote(revisionOf(written.value as Committed));
    return written;
  }

  /** Several statements see one state of the database. */
  async #read(name: OperationName, args: readonly unknown[]): Promise<unknown> {
    if (this.#closing) throw new FailureError(closedFailure());
    const { db, operations } = this.#context;
    const run = operations.get(name);
    if (!run) throw new Error(`there is no operation ${name}`);
    const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
    const reading = transaction.execute(inside => run(inside, ...args));
    this.#reading.add(reading);
    try {
      return await reading;
    } catch (error) {
      const unavailable = unavailableFailure(error);
      throw unavailable ? new FailureError(unavailable) : error;
    } finally {
      this.#reading.delete(reading);
    }
  }

  async #write(lane: WriteLane, request: WriteRequest): Promise<Result<unknown>> {
    if (this.#closing) return err(closedFailure());
    const answer = await lane.add(request);
    if (answer.kind === 'fault') throw answer.error;
    this.#hints.add(answer.hints);
    return answer.kind === 'written' ? ok(answer.value) : err(answer.failure);
  }

  async #finish(): Promise<void> {
    await Promise.all([this.#commits.idle(), this.#bindings.idle(), Promise.allSettled([...this.#reading])]);
    await this.#feed.close();
    await this.#context.db.destroy();
  }
}

function closedFailure() {
  return failure('STORE_UNAVAILABLE', { reason: 'it is closed' });
}
