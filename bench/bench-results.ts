import type { JobName } from './bench-jobs.ts';
import type { BenchOptions } from './bench-options.ts';
import type { LoadOutcome } from './generator/load-order.ts';
import type { PeerName } from './peers/peer.ts';
import type { TimedOutcome } from './timed-outcome.ts';

/** One window of one peer. */
export interface BenchRun {
  readonly name: string;
  readonly job: JobName;
  readonly unit: string;
  readonly peer: PeerName;
  /** The repetition, from 1; one may have several windows. */
  readonly rep: number;
  /** Absent where the window did not come to an end, and where time alone was measured. */
  readonly outcome?: LoadOutcome;
  readonly timed?: TimedOutcome;
  readonly error?: string;
}

/** The machine that the figures are from. */
export interface BenchMachine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly openssl: string;
  /** Version of each peer that was there. */
  readonly versions: Partial<Record<PeerName, string>>;
}

/** What `--json` writes. */
export interface BenchResults {
  readonly format: 1;
  /** UTC, to the minute. */
  readonly date: string;
  readonly machine: BenchMachine;
  readonly setting: Pick<
    BenchOptions,
    'reps' | 'seconds' | 'warmSeconds' | 'firstWarmSeconds' | 'keep' | 'users' | 'domains' | 'serverCpus' | 'generatorCpus'
  >;
  /** Peers that were asked for and could not run, with the reason. */
  readonly absent: Partial<Record<PeerName, string>>;
  /** Cases that could not be measured, with the reason. */
  readonly skipped: readonly string[];
  readonly runs: readonly BenchRun[];
}

/** The windows of two runs together, as further repetitions; undefined where they were not measured in the same way on the same machine. */
export function addResults(before: BenchResults, more: BenchResults): BenchResults | undefined {
  const circumstances = ({ machine, setting }: BenchResults) => JSON.stringify([machine, { ...setting, reps: 0 }]);
  if (circumstances(before) !== circumstances(more)) return undefined;
  const runs = more.runs.map(run => ({ ...run, rep: run.rep + before.setting.reps }));
  return { ...before, date: more.date, runs: [...before.runs, ...runs] };
}

/** Median over the repetitions of one peer in one case. */
export interface BenchSummary {
  readonly name: string;
  readonly job: JobName;
  readonly unit: string;
  readonly peer: PeerName;
  readonly reps: number;
  /** Sum over all repetitions; a window without an outcome is one failure. */
  readonly failed: number;
  readonly errors: readonly string[];
  /** Medians; absent where no window came to an end. */
  readonly median?: LoadOutcome;
  readonly timed?: TimedOutcome;
  /** Share of a processor that others used meanwhile, the largest of all windows. */
  readonly disturbance: number;
}

/** Medians of all runs, cases in the order of their first run. */
export function summarise(runs: readonly BenchRun[]): readonly BenchSummary[] {
  const groups = Map.groupBy(runs, run => `${run.name}\n${run.peer}`);
  return [...groups.values()].map(group => {
    const { name, job, unit, peer } = group[0] as BenchRun;
    const outcomes = group.flatMap(({ outcome }) => outcome ?? []);
    const times = group.flatMap(({ timed }) => timed ?? []);
    const median = medianFields(outcomes);
    const timed = medianFields(times);
    const done = outcomes.length + times.length;
    return {
      name,
      job,
      unit,
      peer,
      reps: done,
      failed: outcomes.reduce((sum, { failed }) => sum + failed, 0) + group.length - done,
      errors: group.flatMap(({ error }) => error ?? []),
      disturbance: Math.max(0, ...outcomes.map(({ otherCpuSeconds, wallSeconds }) => otherCpuSeconds / wallSeconds)),
      ...(median === undefined ? {} : { median }),
      ...(timed === undefined ? {} : { timed }),
    };
  });
}

/** The middle of some numbers, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** The median of each field; what is no number is taken from the first. */
function medianFields<T extends object>(outcomes: readonly T[]): T | undefined {
  const [first] = outcomes;
  if (first === undefined) return undefined;
  const medians = Object.entries(first).map(([field, value]) => [
    field,
    typeof value === 'number' ? medianOf(outcomes.map(outcome => outcome[field as keyof T] as number)) : value,
  ]);
  return Object.fromEntries(medians) as T;
}
