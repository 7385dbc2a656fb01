import { type Failure, failure } from '../../base/failure.ts';
import { domainOfAor } from '../../model/names.ts';
import type { EventLimits } from './event-limits.ts';
import type { Subscriber } from './subscriber.ts';

/** Counts things by a key; who has none has no entry. */
class Tally {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, difference: 1 | -1): void {
    const count = this.of(key) + difference;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }

  get size(): number {
    return this.#counts.size;
  }
}

/**
 * The places for subscriptions of this server. One account, one partner and all partners together have shares that are less than the whole: the
 * rest is kept for others. A place is taken until the last NOTIFY has been answered.
 */
export class SubscriptionShares {
  readonly #limits: EventLimits;
  readonly #byWatcher = new Tally();
  readonly #byPartner = new Tally();
  #count = 0;
  #outside = 0;

  constructor(limits: EventLimits) {
    this.#limits = limits;
  }

  /** Places taken, and of how many watchers and partners something is kept. */
  get counts(): { readonly places: number; readonly watchers: number; readonly partners: number } {
    return { places: this.#count, watchers: this.#byWatcher.size, partners: this.#byPartner.size };
  }

  /** Why there is no place for that watcher: SERVER_BUSY or SUBSCRIPTION_LIMIT_REACHED; undefined where there is. */
  refusal({ aor, kind }: Subscriber): Failure | undefined {
    const limits = this.#limits;
    if (this.#count >= limits.maxSubscriptions) return failure('SERVER_BUSY', { limit: limits.maxSubscriptions });
    const reached = (user: string, limit: number): Failure => failure('SUBSCRIPTION_LIMIT_REACHED', { user, limit });
    if (this.#byWatcher.of(aor) >= limits.maxSubscriptionsPerWatcher) return reached(aor, limits.maxSubscriptionsPerWatcher);
    if (kind === 'inside') return undefined;
    const domain = domainOfAor(aor);
    if (this.#byPartner.of(domain) >= limits.maxSubscriptionsPerPartner)
      return reached(domain, limits.maxSubscriptionsPerPartner);
    return this.#outside >= limits.maxSubscriptionsOutside
      ? failure('SERVER_BUSY', { limit: limits.maxSubscriptionsOutside })
      : undefined;
  }

  /** A subscription of that watcher takes a place. */
  take(subscriber: Subscriber): void {
    this.#add(subscriber, 1);
  }

  /** It gives it back. */
  give(subscriber: Subscriber): void {
    this.#add(subscriber, -1);
  }

  #add({ aor, kind }: Subscriber, difference: 1 | -1): void {
    this.#count += difference;
    this.#byWatcher.add(aor, difference);
    if (kind === 'inside') return;
    this.#outside += difference;
    this.#byPartner.add(domainOfAor(aor), difference);
  }
}
