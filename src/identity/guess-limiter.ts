import type { Clock } from '../base/clock.ts';

/** How many wrong passwords are free, and how long the pauses after that are. */
export interface GuessLimits {
  readonly freeFailures: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Accounts and sources remembered at most; the oldest is forgotten first. */
  readonly maxEntries: number;
}

const pauses = { firstPauseMs: 1000, longestPauseMs: 300_000, maxEntries: 20_000 };
/** One account from one source: five free failures, then pauses of 1, 2, 4 … 300 seconds. */
const pairLimits: GuessLimits = { freeFailures: 5, ...pauses };
/** One source, whatever the account: many people may share an address, and one of them may have a client with an old password. */
const sourceLimits: GuessLimits = { freeFailures: 60, ...pauses };
/** One account, whatever the source: guessing from many places is slow, and a stranger cannot easily keep its owner out. */
const accountLimits: GuessLimits = { freeFailures: 100, ...pauses };

interface Entry {
  failures: number;
  untilMs: number;
}

/** Slows down guessing of passwords, per key (an account or a source address). Success clears the key. */
export class GuessLimiter {
  readonly #clock: Clock;
  readonly #limits: GuessLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, limits: GuessLimits) {
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

/** A password that was tried. */
export interface Guess {
  readonly isRight: boolean;
  readonly account: string;
  readonly source: string;
}

/** The limits of guessing taken together: per account and source, per source, per account. */
export class GuessLimiters {
  readonly #pair: GuessLimiter;
  readonly #source: GuessLimiter;
  readonly #account: GuessLimiter;
  readonly #told: (guess: Guess) => void;

  /** `told` of each right or wrong password, so that other processes count it too. */
  constructor(clock: Clock, told: (guess: Guess) => void = () => {}) {
    this.#pair = new GuessLimiter(clock, pairLimits);
    this.#source = new GuessLimiter(clock, sourceLimits);
    this.#account = new GuessLimiter(clock, accountLimits);
    this.#told = told;
  }

  /** Milliseconds until this source may try this account again; 0 = now. */
  pauseMs(account: string, source: string): number {
    return Math.max(this.#pair.pauseMs(`${account} ${source}`), this.#source.pauseMs(source), this.#account.pauseMs(account));
  }

  /** Counts a wrong password. */
  failed(account: string, source: string): void {
    this.#told({ isRight: false, account, source });
    this.learn({ isRight: false, account, source });
  }

  /** A right password: what this source got wrong before is forgotten, what others did with the account is not. */
  succeeded(account: string, source: string): void {
    this.#told({ isRight: true, account, source });
    this.learn({ isRight: true, account, source });
  }

  /** Counts what another process has seen. */
  learn({ isRight, account, source }: Guess): void {
    const pair = `${account} ${source}`;
    if (isRight) {
      this.#pair.succeeded(pair);
      this.#source.succeeded(source);
      return;
    }
    this.#pair.failed(pair);
    this.#source.failed(source);
    this.#account.failed(account);
  }
}
