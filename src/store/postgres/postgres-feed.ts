import { Client, type ClientConfig, escapeIdentifier, type Notification } from 'pg';
import type { Clock, Timer } from '../../base/clock.ts';
import { randomFraction } from '../../base/random.ts';
import { type ConfigurationVersion, compareVersions } from '../../model/configuration-version.ts';
import type { StoreHint } from '../store.ts';
import { readHintMessage } from './hint-message.ts';
import type { PostgresSchema } from './postgres-database.ts';
import { followTimeline } from './postgres-timeline.ts';

/** What a feed needs. */
export interface PostgresFeedOptions {
  readonly config: ClientConfig;
  readonly schema: PostgresSchema;
  /** This store, whose own messages are not for its own listeners. */
  readonly origin: string;
  readonly clock: Clock;
  /** Told what others wrote; `resync` after a gap. */
  readonly onHints: (hints: readonly StoreHint[]) => void;
}

/** The function that makes an advisory lock's key of a channel: a server that follows it holds the lock shared, a restore takes it alone. */
export const lockOfServers = 'hashtextextended';

/** The connection is asked for a sign of life this often (D19). */
const heartbeatMs = 5_000;
/** So many heartbeats in a row without an answer: the connection is dead, whatever TCP thinks. */
const maxMissedBeats = 2;
const firstRetryMs = 100;
const longestRetryMs = 5_000;

/**
 * The change feed of a database that several servers share: one connection that listens. The driver does not bring a lost one back, so
 * this does, with growing jittered pauses, and then says that hints may have been lost. Each heartbeat also compares the last revision with
 * the last one heard of: what was missed for whatever reason is found by that.
 */
export class PostgresFeed {
  readonly #options: PostgresFeedOptions;
  #client: Client | undefined;
  #retry: Timer | undefined;
  #heartbeat: Timer | undefined;
  #failures = 0;
  #missedBeats = 0;
  #closed = false;
  /** The last revision this store wrote or heard of. */
  #known: ConfigurationVersion = { epoch: 0, number: 0 };
  /** A later revision that the heartbeat before saw: its message may have been on its way then. */
  #ahead: ConfigurationVersion | undefined;

  constructor(options: PostgresFeedOptions) {
    this.#options = options;
  }

  /** Listens from when this resolves; rejects with what the driver says. */
  async open(): Promise<void> {
    await this.#connect();
    this.#heartbeat = this.#options.clock.every(heartbeatMs, () => this.#beat());
  }

  /** A revision that this store itself wrote. */
  wrote(revision: ConfigurationVersion): void {
    if (compareVersions(revision, this.#known) > 0) this.#known = revision;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    this.#heartbeat?.cancel();
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #connect(): Promise<void> {
    const { config, schema, origin, clock } = this.#options;
    const client = new Client({ ...config, application_name: 'parley change feed', query_timeout: heartbeatMs * maxMissedBeats });
    // While it connects an error is also the answer to `connect`; afterwards it is the end of the connection.
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', notification => this.#take(notification));
    try {
      await client.connect();
      await client.query(`select pg_advisory_lock_shared(${lockOfServers}($1, 0))`, [schema.channel]);
      await client.query(`listen ${escapeIdentifier(schema.channel)}`);
      // it may be another server than before
      await followTimeline(client, { schema, origin, atMs: clock.now() });
      this.#known = await this.#readRevision(client);
    } catch (error) {
      void client.end();
      throw error;
    }
    if (this.#closed) return void client.end();
    this.#client = client;
    this.#missedBeats = 0;
    this.#ahead = undefined;
    this.#failures = 0;
  }

  async #readRevision(client: Client): Promise<ConfigurationVersion> {
    const table = `${escapeIdentifier(this.#options.schema.name)}.store_state`;
    const { rows } = await client.query<ConfigurationVersion>(`select epoch, revision as number from ${table} where id = 1`);
    return rows[0] ?? { epoch: 0, number: 0 };
  }

  #take({ payload = '' }: Notification): void {
    const { origin, revision, hints } = readHintMessage(payload);
    if (revision && compareVersions(revision, this.#known) > 0) this.#known = revision;
    if (origin !== this.#options.origin) this.#options.onHints(hints);
  }

  #lost(client: Client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed) return;
    const pauseMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++);
    // Jittered: all servers lose their database in the same moment.
    this.#retry = this.#options.clock.after(pauseMs * (0.5 + randomFraction() / 2), () => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#connect();
    } catch {
      // Whatever the reason is, the store's own operations meet it too and report it.
      return this.#retryLater();
    }
    if (!this.#closed) this.#options.onHints([{ kind: 'resync' }]);
  }

  #beat(): void {
    const client = this.#client;
    if (!client) return;
    if (this.#missedBeats >= maxMissedBeats) {
      this.#lost(client);
      return void client.end();
    }
    if (this.#missedBeats++ > 0) return;
    this.#readRevision(client).then(
      current => {
        if (client !== this.#client) return;
        this.#missedBeats = 0;
        this.#sweep(current);
      },
      () => {
        this.#lost(client);
        void client.end();
      },
    );
  }

  #sweep(current: ConfigurationVersion): void {
    const overdue = this.#ahead !== undefined && compareVersions(this.#ahead, this.#known) > 0;
    this.#ahead = compareVersions(current, this.#known) > 0 ? current : undefined;
    if (!overdue) return;
    this.#known = current;
    this.#ahead = undefined;
    this.#options.onHints([{ kind: 'resync' }]);
  }
}
