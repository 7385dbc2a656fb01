import type { Clock } from '../base/clock.ts';
import type { Terminal } from './terminal.ts';

const delayMs = 1000;

/** Runs something that may take long: after a second a person sees that it is still running, and for how long. */
export async function withProgress<T>(
  terminal: Terminal,
  clock: Clock,
  what: string | (() => string),
  work: () => Promise<T>,
): Promise<T> {
  if (!terminal.canAsk) return work();
  const start = clock.monotonic();
  let shown = false;
  const timer = clock.every(delayMs, () => {
    shown = true;
    terminal.error(`\r${typeof what === 'string' ? what : what()} … ${Math.round((clock.monotonic() - start) / 1000)} s`);
  });
  try {
    return await work();
  } finally {
    timer.cancel();
    if (shown) terminal.error('\r\u001b[K');
  }
}
