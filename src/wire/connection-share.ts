import type { Socket } from 'node:net';
import { sourceOf } from './admission.ts';

/** How many connections of a listener may be open that have not shown whose they are, and how many that have. */
export interface ConnectionShares {
  /** Strangers from one source: an IPv4 address, or the /64 of an IPv6 address. */
  readonly strangersPerSource: number;
  /** Strangers from everywhere. */
  readonly strangers: number;
  /** Connections that are known; more of them stay among the strangers. */
  readonly known: number;
}

interface Guest {
  readonly socket: Socket;
  readonly source: string;
  readonly peer: string;
}

/**
 * Shares the connections of an HTTP listener. A newcomer is always let in; when that is one too many, the oldest stranger of its source is
 * closed, or of the source with the most. So whoever sends a request at once gets an answer, however many sit there in silence.
 */
export class ConnectionShare {
  readonly #limits: ConnectionShares;
  /** By source, each in the order of their arrival. */
  readonly #strangers = new Map<string, Set<Guest>>();
  readonly #known = new Set<Guest>();
  /** By address and port of the peer: a request inside TLS names no other way to the socket below. */
  readonly #byPeer = new Map<string, Guest>();
  #strangerCount = 0;

  constructor(limits: ConnectionShares) {
    this.#limits = limits;
  }

  /** Open connections. */
  get connections(): number {
    return this.#strangerCount + this.#known.size;
  }

  /** Takes a new connection in, before its TLS handshake. */
  enter(socket: Socket): void {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return void socket.destroy();
    const guest = { socket, source: sourceOf(remoteAddress), peer: peerKey(socket) };
    let ofSource = this.#strangers.get(guest.source);
    if (!ofSource) this.#strangers.set(guest.source, (ofSource = new Set()));
    ofSource.add(guest);
    this.#strangerCount++;
    this.#byPeer.set(guest.peer, guest);
    socket.once('close', () => this.#leave(guest));
    if (ofSource.size > this.#limits.strangersPerSource) this.#closeOldest(ofSource);
    else if (this.#strangerCount > this.#limits.strangers) this.#closeOldest(this.#largest());
  }

  /** The other end of a connection has shown whose it is. `through`: the socket that entered, or the TLS socket on top of it. */
  known(through: Socket): void {
    if (this.#known.size >= this.#limits.known) return;
    const guest = this.#byPeer.get(peerKey(through));
    if (guest && this.#leaveStrangers(guest)) this.#known.add(guest);
  }

  #leave(guest: Guest): void {
    this.#leaveStrangers(guest);
    this.#known.delete(guest);
    if (this.#byPeer.get(guest.peer) === guest) this.#byPeer.delete(guest.peer);
  }

  #closeOldest(ofSource: ReadonlySet<Guest>): void {
    const [oldest] = ofSource;
    if (!oldest) return;
    this.#leave(oldest);
    oldest.socket.destroy();
  }

  #largest(): ReadonlySet<Guest> {
    let largest: ReadonlySet<Guest> = new Set();
    for (const guests of this.#strangers.values()) if (guests.size > largest.size) largest = guests;
    return largest;
  }

  #leaveStrangers(guest: Guest): boolean {
    const ofSource = this.#strangers.get(guest.source);
    if (!ofSource?.delete(guest)) return false;
    this.#strangerCount--;
    if (ofSource.size === 0) this.#strangers.delete(guest.source);
    return true;
  }
}

function peerKey({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
