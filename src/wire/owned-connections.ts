import type { Connection } from './connection.ts';

/**
 * Connections by whom they belong to, an account or the names of a certificate, so many for each. Beyond that the oldest one on which nothing
 * was heard lately gives way: who comes back from a dead network is not kept out by his own past.
 */
export class OwnedConnections {
  /** Connections of one owner at a time. */
  readonly most: number;
  /** Connections turned away because all others of their owner were in use. */
  refused = 0;
  readonly #byOwner = new Map<string, Set<Connection>>();

  constructor(most: number) {
    this.most = most;
  }

  /** Owners that have connections. */
  get owners(): number {
    return this.#byOwner.size;
  }

  /** Makes room for one more of the owner; false if there is none. */
  makeRoom(owner: string): boolean {
    const connections = this.#byOwner.get(owner);
    if (!connections || connections.size < this.most) return true;
    // all are asked, so that the next one finds those that have been quiet since
    let quiet: Connection | undefined;
    for (const connection of connections) if (connection.wasQuiet() && quiet === undefined) quiet = connection;
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
    const connections = this.#byOwner.get(owner);
    if (connections) connections.add(connection);
    else this.#byOwner.set(owner, new Set([connection]));
  }

  /** Forgets a connection; later calls do nothing. */
  remove(owner: string, connection: Connection): void {
    const connections = this.#byOwner.get(owner);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byOwner.delete(owner);
  }
}
