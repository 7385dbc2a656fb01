import type { Clock } from '../base/clock.ts';

/** New domains that one certificate may make us look up in the time (D31), and one that has been proved to speak for a domain: a hosting provider's. */
const maxOfStranger = 10;
const maxOfProven = 100;
/** The same for all strangers of one network: more than one of them alone can spend, so that its neighbours are heard too. */
const maxOfNetwork = 50;
const windowMs = 60_000;
const maxSources = 10_000;
const maxKnownDomains = 20_000;
const maxProven = 10_000;

interface Window {
  startMs: number;
  domains: Set<string>;
}

/**
 * Keeps strangers from making us ask DNS about one domain after another: so many domains a minute that we have not accepted before, for each
 * certificate and for each network.
 */
export class NewDomainLimiter {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();
  readonly #accepted = new Set<string>();
  readonly #proven = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a look-up for `domain` may be made for this peer; counts it. */
  allows(domain: string, fingerprint: string, address: string): boolean {
    if (this.#accepted.has(domain)) return true;
    if (this.#proven.has(fingerprint)) return this.#count(`certificate ${fingerprint}`, domain, maxOfProven);
    // what its certificate may not ask is not counted against the neighbours
    return (
      this.#count(`certificate ${fingerprint}`, domain, maxOfStranger) &&
      this.#count(`network ${addressPrefix(address)}`, domain, maxOfNetwork)
    );
  }

  /** Whether a verified peer has spoken for the domain. */
  hasAccepted(domain: string): boolean {
    return this.#accepted.has(domain);
  }

  /** Notes a domain that a verified peer speaks for: looking it up again is no new look-up. */
  accept(domain: string, fingerprint: string): void {
    addBounded(this.#accepted, domain, maxKnownDomains);
    addBounded(this.#proven, fingerprint, maxProven);
  }

  #count(source: string, domain: string, most: number): boolean {
    const now = this.#clock.monotonic();
    let window = this.#windows.get(source);
    if (!window || now - window.startMs >= windowMs) {
      this.#windows.delete(source);
      if (this.#windows.size >= maxSources) this.#windows.delete(this.#windows.keys().next().value as string);
      window = { startMs: now, domains: new Set() };
      this.#windows.set(source, window);
    }
    if (window.domains.has(domain)) return true;
    if (window.domains.size >= most) return false;
    window.domains.add(domain);
    return true;
  }
}

/** Puts a text in, and the one that came first out where there are too many. */
function addBounded(set: Set<string>, text: string, most: number): void {
  if (set.has(text)) return;
  if (set.size >= most) set.delete(set.values().next().value as string);
  set.add(text);
}

/** A /24 of IPv4, a /48 of IPv6: what one network can easily vary is one source. */
function addressPrefix(address: string): string {
  return address.includes(':') ? address.split(':').slice(0, 3).join(':') : address.split('.').slice(0, 3).join('.');
}
