import type { LoadOrder } from './generator/load-order.ts';
import type { PeerName, Scale } from './peers/peer.ts';

/** What can be measured, in the order in which it is. */
export const jobNames = ['im', 'federated'] as const;
export type JobName = (typeof jobNames)[number];

/** One line of the table for each peer: a job in one variant. */
export interface BenchCase {
  /** Unique: `im`, `im at 1500/s`. */
  readonly name: string;
  readonly job: JobName;
  /** What is counted, for people. */
  readonly unit: string;
  readonly peers: readonly PeerName[];
  readonly scale: Scale;
  /** Organisations that take part: their processes count. */
  readonly organisations: 1 | 2;
  readonly load: Pick<LoadOrder, 'load' | 'connections' | 'watchers' | 'rate'>;
}

/** The size of the deployments where a job does not say otherwise. */
export interface UsualScale {
  readonly users: number;
  readonly domains: number;
}

/** About 700 bytes in all, with the head that a client sends. */
export const messageBodyBytes = 300;
const everybody = ['parley', 'kamailio', 'relay'] as const;
const pairs = 100;

/** All cases of the jobs. */
export function casesOf(jobs: readonly JobName[], usual: UsualScale): readonly BenchCase[] {
  return jobs.flatMap(job => makers[job]({ ...usual, presence: false }));
}

const makers: Readonly<Record<JobName, (scale: Scale) => readonly BenchCase[]>> = {
  im: scale => [messageCase('im', 1, scale, 0), messageCase('im', 1, scale, 1500)],
  federated: scale => [messageCase('federated', 2, scale, 0), messageCase('federated', 2, scale, 800)],
};

function messageCase(job: JobName, organisations: 1 | 2, scale: Scale, rate: number): BenchCase {
  return {
    name: rate === 0 ? job : `${job} at ${rate}/s`,
    job,
    unit: organisations === 1 ? 'MESSAGE and its 200' : 'MESSAGE to the other organisation and its 200',
    peers: everybody,
    scale,
    organisations,
    load: { load: 'message', connections: pairs, watchers: 0, rate },
  };
}
