import type { LoadOrder } from './generator/load-order.ts';
import type { PeerName, Scale } from './peers/peer.ts';

/** What can be measured, in the order in which it is. */
export const jobNames = [
  ...['im', 'federated', 'session', 'fanout', 'register', 'signin', 'idle'],
  ...['flat', 'start', 'change', 'workers'],
] as readonly JobName[];
export type JobName =
  | 'im'
  | 'federated'
  | 'session'
  | 'fanout'
  | 'register'
  | 'signin'
  | 'idle'
  | 'flat'
  | 'start'
  | 'change'
  | 'workers';

/** How a case is measured: by the load generator, or by the clock. */
export type Measure =
  | ({ readonly kind: 'load' } & Pick<LoadOrder, 'load' | 'connections' | 'watchers' | 'rate'>)
  | { readonly kind: 'start' }
  | { readonly kind: 'change' };

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
  /** Cases of one stage are measured while the servers of all of them run side by side. */
  readonly stage: string;
  /** Cases of one block take turns in every repetition. */
  readonly block: string;
  /** Servers are started anew for each repetition. */
  readonly fresh: boolean;
  /** Windows in each repetition: two cases that are to cost the same need more of them than two servers that differ. */
  readonly windows: number;
  readonly measure: Measure;
}

/** The size of the deployments where a job does not say otherwise. */
export interface UsualScale {
  readonly users: number;
  readonly domains: number;
}

/** About 700 bytes in all, with the head that a client sends. */
export const messageBodyBytes = 300;
const everybody: readonly PeerName[] = ['parley', 'kamailio', 'relay'];
const registrars: readonly PeerName[] = ['parley', 'kamailio'];
const pairs = 100;
const imRate = 1500;
const federatedRate = 800;
const signInLoops = 32;
const idleConnections = 4000;
const manyDomains = 100_000;

/** All cases of the jobs. */
export function casesOf(jobs: readonly JobName[], usual: UsualScale): readonly BenchCase[] {
  return jobs.flatMap(job => makers[job]({ ...usual, presence: false, workers: 1 }));
}

/** The same for this tree and another one. */
export function pairedCases(cases: readonly BenchCase[]): readonly BenchCase[] {
  return cases.map(one => ({ ...one, peers: ['parley', 'other'] }));
}

const makers: Readonly<Record<JobName, (scale: Scale) => readonly BenchCase[]>> = {
  im: scale => [messages('im', 1, scale, 0), messages('im', 1, scale, imRate)],
  federated: scale => [messages('federated', 2, scale, 0), messages('federated', 2, scale, federatedRate)],
  session: scale => [
    usualCase('session', 'INVITE, ACK, MESSAGE, BYE and their 200', scale, { load: 'session', connections: pairs }, registrars),
  ],
  fanout: scale => [100, 1000].filter(watchers => watchers < scale.users).map(watchers => fanout(scale, watchers)),
  register: scale => [
    usualCase(
      'register',
      'REGISTER with digest on an open connection',
      scale,
      { load: 'register', connections: pairs },
      registrars,
    ),
  ],
  signin: scale => {
    const one = usualCase(
      'signin',
      'TLS handshake, REGISTER, 401, REGISTER, 200',
      scale,
      { load: 'signin', connections: signInLoops },
      registrars,
    );
    // what other jobs have left behind would be measured with it
    return [{ ...one, stage: 'signin' }];
  },
  idle: scale => {
    const connections = Math.min(idleConnections, scale.users);
    const one = usualCase('idle', 'one more signed-in TLS client', scale, { load: 'idle', connections }, registrars);
    return [{ ...one, name: `idle, ${connections} clients`, stage: 'idle', fresh: true }];
  },
  flat: flatCases,
  start: scale => [{ ...timed('start', 'start of the server until clients can connect', scale, 'start'), peers: registrars }],
  change: scale => [timed('change', 'one more allowed domain, until the Edge decides by it', scale, 'change')],
  workers: scale => [1, 2].map(workers => ({ ...workersCase(scale, workers) })),
};

function usualCase(
  job: JobName,
  unit: string,
  scale: Scale,
  load: Pick<LoadOrder, 'load' | 'connections'> & Partial<LoadOrder>,
  peers: readonly PeerName[],
): BenchCase {
  const measure = { kind: 'load', watchers: 0, rate: 0, ...load } as const;
  return { name: job, job, unit, peers, scale, organisations: 1, stage: 'usual', block: job, fresh: false, windows: 1, measure };
}

function messages(job: JobName, organisations: 1 | 2, scale: Scale, rate: number): BenchCase {
  const unit = organisations === 1 ? 'MESSAGE and its 200' : 'MESSAGE to the other organisation and its 200';
  const name = rate === 0 ? job : `${job} at ${rate}/s`;
  const one = usualCase(job, unit, scale, { load: 'message', connections: pairs, rate }, everybody);
  return { ...one, name, block: name, organisations };
}

function fanout(usual: Scale, watchers: number): BenchCase {
  const scale = { ...usual, presence: true };
  const one = usualCase('fanout', 'NOTIFY and its 200', scale, { load: 'fanout', connections: 1, watchers }, registrars);
  const name = `fanout to ${watchers}`;
  return { ...one, name, block: name, stage: 'presence' };
}

/** Small and large deployments side by side, so that both see the same machine. */
function flatCases(usual: Scale): readonly BenchCase[] {
  const small: Scale = { ...usual, users: 100, domains: 10 };
  const large: Scale = { ...usual, domains: manyDomains };
  return [1, 2].flatMap(organisations =>
    [small, large].map(scale => {
      const job = organisations === 1 ? 'im' : 'federated';
      const what = organisations === 1 ? `${scale.users} users` : `${scale.domains} allowed domains`;
      const one = messages('flat', organisations as 1 | 2, scale, 0);
      const measure = { kind: 'load', load: 'message', connections: 50, watchers: 0, rate: 0 } as const;
      const place = { stage: 'flat', block: `flat ${job}`, windows: 2 };
      return { ...one, ...place, name: `flat: ${job}, ${what}`, peers: registrars, measure };
    }),
  );
}

function timed(job: JobName, unit: string, usual: Scale, kind: 'start' | 'change'): BenchCase {
  const scale = { ...usual, domains: manyDomains };
  const name = `${job}, ${scale.users} users, ${scale.domains} domains`;
  const base = { name, job, unit, scale, stage: job, block: job, fresh: false, windows: 1 } as const;
  return { ...base, peers: ['parley'], organisations: 1, measure: { kind } };
}

function workersCase(usual: Scale, workers: number): BenchCase {
  const scale = { ...usual, workers };
  const one = messages('workers', 1, scale, 0);
  const name = `workers: im with ${workers}`;
  return { ...one, name, stage: 'workers', block: 'workers', windows: 2, peers: ['parley'] };
}
