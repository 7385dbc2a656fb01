import type { Clock } from '../base/clock.ts';
import type { Connection } from './connection.ts';

/**
 * All are asked anew after this time, milliseconds: that nothing was heard between two newcomers who follow each other at once proves nothing.
 * Well below the time in which a newcomer has to say who it is, so that one that tries again gets in.
 */
const quietMs = 3_000;

/** What one owner has. */
interface Owned {
  readonly connections: Set<Connection>;
  /** Those of them on which nothing was heard when all were asked, the oldest first. */
  quiet: Connection[];
  /** When they were last asked whether something was heard, on the monotonic clock. */
  askedAtMs: number;
}

/**
 * Connections by whom they belong to, an account or the names of a certificate, so many for each. Beyond that the oldest one on which nothing
 * was heard lately gives way: who comes back from a dead network is not kept out by his own past.
 */
export class OwnedConnections {
  /** Connections of one owner at a time. */
  readonly most: number;
  /** Connections turned away because all others of their owner were in use. */
  refused = 0;
  readonly #byOwner = new Map<string, Owned>();
  readonly #clock: Clock;

  constructor(most: number, clock: Clock) {
    this.most = most;
    this.#clock = clock;
  }

  /** Owners that have connections. */
  get owners(): number {
    return this.#byOwner.size;
  }

  /** Makes room for one more of the owner; false if there is none. */
  makeRoom(owner: string): boolean {
    const owned = this.#byOwner.get(owner);
    if (!owned || owned.connections.size < this.most) return true;
    const quiet = this.#quietOf(owned);
    if (quiet === undefined) {
      this.refused++;
      return false;
    }
    this.remove(owner, quiet);
    quiet.close('a newer connection of the same peer has taken its place');
    return true;
  }

  /** Notes a connection for which there was room. */
  add(owner: string, connection: Connection): void {
    const owned = this.#byOwner.get(owner);
    if (owned) owned.connections.add(connection);
    else this.#byOwner.set(owner, { connections: new Set([connection]), quiet: [], askedAtMs: Number.NEGATIVE_INFINITY });
  }

  /** Forgets a connection; later calls do nothing. */
  remove(owner: string, connection: Connection): void {
    const owned = this.#byOwner.get(owner);
    owned?.connections.delete(connection);
    if (owned?.connections.size === 0) this.#byOwner.delete(owner);
  }

  /** The oldest on which nothing has been heard, neither when all were asked nor since. */
  #quietOf(owned: Owned): Connection | undefined {
    const now = this.#clock.monotonic();
    if (now - owned.askedAtMs >= quietMs) {
      owned.askedAtMs = now;
      owned.quiet = [...owned.connections].filter(connection => connection.wasQuiet());
    }
    for (let oldest = owned.quiet.shift(); oldest !== undefined; oldest = owned.quiet.shift()) {
      if (owned.connections.has(oldest) && oldest.wasQuiet()) return oldest;
    }
    return undefined;
  }
}
