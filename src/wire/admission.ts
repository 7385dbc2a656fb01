import { isIPv4 } from 'node:net';
import { Owners } from '../base/owners.ts';
import { type LimitRefusal, type Place, type Share, SharedLimit } from '../base/shared-limit.ts';

/** Limits of one listener on connections that have not proved who they are. */
export interface AdmissionLimits {
  /** Connections before that proof, from everywhere; the TLS handshake counts. The last quarter is kept for sources with few. */
  readonly maxUnauthenticated: number;
  /** The same from one source: an IPv4 address, or the /64 of an IPv6 address. */
  readonly maxUnauthenticatedPerSource: number;
}

/** Sized for one node of 30,000 endpoints behind a few NATs; a flood from one source stops at its own limit. */
export const defaultAdmissionLimits: AdmissionLimits = {
  maxUnauthenticated: 5_000,
  maxUnauthenticatedPerSource: 500,
};

/** Connections that prove nothing a source may have while the rest is taken by others: a handful of people behind one address. */
const fewPerSource = 16;

/** Why a connection was not let in. */
export type AdmissionRefusal = 'connections' | 'unauthenticated' | 'unauthenticated-from-source';

const refusalOf: Readonly<Record<LimitRefusal, AdmissionRefusal>> = {
  whole: 'unauthenticated',
  share: 'unauthenticated-from-source',
};

/** What a guest takes. */
interface GuestPlaces {
  readonly place: Place;
  readonly asStranger: Place;
  /** Told once. */
  readonly left: () => void;
}

/** A connection that was let in. What it takes is given back once, whatever else comes from the same address and port. */
export class Guest {
  #places: GuestPlaces | undefined;

  /** @internal Made by `Admission.enter`. */
  constructor(places: GuestPlaces) {
    this.#places = places;
  }

  /** It has proved who it is, and no longer counts against the limits for strangers. */
  authenticated(): void {
    this.#places?.asStranger.giveBack();
  }

  /** It is closed. */
  leave(): void {
    this.authenticated();
    this.#places?.place.giveBack();
    this.#places?.left();
    this.#places = undefined;
  }
}

/** Counts the connections of a listener and refuses those over a limit before anything is spent on them. */
export class Admission {
  /** Connections refused since the start, by reason. */
  readonly refused: Record<AdmissionRefusal, number> = { connections: 0, unauthenticated: 0, 'unauthenticated-from-source': 0 };
  readonly #places: Share;
  #connections = 0;
  readonly #unauthenticated: SharedLimit;
  readonly #sources: Owners<Share>;

  /** `connections`: its part of what all connections of the process take, which it may share with other listeners of its kind. */
  constructor(limits: AdmissionLimits, connections: Share) {
    this.#places = connections;
    const most = limits.maxUnauthenticatedPerSource;
    this.#unauthenticated = new SharedLimit('unauthenticated', limits.maxUnauthenticated);
    this.#sources = new Owners(() => this.#unauthenticated.share({ most, few: Math.min(most, fewPerSource) }));
  }

  /** Connections now. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections now that have not authenticated. */
  get unauthenticated(): number {
    return this.#unauthenticated.taken;
  }

  /** Lets a connection in, or says which limit keeps it out. */
  enter(address: string): Guest | AdmissionRefusal {
    const place = this.#places.take();
    if (!place) return this.#refuse('connections');
    const asStranger = this.#takeAsStranger(sourceOf(address));
    if (typeof asStranger === 'string') {
      place.giveBack();
      return this.#refuse(refusalOf[asStranger]);
    }
    this.#connections++;
    return new Guest({ place, asStranger, left: () => this.#connections-- });
  }

  #takeAsStranger(source: string): Place | LimitRefusal {
    const place = this.#sources.of(source).take();
    return place ?? (this.#unauthenticated.taken >= this.#unauthenticated.size ? 'whole' : 'share');
  }

  #refuse(refusal: AdmissionRefusal): AdmissionRefusal {
    this.refused[refusal]++;
    return refusal;
  }
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
