import { type BenchRun, medianOf } from '../bench-results.ts';
import { align } from './results-table.ts';

/** What a case of this tree may cost, as a multiple of the other's. */
export const mostTimesOther = 1.03;

/** One case of two trees, compared window by window. */
export interface PairedRatio {
  readonly name: string;
  /** What is compared: `CPU µs`, `KB each`, `seconds`. */
  readonly what: string;
  /** Medians of both. */
  readonly own: number;
  readonly other: number;
  /** Windows that followed each other, each as this tree's figure by the other's; ascending. */
  readonly ratios: readonly number[];
  /** Their median; undefined where there is no pair. */
  readonly ratio: number | undefined;
  /** Failed units and windows of this tree. */
  readonly failed: number;
}

/** The ratios of all cases, in the order in which they were measured. */
export function pairedRatios(runs: readonly BenchRun[]): readonly PairedRatio[] {
  return [...Map.groupBy(runs, ({ name }) => name)].map(([name, group]) => {
    const figuresOf = (peer: BenchRun['peer']) =>
      new Map(
        group.filter(run => run.peer === peer && figureOf(run) !== undefined).map(run => [run.rep, figureOf(run) as number]),
      );
    const [own, other] = [figuresOf('parley'), figuresOf('other')];
    const ratios = [...own].flatMap(([rep, figure]) => {
      const to = other.get(rep);
      return to === undefined || to === 0 ? [] : figure / to;
    });
    ratios.sort((a, b) => a - b);
    return {
      name,
      what: whatOf(group[0] as BenchRun),
      own: medianOf([...own.values()]),
      other: medianOf([...other.values()]),
      ratios,
      ratio: ratios.length === 0 ? undefined : medianOf(ratios),
      failed: group.reduce((sum, run) => sum + (run.peer === 'parley' ? failedOf(run) : 0), 0),
    };
  });
}

/** Whether a case costs no more than it may, and nothing failed. */
export function isWithin({ ratio, failed }: PairedRatio): boolean {
  return ratio !== undefined && ratio <= mostTimesOther && failed === 0;
}

/** The comparison as a table for a terminal. */
export function ratioTable(ratios: readonly PairedRatio[], otherCommit: string): string {
  const head = ['', 'figure', 'this tree', otherCommit, 'ratio', 'lowest', 'highest', 'pairs', 'failed', ''];
  const rows = ratios.map(one => [
    one.name,
    one.what,
    one.own.toFixed(one.what === 'seconds' ? 3 : 1),
    one.other.toFixed(one.what === 'seconds' ? 3 : 1),
    one.ratio?.toFixed(3) ?? '–',
    one.ratios[0]?.toFixed(3) ?? '–',
    one.ratios.at(-1)?.toFixed(3) ?? '–',
    String(one.ratios.length),
    String(one.failed),
    isWithin(one) ? 'ok' : `over ${mostTimesOther}`,
  ]);
  return align([head, ...rows]);
}

function whatOf({ job, timed }: BenchRun): string {
  if (timed !== undefined || job === 'start' || job === 'change') return 'seconds';
  return job === 'idle' ? 'KB each' : 'CPU µs';
}

function figureOf({ job, outcome, timed }: BenchRun): number | undefined {
  if (timed !== undefined) return timed.seconds;
  if (job === 'idle') return outcome?.pssKilobytesPerConnection;
  return outcome === undefined ? undefined : outcome.cpuSecondsPer1000 * 1000;
}

function failedOf({ outcome, timed }: BenchRun): number {
  return outcome?.failed ?? (timed === undefined ? 1 : 0);
}
