import type { BenchCase } from './bench-jobs.ts';
import type { BenchOptions } from './bench-options.ts';
import { type BenchResults, summarise } from './bench-results.ts';
import { cpuRatio } from './report/results-table.ts';

/**
 * CPU for a unit as a multiple of the bare relay's, in the same run: about twice what is usual. Enough room for a machine that others use
 * too, not enough for a cost that has doubled on one that they do not.
 */
const mostTimesRelay: Readonly<Record<string, number>> = { im: 4.5, federated: 9 };

/** A run of half a minute. */
export function smokeOptions(options: BenchOptions): BenchOptions {
  const size = { reps: 2, seconds: 1.5, warmSeconds: 0.8, firstWarmSeconds: 0.8, users: 600, domains: 100 };
  return { ...options, ...size, jobs: ['im', 'federated'], peers: ['parley', 'relay'] };
}

/** Without those at a fixed rate. */
export function smokeCases(cases: readonly BenchCase[]): readonly BenchCase[] {
  return cases.filter(({ name }) => name in mostTimesRelay);
}

/** What is wrong, one line each; empty when all is well. */
export function judgeSmoke({ runs }: Pick<BenchResults, 'runs'>): readonly string[] {
  const summaries = summarise(runs);
  return Object.entries(mostTimesRelay).flatMap(([name, most]) => {
    const of = (peer: string) => summaries.find(one => one.name === name && one.peer === peer);
    const parley = of('parley');
    const ratio = parley && cpuRatio(parley, of('relay'));
    if (ratio === undefined) return [`${name}: there is no figure`];
    return ratio <= most ? [] : [`${name}: ${ratio.toFixed(2)} × the bare relay, more than ${most}`];
  });
}
