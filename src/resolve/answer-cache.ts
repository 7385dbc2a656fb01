import type { Clock } from '../base/clock.ts';
import type { FoundRecords, NoRecords } from './dns-answer.ts';

/** How long and how many answers are kept. */
export interface AnswerCacheLimits {
  /** Life of a found answer, milliseconds; Node gives no TTL for SRV. */
  readonly foundMs: number;
  /** Life of every other answer, milliseconds. */
  readonly notFoundMs: number;
  /** For how long after its life an established partner's answer may still be used while it is asked for anew, milliseconds. */
  readonly refreshMs: number;
  /** How old a last good answer of an established partner may become, milliseconds. */
  readonly staleMs: number;
  readonly maxEntries: number;
  /** Look-ups under way at once; beyond it the answer is `servfail`. */
  readonly maxInFlight: number;
}

type Answer<T> = FoundRecords<T> | NoRecords;

interface Kept<T> {
  readonly answer: Answer<T>;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

interface LastGood<T> {
  readonly answer: FoundRecords<T>;
  /** On the monotonic clock. */
  readonly atMs: number;
}

const busy: NoRecords = { kind: 'servfail', detail: 'too many look-ups under way' };

/**
 * Answers of one record type by name: kept for a while, one look-up at a time for a name, and a last good answer for
 * established partners when DNS itself fails. Last good answers live apart, so that look-ups for strangers' names cannot push
 * them out.
 */
export class AnswerCache<T> {
  readonly #clock: Clock;
  readonly #limits: AnswerCacheLimits;
  readonly #ask: (name: string) => Promise<Answer<T>>;
  readonly #kept = new Map<string, Kept<T>>();
  readonly #inFlight = new Map<string, Promise<Answer<T>>>();
  readonly #lastGood = new Map<string, LastGood<T>>();

  constructor(clock: Clock, limits: AnswerCacheLimits, ask: (name: string) => Promise<Answer<T>>) {
    this.#clock = clock;
    this.#limits = limits;
    this.#ask = ask;
  }

  /**
   * The kept answer, if it has not run out. That of an established partner goes on for a while and is asked for anew meanwhile
   * (rfc8767 5): a conversation never stands still, and many messages never wait together, because a minute is over.
   */
  peek(name: string): Answer<T> | undefined {
    return this.#fresh(name) ?? this.#refreshing(name);
  }

  /** The kept answer, or the one of a look-up; callers for one name share it. */
  get(name: string): Promise<Answer<T>> {
    const fresh = this.#fresh(name);
    if (fresh !== undefined) return Promise.resolve(fresh);
    const running = this.#inFlight.get(name);
    if (running !== undefined) return running;
    if (this.#inFlight.size >= this.#limits.maxInFlight) return Promise.resolve(this.#lastGoodOr(name, busy));
    return this.#start(name);
  }

  /** From now on the last good answer for this name is kept for when DNS fails. */
  keepLastGood(name: string): void {
    const answer = this.#kept.get(name)?.answer;
    if (answer?.kind !== 'found' || answer.staleMs !== undefined || this.#lastGood.get(name)?.answer === answer) return;
    put(this.#lastGood, name, { answer, atMs: this.#clock.monotonic() }, this.#limits.maxEntries);
  }

  #fresh(name: string): Answer<T> | undefined {
    const kept = this.#kept.get(name);
    return kept !== undefined && this.#clock.monotonic() < kept.untilMs ? kept.answer : undefined;
  }

  /** An answer that has run out and goes on, for it is asked for anew. */
  #refreshing(name: string): Answer<T> | undefined {
    const kept = this.#kept.get(name);
    const last = this.#lastGood.get(name);
    if (kept?.answer.kind !== 'found' || last === undefined) return undefined;
    const nowMs = this.#clock.monotonic();
    if (nowMs >= kept.untilMs + this.#limits.refreshMs || nowMs > last.atMs + this.#limits.staleMs) return undefined;
    if (!this.#inFlight.has(name) && this.#inFlight.size < this.#limits.maxInFlight) void this.#start(name);
    return kept.answer;
  }

  #start(name: string): Promise<Answer<T>> {
    const lookup = this.#lookUp(name).finally(() => this.#inFlight.delete(name));
    this.#inFlight.set(name, lookup);
    return lookup;
  }

  async #lookUp(name: string): Promise<Answer<T>> {
    const fresh = await this.#ask(name);
    const nowMs = this.#clock.monotonic();
    if (this.#lastGood.has(name)) {
      if (fresh.kind === 'found') put(this.#lastGood, name, { answer: fresh, atMs: nowMs }, this.#limits.maxEntries);
      // DNS works and says the records are gone: that counts.
      else if (fresh.kind === 'nxdomain' || fresh.kind === 'nodata') this.#lastGood.delete(name);
    }
    const life = fresh.kind === 'found' ? this.#limits.foundMs : this.#limits.notFoundMs;
    const answer = this.#lastGoodOr(name, fresh);
    put(this.#kept, name, { answer, untilMs: nowMs + life }, this.#limits.maxEntries);
    return answer;
  }

  #lastGoodOr(name: string, fresh: Answer<T>): Answer<T> {
    if (fresh.kind !== 'servfail' && fresh.kind !== 'timeout') return fresh;
    const last = this.#lastGood.get(name);
    if (last === undefined) return fresh;
    const staleMs = this.#clock.monotonic() - last.atMs;
    if (staleMs <= this.#limits.staleMs) return { ...last.answer, staleMs };
    this.#lastGood.delete(name);
    return fresh;
  }
}

/** Puts an entry in as the newest and drops the oldest ones beyond the limit. */
function put<V>(map: Map<string, V>, name: string, value: V, maxEntries: number): void {
  map.delete(name);
  map.set(name, value);
  if (map.size <= maxEntries) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}
