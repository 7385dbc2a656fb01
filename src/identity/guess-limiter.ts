import type { Clock } from '../base/clock.ts';

/** How many wrong passwords are free, and how long the pauses after that are. */
export interface GuessLimits {
  readonly freeFailures: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Accounts and sources remembered at most; the oldest is forgotten first. */
  readonly maxEntries: number;
}

/** Five free failures, then 1, 2, 4 … 300 seconds. */
export const defaultGuessLimits: GuessLimits = {
  freeFailures: 5,
  firstPauseMs: 1000,
  longestPauseMs: 300_000,
  maxEntries: 20_000,
};

interface Entry {
  failures: number;
  untilMs: number;
}

/** Slows down guessing of passwords, per key (an account or a source address). Success clears the key. */
export class GuessLimiter {
  readonly #clock: Clock;
  readonly #limits: GuessLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, limits: GuessLimits = defaultGuessLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Milliseconds until `key` may try again; 0 = now. */
  pauseMs(key: string): number {
    const entry = this.#entries.get(key);
    return entry ? Math.max(0, entry.untilMs - this.#clock.monotonic()) : 0;
  }

  /** Counts a wrong password. */
  failed(key: string): void {
    const failures = (this.#entries.get(key)?.failures ?? 0) + 1;
    const over = failures - this.#limits.freeFailures;
    const pause = over <= 0 ? 0 : Math.min(this.#limits.longestPauseMs, this.#limits.firstPauseMs * 2 ** Math.min(over - 1, 30));
    this.#entries.delete(key);
    this.#entries.set(key, { failures, untilMs: this.#clock.monotonic() + pause });
    if (this.#entries.size > this.#limits.maxEntries) this.#entries.delete(this.#entries.keys().next().value as string);
  }

  /** Forgets the failures of a key after a right password. */
  succeeded(key: string): void {
    this.#entries.delete(key);
  }
}
