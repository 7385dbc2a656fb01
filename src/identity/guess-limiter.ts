import type { Clock } from '../base/clock.ts';
import { sourceOf } from '../wire/admission.ts';

/** How many wrong passwords are free, and how long the pauses after that are. */
export interface GuessLimits {
  readonly freeFailures: number;
  readonly firstPauseMs: number;
  /** In this time also one failure is forgotten: waiting gains a guesser no more than the longest pause would let through. */
  readonly longestPauseMs: number;
  /** Accounts and sources remembered at most; the oldest is forgotten first. */
  readonly maxEntries: number;
}

const pauses = { firstPauseMs: 1000, longestPauseMs: 300_000, maxEntries: 20_000 };
/** One account from one source: five free failures, then pauses of 1, 2, 4 … 300 seconds. */
const pairLimits: GuessLimits = { freeFailures: 5, ...pauses };
/** One source, whatever the account: many people may share an address, and some of them may have clients with an old password. */
const sourceLimits: GuessLimits = { freeFailures: 60, ...pauses, longestPauseMs: 60_000 };
/**
 * One account, whatever the source: guessing from many places is slow. The pauses are short, for they are also the owner's who comes from a new
 * address meanwhile.
 */
const accountLimits: GuessLimits = { freeFailures: 100, ...pauses, longestPauseMs: 30_000 };
/** A source is the account's own for as long after a right password, milliseconds: 30 days. */
const ownSourceMs = 30 * 24 * 3_600_000;
/** And stays so while somebody is signed in there: noted once in this time, milliseconds. */
const renewalMs = 24 * 3_600_000;
const maxOwnSources = 100_000;

interface Entry {
  /** As of `atMs`; a part of one is left where a part of the time has passed. */
  failures: number;
  atMs: number;
  untilMs: number;
}

/** Slows down guessing of passwords, per key (an account or a source address). Failures are forgotten with time, and by success. */
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

  /** Failures of a key that are not forgotten. */
  failures(key: string): number {
    const entry = this.#entries.get(key);
    if (!entry) return 0;
    return Math.max(0, entry.failures - (this.#clock.monotonic() - entry.atMs) / this.#limits.longestPauseMs);
  }

  /** Counts a wrong password. */
  failed(key: string): void {
    const failures = this.failures(key) + 1;
    const { freeFailures, firstPauseMs, longestPauseMs, maxEntries } = this.#limits;
    const over = Math.ceil(failures) - freeFailures;
    const pause = over <= 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(over - 1, 30));
    const atMs = this.#clock.monotonic();
    this.#entries.delete(key);
    this.#entries.set(key, { failures, atMs, untilMs: atMs + pause });
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value as string);
  }

  /** Forgets the failures of a key after a right password. */
  succeeded(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets some failures of a key; a pause that runs goes on. */
  forget(key: string, count: number): void {
    const entry = this.#entries.get(key);
    if (!entry || count === 0) return;
    entry.failures = Math.max(0, this.failures(key) - count);
    entry.atMs = this.#clock.monotonic();
  }
}

/** A password that was tried, or what counts as a right one. */
export interface Guess {
  readonly isRight: boolean;
  /** Nobody gave a password: who gave the right one has refreshed the registration. */
  readonly isRefresh?: boolean;
  readonly account: string;
  readonly source: string;
}

/**
 * The limits of guessing taken together: per account and source, per source, per account. Who has signed in from a source lately pays there for
 * what was guessed there about the own account, and for nothing else: neither for guesses from elsewhere nor for neighbours behind one address.
 */
export class GuessLimiters {
  readonly #clock: Clock;
  readonly #pair: GuessLimiter;
  readonly #source: GuessLimiter;
  readonly #account: GuessLimiter;
  /** When a pair of account and source last gave a right password, oldest first. */
  readonly #ownSources = new Map<string, number>();
  readonly #told: (guess: Guess) => void;

  /** `told` of each right or wrong password, so that other processes count it too. */
  constructor(clock: Clock, told: (guess: Guess) => void = () => {}) {
    this.#clock = clock;
    this.#pair = new GuessLimiter(clock, pairLimits);
    this.#source = new GuessLimiter(clock, sourceLimits);
    this.#account = new GuessLimiter(clock, accountLimits);
    this.#told = told;
  }

  /** Milliseconds until this address may try this account again; 0 = now. */
  pauseMs(account: string, address: string): number {
    const source = sourceOf(address);
    const pair = `${account} ${source}`;
    const own = this.#pair.pauseMs(pair);
    if (this.#clock.monotonic() - (this.#ownSources.get(pair) ?? Number.NEGATIVE_INFINITY) < ownSourceMs) return own;
    return Math.max(own, this.#source.pauseMs(source), this.#account.pauseMs(account));
  }

  /** Counts a wrong password. */
  failed(account: string, address: string): void {
    const guess = { isRight: false, account, source: sourceOf(address) };
    this.#told(guess);
    this.learn(guess);
  }

  /** A right password: what this source got wrong about this account before is forgotten. */
  succeeded(account: string, address: string): void {
    const guess = { isRight: true, account, source: sourceOf(address) };
    this.#told(guess);
    this.learn(guess);
  }

  /** Who has given the right password from there is signed in still, and gives none: the source stays the account's own, and nothing is forgotten. */
  stays(account: string, address: string): void {
    const source = sourceOf(address);
    const knownMs = this.#ownSources.get(`${account} ${source}`) ?? Number.NEGATIVE_INFINITY;
    if (this.#clock.monotonic() - knownMs < renewalMs) return;
    const guess = { isRight: true, isRefresh: true, account, source };
    this.#told(guess);
    this.learn(guess);
  }

  /** Counts what another process has seen. */
  learn({ isRight, isRefresh, account, source }: Guess): void {
    const pair = `${account} ${source}`;
    if (!isRight) {
      this.#pair.failed(pair);
      this.#source.failed(source);
      this.#account.failed(account);
      return;
    }
    if (!isRefresh) this.#forgive(pair, account, source);
    this.#ownSources.delete(pair);
    this.#ownSources.set(pair, this.#clock.monotonic());
    if (this.#ownSources.size > maxOwnSources) this.#ownSources.delete(this.#ownSources.keys().next().value as string);
  }

  #forgive(pair: string, account: string, source: string): void {
    const own = this.#pair.failures(pair);
    this.#pair.succeeded(pair);
    // mistakes of the owner's; not those of others behind the same address, who could have an account of their own to clear them with
    this.#source.forget(source, own);
    // a clean source of the owner's: half of what others did is forgotten, so that guessing on never adds up to a lifetime's count
    this.#account.forget(account, own > 0 ? own : this.#account.failures(account) / 2);
  }
}
