import { isIPv4 } from 'node:net';

/** Limits of one listener on connections that have not proved who they are, and on all together. */
export interface AdmissionLimits {
  /** Connections at the same time. */
  readonly maxConnections: number;
  /** Connections before authentication, from everywhere; the TLS handshake counts. */
  readonly maxUnauthenticated: number;
  /** The same from one source: an IPv4 address, or the /64 of an IPv6 address. */
  readonly maxUnauthenticatedPerSource: number;
}

/** Sized for one node of 30,000 endpoints behind a few NATs; a flood from one source stops at its own limit. */
export const defaultAdmissionLimits: AdmissionLimits = {
  maxConnections: 50_000,
  maxUnauthenticated: 5_000,
  maxUnauthenticatedPerSource: 500,
};

/** Why a connection was not let in. */
export type AdmissionRefusal = 'connections' | 'unauthenticated' | 'unauthenticated-from-source';

interface Guest {
  readonly source: string;
  authenticated: boolean;
}

/** Counts the connections of a listener and refuses those over a limit before anything is spent on them. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #guests = new Map<string, Guest>();
  readonly #bySource = new Map<string, number>();
  #unauthenticated = 0;
  /** Connections refused since the start, by reason. */
  readonly refused: Record<AdmissionRefusal, number> = { connections: 0, unauthenticated: 0, 'unauthenticated-from-source': 0 };

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Connections now. */
  get connections(): number {
    return this.#guests.size;
  }

  /** Connections now that have not authenticated. */
  get unauthenticated(): number {
    return this.#unauthenticated;
  }

  /** Lets a connection in, or says which limit keeps it out. */
  enter(address: string, port: number): AdmissionRefusal | undefined {
    const source = sourceOf(address);
    const refusal = this.#refusal(source);
    if (refusal !== undefined) {
      this.refused[refusal]++;
      return refusal;
    }
    this.#guests.set(guestKey(address, port), { source, authenticated: false });
    this.#unauthenticated++;
    this.#bySource.set(source, (this.#bySource.get(source) ?? 0) + 1);
    return undefined;
  }

  /** The connection proved who it is: it no longer counts against the limits for strangers. */
  authenticated(address: string, port: number): void {
    const guest = this.#guests.get(guestKey(address, port));
    if (guest === undefined || guest.authenticated) return;
    guest.authenticated = true;
    this.#leaveStrangers(guest.source);
  }

  /** The connection is closed. */
  leave(address: string, port: number): void {
    const key = guestKey(address, port);
    const guest = this.#guests.get(key);
    if (guest === undefined) return;
    this.#guests.delete(key);
    if (!guest.authenticated) this.#leaveStrangers(guest.source);
  }

  #refusal(source: string): AdmissionRefusal | undefined {
    if (this.#guests.size >= this.#limits.maxConnections) return 'connections';
    if (this.#unauthenticated >= this.#limits.maxUnauthenticated) return 'unauthenticated';
    if ((this.#bySource.get(source) ?? 0) >= this.#limits.maxUnauthenticatedPerSource) return 'unauthenticated-from-source';
    return undefined;
  }

  #leaveStrangers(source: string): void {
    this.#unauthenticated--;
    const left = (this.#bySource.get(source) ?? 0) - 1;
    if (left > 0) this.#bySource.set(source, left);
    else this.#bySource.delete(source);
  }
}

function guestKey(address: string, port: number): string {
  return `${address} ${port}`;
}

/** What counts as one source: an IPv4 address (also when mapped into IPv6), or the /64 an IPv6 host can pick addresses from. */
export function sourceOf(address: string): string {
  if (isIPv4(address)) return address;
  const mapped = address.slice(address.lastIndexOf(':') + 1);
  if (isIPv4(mapped)) return mapped;
  const plain = address.split('%', 1)[0] as string;
  const [before = '', after] = plain.split('::', 2);
  const head = before === '' ? [] : before.split(':');
  if (after !== undefined) {
    const tail = after === '' ? [] : after.split(':');
    while (head.length + tail.length < 8) head.push('0');
    head.push(...tail);
  }
  return `${head.slice(0, 4).join(':')}::/64`;
}
