import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { fuzzPure } from './pure-fuzzer.ts';

/** What a worker is told. */
export interface PureJob {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  /** Two counters, inputs begun and bytes of the current one, and the current input. */
  readonly shared: SharedArrayBuffer;
}

/** What a run of a pure target gave. */
export type PureOutcome = ReturnType<typeof fuzzPure>;

const longestInput = 4 * 1024 * 1024;
const hangSeconds = 20;

/** Runs a pure target in a thread of its own; an input that never ends is a finding like any other. */
export async function fuzzWatched(target: string, seed: number, seconds: number): Promise<PureOutcome> {
  const shared = new SharedArrayBuffer(8 + longestInput);
  const workerData: PureJob = { target, seed, seconds, shared };
  const worker = new Worker(new URL('./pure-worker.ts', import.meta.url), { workerData });
  const outcome = new Promise<PureOutcome>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const ended = new AbortController();
  try {
    return await Promise.race([outcome, watch(shared, ended.signal)]);
  } finally {
    ended.abort();
    await worker.terminate();
  }
}

async function watch(shared: SharedArrayBuffer, ended: AbortSignal): Promise<PureOutcome> {
  const counters = new Int32Array(shared, 0, 2);
  let before = -1;
  while (Atomics.load(counters, 0) !== before) {
    before = Atomics.load(counters, 0);
    await delay(hangSeconds * 1000, undefined, { signal: ended, ref: false }).catch(() => {});
    if (ended.aborted) break;
  }
  const input = Buffer.from(shared, 8).toString('latin1', 0, Atomics.load(counters, 1));
  return { finding: { input, problem: `does not end in ${hangSeconds} s` }, inputs: before, kinds: 0 };
}
