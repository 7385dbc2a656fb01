import type { Clock } from '../base/clock.ts';

/** New domains one stranger may make us look up, and in which time (D31). */
const maxNewDomains = 10;
const windowMs = 60_000;
const maxSources = 10_000;
const maxKnownDomains = 20_000;

interface Window {
  startMs: number;
  domains: Set<string>;
}

/**
 * Keeps strangers from making us ask DNS about one domain after another: per certificate and per address prefix at most ten domains
 * a minute that we have not accepted before.
 */
export class NewDomainLimiter {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();
  readonly #accepted = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a look-up for `domain` may be made for this peer; counts it. */
  allows(domain: string, fingerprint: string, address: string): boolean {
    if (this.#accepted.has(domain)) return true;
    const byCertificate = this.#count(`certificate ${fingerprint}`, domain);
    const byAddress = this.#count(`address ${addressPrefix(address)}`, domain);
    return byCertificate && byAddress;
  }

  /** Whether a verified peer has spoken for the domain. */
  hasAccepted(domain: string): boolean {
    return this.#accepted.has(domain);
  }

  /** Notes a domain that a verified peer speaks for: looking it up again is no new look-up. */
  accept(domain: string): void {
    if (this.#accepted.has(domain)) return;
    if (this.#accepted.size >= maxKnownDomains) this.#accepted.clear();
    this.#accepted.add(domain);
  }

  #count(source: string, domain: string): boolean {
    const now = this.#clock.monotonic();
    let window = this.#windows.get(source);
    if (!window || now - window.startMs >= windowMs) {
      this.#windows.delete(source);
      if (this.#windows.size >= maxSources) this.#windows.delete(this.#windows.keys().next().value as string);
      window = { startMs: now, domains: new Set() };
      this.#windows.set(source, window);
    }
    if (window.domains.has(domain)) return true;
    if (window.domains.size >= maxNewDomains) return false;
    window.domains.add(domain);
    return true;
  }
}

/** A /24 of IPv4, a /48 of IPv6: what one network can easily vary is one source. */
function addressPrefix(address: string): string {
  return address.includes(':') ? address.split(':').slice(0, 3).join(':') : address.split('.').slice(0, 3).join('.');
}
