import type { Clock, Timer } from '../base/clock.ts';

interface Due {
  at: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly action: () => void;
}

/** A clock that stands still until `advance` is called; timers fire in the order of their time, then of their start. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #started = 0;
  readonly #running = new Set<Due>();

  /** `startMs`: the wall-clock time shown first, milliseconds since 1970. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, action: () => void): Timer {
    return this.#start(delayMs, undefined, action);
  }

  every(periodMs: number, action: () => void): Timer {
    return this.#start(periodMs, Math.max(1, periodMs), action);
  }

  /** How many timers are running: a test can see that nothing was left behind. */
  get timers(): number {
    return this.#running.size;
  }

  /** Lets `ms` milliseconds pass; timers started meanwhile fire too if they are due. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#pass(due.at);
      if (due.periodMs === undefined) this.#running.delete(due);
      else due.at += due.periodMs;
      due.action();
    }
    this.#pass(end);
  }

  /** Moves the wall clock alone, as an administrator or NTP does; timers do not notice. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #start(delayMs: number, periodMs: number | undefined, action: () => void): Timer {
    const due: Due = { at: this.#monotonic + Math.max(0, delayMs), order: this.#started++, periodMs, action };
    this.#running.add(due);
    return { cancel: () => this.#running.delete(due) };
  }

  #next(end: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#running) {
      if (due.at > end) continue;
      if (first === undefined || due.at < first.at || (due.at === first.at && due.order < first.order)) first = due;
    }
    return first;
  }

  #pass(until: number): void {
    if (until <= this.#monotonic) return;
    this.#now += until - this.#monotonic;
    this.#monotonic = until;
  }
}
