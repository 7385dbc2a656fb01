import { guarded } from './boundary.ts';

/** A running timer; `cancel` after it fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as the rest of the code sees it: nothing else reads a clock or starts a timer. */
export interface Clock {
  /** Wall-clock time, milliseconds since 1970; may jump. */
  now(): number;
  /** Milliseconds that only go forward; its zero is arbitrary. */
  monotonic(): number;
  /** Calls `action` once after `delayMs`; never keeps the process alive by itself. */
  after(delayMs: number, action: () => void): Timer;
  /** Calls `action` every `periodMs` until cancelled; never keeps the process alive by itself. */
  every(periodMs: number, action: () => void): Timer;
}

/** The machine's own clock. A fault in what a timer calls ends that call and nothing else. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(runTimer, delayMs, action);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(periodMs, action) {
    const timer = setInterval(runTimer, periodMs, action);
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
};

function runTimer(action: () => void): void {
  guarded(action);
}

/**
 * A clock whose wall-clock time does not jump: it begins with the given clock's and goes on by what really passes. For what lives
 * as long as this process and was promised for a time, not until a date.
 */
export function steadyClock(clock: Clock): Clock {
  const beginMs = clock.now() - clock.monotonic();
  return {
    now: () => Math.floor(beginMs + clock.monotonic()),
    monotonic: () => clock.monotonic(),
    after: (delayMs, action) => clock.after(delayMs, action),
    every: (periodMs, action) => clock.every(periodMs, action),
  };
}

/** Resolves after `delayMs` of the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise(resolve => {
    clock.after(delayMs, resolve);
  });
}
