import type { JobName } from '../../bench/bench-jobs.ts';
import type { BenchResults, BenchRun } from '../../bench/bench-results.ts';
import type { LoadOutcome } from '../../bench/generator/load-order.ts';
import type { PeerName } from '../../bench/peers/peer.ts';

const usual: LoadOutcome = {
  units: 10_000,
  failed: 0,
  skipped: 0,
  wallSeconds: 1,
  unitsPerSecond: 10_000,
  cpuSecondsPer1000: 0.1,
  serverCpuSeconds: 1,
  generatorCpuSeconds: 1,
  otherCpuSeconds: 0,
  stealSeconds: 0,
  pssMegabytes: 100,
  processes: 2,
  p50Ms: 10,
  p99Ms: 20,
  tls: 'TLSv1.3',
};

/** One window; 100 microseconds for each unit and no failure where nothing else is said. */
export function benchRun(name: string, peer: PeerName, rep: number, outcome: Partial<LoadOutcome> = {}): BenchRun {
  const job = name.split(/[ :,]/)[0] as JobName;
  return { name, job, unit: 'MESSAGE and its 200', peer, rep, outcome: { ...usual, ...outcome } };
}

/** One timed try. */
export function timedRun(name: string, peer: PeerName, rep: number, seconds: number): BenchRun {
  const { outcome: _, ...run } = benchRun(name, peer, rep);
  return { ...run, timed: { seconds, cpuSeconds: seconds, pssMegabytes: 100 } };
}

/** What a run of the benchmark writes. */
export function benchResults(runs: readonly BenchRun[]): BenchResults {
  return {
    format: 1,
    date: '2026-01-02T03:04Z',
    machine: {
      processor: 'a processor',
      processors: 2,
      memoryGigabytes: 4,
      kernel: '6',
      node: '24',
      openssl: '3',
      versions: { parley: '1' },
    },
    setting: {
      reps: 3,
      seconds: 5,
      warmSeconds: 1,
      firstWarmSeconds: 2,
      keep: false,
      users: 20_000,
      domains: 10_000,
      serverCpus: '0',
      generatorCpus: '1',
    },
    absent: {},
    skipped: [],
    runs,
  };
}
