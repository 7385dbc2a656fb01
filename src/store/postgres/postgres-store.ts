import { Kysely, PostgresDialect } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { FailureError, failure } from '../../base/failure.ts';
import { randomToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import type { ConfigurationChange } from '../../model/configuration-change.ts';
import type { ConfigurationDocument } from '../../model/configuration-object.ts';
import type { ConfigurationVersion } from '../../model/configuration-version.ts';
import type { Aor, UserId } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import { readBackupHistory, readBackupState } from '../backup/backup-rows.ts';
import { readBindings } from '../binding-repository.ts';
import { readConfiguration, readConfigurationChange } from '../configuration-repository.ts';
import { HintCoalescer } from '../hint-coalescer.ts';
import { unpackConfiguration } from '../packed-configuration.ts';
import { readRevisions } from '../revision-repository.ts';
import type { Database, Schema } from '../schema.ts';
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
import { readCredentials, readUsers, type UserFilter } from '../user-repository.ts';
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
  const feed = new PostgresFeed({ config, schema: schema.value, origin, clock, onHints: heard => hints.add(heard) });
  try {
    await feed.open();
  } catch (error) {
    await feed.close();
    const known = postgresOpenFailure(connection.value.server, error);
    if (known) return err(known);
    throw error;
  }
  return ok(new PostgresStore({ db, clock, channel, origin }, feed, hints));
}

/** Removes a schema with all that a store kept in it. Fails with POSTGRES_REFUSED or STORE_UNAVAILABLE. */
export async function dropPostgresStore(address: PostgresAddress & { readonly schema: string }): Promise<Result<void>> {
  const connection = postgresConnection(address);
  return connection.ok ? dropPostgresSchema(connection.value, address.schema) : connection;
}

/** The store that the servers of a pool share. */
class PostgresStore implements OpenedStore {
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

  async readConfiguration(): Promise<ConfigurationDocument> {
    return unpackConfiguration(await this.#read(readConfiguration));
  }

  readConfigurationChange(since: ConfigurationVersion): Promise<ConfigurationChange | undefined> {
    return this.#read(db => readConfigurationChange(db, since));
  }

  async commit(change: ChangeSet): Promise<Result<Committed>> {
    const input = { change, atMs: this.#context.clock.now() };
    const committed = await this.#write<Committed>(this.#commits, { name: 'commit', input });
    if (committed.ok) this.#feed.wrote(revisionOf(committed.value));
    return committed;
  }

  readRevisions(limit: number, before?: number): Promise<readonly Revision[]> {
    return this.#read(db => readRevisions(db, limit, before));
  }

  readUsers(filter: UserFilter = {}): Promise<readonly User[]> {
    return this.#read(db => readUsers(db, filter));
  }

  readCredentials(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, SealedCredential>> {
    return this.#read(db => readCredentials(db, ids));
  }

  writeBindings(upserts: readonly Binding[], removals: readonly BindingKey[]): Promise<Result<void>> {
    return this.#write<void>(this.#bindings, { name: 'writeBindings', input: { upserts, removals } });
  }

  readBindings(aors?: readonly Aor[]): Promise<readonly Binding[]> {
    return this.#read(db => readBindings(db, aors));
  }

  forgetIncarnations(node: string, except: string): Promise<Result<void>> {
    return this.#write<void>(this.#bindings, { name: 'forgetIncarnations', input: { node, except } });
  }

  readBackupState(): Promise<BackupState> {
    return this.#read(readBackupState);
  }

  readBackupHistory(after: number, upTo: number): Promise<BackupHistory> {
    return this.#read(db => readBackupHistory(db, { after, upTo }));
  }

  verify(): Promise<Result<void>> {
    return Promise.resolve(ok(undefined));
  }

  onHint(listener: (hint: StoreHint) => void): () => void {
    return this.#hints.listen(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  /** Several statements see one state of the database. */
  async #read<T>(run: (db: Database) => Promise<T>): Promise<T> {
    if (this.#closing) throw new FailureError(closedFailure());
    const reading = this.#context.db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(run);
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

  async #write<T>(lane: WriteLane, request: WriteRequest): Promise<Result<T>> {
    if (this.#closing) return err(closedFailure());
    const answer = await lane.add(request);
    if (answer.kind === 'fault') throw answer.error;
    this.#hints.add(answer.hints);
    return answer.kind === 'written' ? ok(answer.value as T) : err(answer.failure);
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
