import { setTimeout as pause } from 'node:timers/promises';
import { readProcessUsage } from './process-usage.ts';

const sliceMs = 500;
const attempts = 12;
/** Part of a processor. */
const restingShare = 0.2;

/**
 * Waits until processes that have nothing to do any more do nothing; resolves with the part of a processor that they use at last, or with
 * undefined when they are at rest. A server that runs in circles costs itself and all others that are measured.
 */
export async function untilAtRest(pids: readonly number[]): Promise<number | undefined> {
  let share = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = readProcessUsage(pids).cpuSeconds;
    const sinceMs = performance.now();
    await pause(sliceMs);
    share = (readProcessUsage(pids).cpuSeconds - before) / ((performance.now() - sinceMs) / 1000);
    if (share < restingShare) return undefined;
  }
  return share;
}
