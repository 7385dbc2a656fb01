import { parentPort, workerData } from 'node:worker_threads';
import { fuzzPure } from './pure-fuzzer.ts';
import { pureTargets } from './pure-targets.ts';
import type { PureJob } from './watched-fuzzer.ts';

// One run of a pure target. Which input is at work stands in shared memory, where it can be read although this thread does not end it.
const { target, seed, seconds, shared } = workerData as PureJob;
const counters = new Int32Array(shared, 0, 2);
const inputBytes = Buffer.from(shared, 8);
const found = pureTargets.find(({ name }) => name === target);
if (found === undefined) throw new Error(`there is no target ${target}`);
const outcome = fuzzPure(found, seed, seconds, {
  before(input) {
    Atomics.store(counters, 1, inputBytes.write(input, 'latin1'));
    Atomics.add(counters, 0, 1);
  },
});
parentPort?.postMessage(outcome);
