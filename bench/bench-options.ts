import { parseArgs } from 'node:util';
import { type JobName, jobNames } from './bench-jobs.ts';
import { type PeerName, peerNames } from './peers/peer.ts';

/** What one run of the benchmark is to do. */
export interface BenchOptions {
  readonly jobs: readonly JobName[];
  readonly peers: readonly PeerName[];
  readonly reps: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  /** Warm-up before the first window of each job. */
  readonly firstWarmSeconds: number;
  /** No server is started anew between windows, and all are warmed alike. */
  readonly keep: boolean;
  readonly users: number;
  readonly domains: number;
  readonly serverCpus: string;
  readonly generatorCpus: string;
  readonly jsonFile?: string;
  /** The windows are added to those in `jsonFile`. */
  readonly more: boolean;
  readonly smoke: boolean;
  /** Parley at this commit is measured in turn with this tree, and nothing else is. */
  readonly against?: string;
  readonly writeDocs: boolean;
  readonly lockFile: string;
}

/** What the command line gave: options, the help text to print, or what is wrong with it. */
export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string };

const declared = {
  jobs: { type: 'string' },
  peers: { type: 'string' },
  reps: { type: 'string', default: '3' },
  secs: { type: 'string', default: '5' },
  warm: { type: 'string', default: '5' },
  'first-warm': { type: 'string', default: '20' },
  keep: { type: 'boolean', default: false },
  users: { type: 'string', default: '20000' },
  domains: { type: 'string', default: '10000' },
  'server-cpus': { type: 'string', default: '0' },
  'generator-cpus': { type: 'string', default: '1' },
  lock: { type: 'string', default: '/tmp/parley-bench.lock' },
  json: { type: 'string' },
  more: { type: 'boolean', default: false },
  against: { type: 'string' },
  smoke: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Jobs that are measured against another commit where none are named. */
const againstJobs: readonly JobName[] = ['im', 'federated', 'fanout', 'signin', 'idle', 'start'];

/** The help text. */
export const helpText = `Usage: npm run bench -- [options]

What Parley costs beside a well-known SIP server and beside the least a server in Node can do, measured in one run on this machine.

Options:
  --jobs <names>           ${jobNames.join(', ')}
                           (default: all)
  --peers <names>          ${peerNames.join(', ')} (default: all that are installed)
  --reps <count>           repetitions, interleaved over the peers; the table shows medians (default: 3)
  --secs <seconds>         length of a measured window (default: 5)
  --warm <seconds>         load before each window (default: 5)
  --first-warm <seconds>   the same before the first window of each job, until the server has compiled itself (default: 20)
  --keep                   Kamailio too runs on from window to window, and is warmed like the others
  --users <count>          users of each organisation (default: 20000)
  --domains <count>        allowed domains of each organisation (default: 10000)
  --server-cpus <list>     processors of the servers, as for taskset; empty: any (default: 0)
  --generator-cpus <list>  processors of the load generator (default: 1)
  --lock <file>            no two windows under the same lock at a time (default: ${declared.lock.default})
  --json <file>            write the figures of every window here
  --more                   add the windows to those in the file of --json, measured in the same way on the same machine
  --write-docs             write docs/performance.md and docs/performance.svg from the figures in --json
                           (default: docs/performance.json), which are measured only if they are not there
  --against <commit>       this tree and another commit in turn, window by window; prints ratios with their spread and exits
                           with 1 where one is over 1.03 (jobs: ${againstJobs.join(', ')})
  --smoke                  30 seconds, Parley and the bare relay: exit 1 if Parley costs far more than it should
  -h, --help               this text

Progress goes to stderr, the table to stdout. Exit code 1: a unit failed, or a server did not start.

Examples:
  npm run bench
  npm run bench -- --jobs im,federated --reps 3 --secs 5 --peers parley,kamailio,relay --json figures.json
  npm run bench -- --jobs fanout --peers parley --reps 1 --secs 2
  npm run bench -- --json docs/performance.json && npm run bench -- --write-docs
  npm run bench -- --against HEAD~1 --jobs im,federated --reps 6
  npm run bench -- --smoke
`;

/** Reads the command line. */
export function parseBenchOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({ args: [...args], options: declared, allowPositionals: false });
    if (values.help) return { kind: 'help', text: helpText };
    const { against } = values;
    if (against !== undefined && (values.peers !== undefined || values['write-docs'] || values.smoke)) {
      throw new Error('--against compares two trees of Parley: --peers, --write-docs and --smoke do not go with it.');
    }
    const options: BenchOptions = {
      jobs: values.jobs === undefined && against !== undefined ? againstJobs : namesOf('jobs', values.jobs, jobNames),
      peers: namesOf('peers', values.peers, peerNames),
      reps: numberOf('reps', values.reps, 1),
      seconds: numberOf('secs', values.secs, 0.1),
      warmSeconds: numberOf('warm', values.warm, 0),
      firstWarmSeconds: numberOf('first-warm', values['first-warm'], 0),
      keep: values.keep,
      users: numberOf('users', values.users, 200),
      domains: numberOf('domains', values.domains, 0),
      serverCpus: values['server-cpus'],
      generatorCpus: values['generator-cpus'],
      lockFile: values.lock,
      more: values.more,
      smoke: values.smoke,
      writeDocs: values['write-docs'],
      ...(against === undefined ? {} : { against }),
      ...(values.json === undefined ? {} : { jsonFile: values.json }),
    };
    return { kind: 'run', options };
  } catch (cause) {
    return { kind: 'wrong', text: `${(cause as Error).message}\nSee npm run bench -- --help\n` };
  }
}

function namesOf<T extends string>(option: string, given: string | undefined, known: readonly T[]): readonly T[] {
  if (given === undefined) return known;
  const wanted = given.split(',').filter(name => name !== '');
  const strange = wanted.find(name => !(known as readonly string[]).includes(name));
  if (strange !== undefined) throw new Error(`--${option}: "${strange}" is none of ${known.join(', ')}.`);
  return known.filter(name => wanted.includes(name));
}

function numberOf(option: string, given: string, least: number): number {
  const value = Number(given);
  if (given === '' || !Number.isFinite(value) || value < least)
    throw new Error(`--${option}: "${given}" is no number from ${least} up.`);
  return value;
}
