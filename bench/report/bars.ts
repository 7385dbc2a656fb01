import type { BenchSummary } from '../bench-results.ts';
import { cpuRatio } from './results-table.ts';

/** A figure that Parley is to reach. */
export interface Bar {
  readonly what: string;
  readonly wanted: string;
  /** The figure as it is; undefined where it was not measured. */
  readonly measured: string | undefined;
  readonly isMet: boolean | undefined;
}

/** Cost of the large deployment over the small one that still counts as the same: two windows differ by as much. */
const flatUpTo = 1.15;

/** All bars with what was measured. */
export function judgeBars(summaries: readonly BenchSummary[]): readonly Bar[] {
  return [
    ratioBar('an instant message', summaries, 'im', 0.8),
    ratioBar('a federated message, through four processes against two', summaries, 'federated', 0.75),
    ratioBar('a presence notification to 1,000 watchers', summaries, 'fanout to 1000', 0.7),
    ratioBar('a new TLS connection with sign-in', summaries, 'signin', 1.05),
    memoryBar(summaries),
    flatBar('a message, few users and many', summaries, 'flat: im, '),
    flatBar('a federated message, few allowed domains and many', summaries, 'flat: federated, '),
    timeBar('start of a Front End with 20,000 users and 100,000 domains', summaries, 'start', 1.5),
    timeBar('one more allowed domain among 100,000, until the Edge decides by it', summaries, 'change', 1),
    workersBar(summaries),
    failureBar(summaries),
  ];
}

function ratioBar(what: string, summaries: readonly BenchSummary[], name: string, most: number): Bar {
  const of = (peer: string) => summaries.find(one => one.name === name && one.peer === peer);
  const parley = of('parley');
  return upTo(`CPU for ${what}`, parley && cpuRatio(parley, of('kamailio')), most, '× Kamailio', 2);
}

function memoryBar(summaries: readonly BenchSummary[]): Bar {
  const each = summaries.find(one => one.job === 'idle' && one.peer === 'parley')?.median?.pssKilobytesPerConnection;
  return upTo('memory for an idle TLS client', each, 64, 'KB', 1);
}

function flatBar(what: string, summaries: readonly BenchSummary[], names: string): Bar {
  const [small, large] = summaries.filter(one => one.name.startsWith(names) && one.peer === 'parley');
  return upTo(`CPU for ${what}`, large && cpuRatio(large, small), flatUpTo, '× the small deployment', 2);
}

function timeBar(what: string, summaries: readonly BenchSummary[], job: string, most: number): Bar {
  const timed = summaries.find(one => one.job === job && one.peer === 'parley')?.timed;
  return upTo(what, timed?.seconds, most, 's', 2);
}

/** Two processes have twice the processors: what a message may cost more for them to carry 1.6 times as much. */
const workersUpTo = 1.25;

function workersBar(summaries: readonly BenchSummary[]): Bar {
  const [one, two] = summaries.filter(({ job, peer }) => job === 'workers' && peer === 'parley');
  return upTo('CPU for a message, two worker processes', two && cpuRatio(two, one), workersUpTo, '× one process', 2);
}

function failureBar(summaries: readonly BenchSummary[]): Bar {
  const ours = summaries.filter(one => one.peer === 'parley');
  const failed = ours.reduce((sum, one) => sum + one.failed, 0);
  return upTo('failed units, all jobs together', ours.length === 0 ? undefined : failed, 0, '', 0);
}

function upTo(what: string, value: number | undefined, most: number, unit: string, digits: number): Bar {
  const words = (figure: string) => `${figure} ${unit}`.trim();
  return {
    what,
    wanted: most === 0 ? 'none' : `up to ${words(String(most))}`,
    measured: value === undefined || !Number.isFinite(value) ? undefined : words(value.toFixed(digits)),
    isMet: value === undefined || !Number.isFinite(value) ? undefined : value <= most,
  };
}
