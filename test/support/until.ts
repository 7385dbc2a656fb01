import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;

/** What `look` gives as soon as it gives something; throws when that takes longer than `timeoutMs`. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, timeoutMs = 10_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(pollMs);
  }
}
