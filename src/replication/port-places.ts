import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { Owners } from '../base/owners.ts';
import { type Place, type Share, SharedLimit } from '../base/shared-limit.ts';
import { ConnectionShare } from '../wire/connection-share.ts';

/** Sockets that have not proved to be of an enrolled server: all together, of one source, and how long. */
const maxUnproven = 48;
const maxUnprovenPerSource = 16;
const unprovenMs = 10_000;
/** Sockets of enrolled servers: in all, and of one of them. */
const maxProven = 64;
const maxPerName = 16;

interface Visitor {
  readonly timer: Timer;
  proof: Place | undefined;
}

/**
 * The places of the replication port. A socket has ten seconds to come with the first request of an enrolled server; the oldest that has not
 * gives way to a new one, so that whoever fills the port with silence never keeps a Front End, and the block it brings, out.
 */
export class PortPlaces {
  readonly #clock: Clock;
  readonly #share = new ConnectionShare({ strangersPerSource: maxUnprovenPerSource, strangers: maxUnproven, known: maxProven });
  readonly #proven = new SharedLimit('replication_connections', maxProven);
  readonly #byName = new Owners<Share>(() => this.#proven.share({ most: maxPerName, few: maxPerName }));
  readonly #visitors = new Map<string, Visitor>();
  readonly #sockets = new Set<Socket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What enrolled servers hold, for metrics. */
  get limit(): SharedLimit {
    return this.#proven;
  }

  /** Lets a socket in; the oldest that has proved nothing makes room for it. */
  enter(socket: Socket): void {
    const visitor: Visitor = { timer: this.#clock.after(unprovenMs, () => socket.destroy()), proof: undefined };
    const key = keyOf(socket.remoteAddress, socket.remotePort);
    this.#visitors.set(key, visitor);
    this.#sockets.add(socket);
    // an error without a listener would end the process; `close` follows it
    socket.on('error', () => {});
    socket.on('close', () => {
      visitor.timer.cancel();
      visitor.proof?.giveBack();
      this.#sockets.delete(socket);
      if (this.#visitors.get(key) === visitor) this.#visitors.delete(key);
    });
    this.#share.enter(socket);
  }

  /** A request has shown that the socket is one of the enrolled server of this name; false where that one has too many. */
  prove(socket: Socket, name: string): boolean {
    const visitor = this.#visitors.get(keyOf(socket.remoteAddress, socket.remotePort));
    if (!visitor) return false;
    if (visitor.proof) return true;
    visitor.proof = this.#byName.of(name).take();
    if (!visitor.proof) return false;
    this.#share.known(socket);
    visitor.timer.cancel();
    return true;
  }

  /** Ends all of them. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`;
}
