import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { guarded } from '../base/boundary.ts';
import { type Clock, sleep, type Timer } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Aor } from '../model/names.ts';
import type { MetricReading } from '../observe/metrics.ts';
import type { ServerLog } from '../observe/server-log.ts';
import { answerStoreQuestion } from '../store/channel-store.ts';
import type { ChangeSet, Store } from '../store/store.ts';
import type { WorkerPlace } from '../workers/worker-mesh.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** What the first worker starts the others with. */
export interface WorkerCrewOptions {
  readonly configuration: FrontEndServerConfiguration;
  /** Of the first worker. */
  readonly place: WorkerPlace;
  /** What tells this start of the server from others. */
  readonly boot: string;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly store: Store;
  /** Users who were signed in when the server stopped. */
  readonly awaited: readonly Aor[];
}

const processFile = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
const startTimeoutMs = 30_000;
const stopTimeoutMs = 3_000;
/** A change is answered when every worker decides by it; one that takes longer than this to answer is not waited for. */
const answerTimeoutMs = 2_000;
/** A worker that ends is started again after 0.1, 0.2, 0.4 … 5 seconds; one that has served this long begins anew. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const provenMs = 30_000;

/** Each is asked this often whether it is still at work; one that said nothing after so many times is stuck, and begins anew. */
const pulsePeriodMs = 5_000;
const stuckPulses = 4;

/** One further worker. */
interface Member {
  readonly slot: number;
  child: ChildProcess | undefined;
  serving: boolean;
  sinceMs: number;
  /** How often it was asked for a sign of life since it last said anything. */
  pulses: number;
  failures: number;
  restart: Timer | undefined;
}

/** A question that waits for its answer. */
interface Asked {
  readonly member: Member;
  readonly resolve: (answer: FromWorker | undefined) => void;
}

/** The further workers of a Front End as their parent sees them: started, started again when they end, told what changes, stopped. */
export class WorkerCrew {
  readonly #options: WorkerCrewOptions;
  readonly #members: readonly Member[];
  readonly #asked = new Map<number, Asked>();
  readonly #stopHints: () => void;
  readonly #pulse: Timer;
  #starts = 0;
  #nextId = 0;
  /** From now on one that ends is started again. */
  #started = false;
  #stopping = false;

  constructor(options: WorkerCrewOptions) {
    this.#options = options;
    this.#members = Array.from({ length: options.place.workers - 1 }, (_, index) => ({
      slot: index + 1,
      child: undefined,
      serving: false,
      sinceMs: 0,
      pulses: 0,
      failures: 0,
      restart: undefined,
    }));
    this.#stopHints = options.store.onHint(hint => {
      // they tell each other of bindings
      if (hint.kind !== 'bindings') for (const member of this.#members) tell(member, { kind: 'hint', hint });
    });
    this.#pulse = options.clock.every(pulsePeriodMs, () => this.#feelPulse());
  }

  /** Starts all; resolves when they serve. Fails as the first that does not, or with WORKER_DID_NOT_START. */
  async start(): Promise<Result<void>> {
    const started = await Promise.all(this.#members.map(member => this.#startMember(member)));
    const failed = started.find(result => !result.ok);
    this.#started = failed === undefined;
    // one that served and ended while others were starting
    if (this.#started) for (const member of this.#members) if (!member.child) this.#startAgain(member);
    return failed ?? ok(undefined);
  }

  /** Resolves when every worker that serves decides by a change that was committed. */
  async apply(change: ChangeSet): Promise<void> {
    const configuration = change.objects.length > 0;
    const users = change.users.map(user => user.id);
    await Promise.all(this.#members.map(member => this.#ask(member, id => ({ kind: 'apply', id, configuration, users }))));
  }

  /** The numbers of the workers that answer, by slot. */
  async readMetrics(): Promise<ReadonlyMap<number, readonly MetricReading[]>> {
    const answers = await Promise.all(this.#members.map(member => this.#ask(member, id => ({ kind: 'read-metrics', id }))));
    return new Map(
      answers.flatMap((answer, index) => (answer?.kind === 'metrics' ? [[index + 1, answer.readings] as const] : [])),
    );
  }

  /** Stops all. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#stopHints();
    this.#pulse.cancel();
    await Promise.all(this.#members.map(member => this.#stopMember(member)));
  }

  async #startMember(member: Member): Promise<Result<void>> {
    const { configuration, place, boot, clock, log } = this.#options;
    const child = fork(processFile, { stdio: ['ignore', 2, 2, 'ipc'], serialization: 'advanced' });
    member.child = child;
    member.sinceMs = clock.monotonic();
    const started = this.#untilServing(member, child);
    child.on('message', message => guarded(() => this.#receive(member, child, message as FromWorker)));
    child.once('exit', (code, signal) => this.#ended(member, child, signal ?? `exit code ${code}`));
    child.once('error', cause => this.#ended(member, child, cause.message));
    const seat = { place: { ...place, slot: member.slot }, incarnation: `${boot}.${++this.#starts}` };
    // of a worker that ends later, nobody is awaited any more
    const awaited = this.#started ? [] : this.#options.awaited;
    tell(member, { kind: 'start', configuration, seat, awaited });
    const result = await started;
    if (result.ok) log.event('worker-serving', { worker: member.slot, pid: child.pid });
    return result;
  }

  #untilServing(member: Member, child: ChildProcess): Promise<Result<void>> {
    return new Promise(resolve => {
      const finish = (result: Result<void>) => {
        timer.cancel();
        member.serving = result.ok;
        resolve(result);
      };
      const timer = this.#options.clock.after(startTimeoutMs, () => {
        finish(err(didNotStart(member, `it did not serve within ${startTimeoutMs / 1000} seconds`)));
        child.kill('SIGKILL');
      });
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'serving') finish(ok(undefined));
        else if (message.kind === 'refused') finish(err(message.failure));
      });
      child.once('error', cause => finish(err(didNotStart(member, cause.message))));
      child.once('exit', (code, signal) => finish(err(didNotStart(member, `it ended with ${signal ?? `exit code ${code}`}`))));
    });
  }

  /** What a worker answers; nothing where it is not there, or takes too long. */
  async #ask(member: Member, question: (id: number) => ToWorker): Promise<FromWorker | undefined> {
    const id = this.#nextId++;
    if (!tell(member, question(id))) return undefined;
    const answered = new Promise<FromWorker | undefined>(resolve => {
      this.#asked.set(id, { member, resolve });
    });
    const answer = await Promise.race([answered, sleep(this.#options.clock, answerTimeoutMs).then(() => undefined)]);
    this.#asked.delete(id);
    return answer;
  }

  #feelPulse(): void {
    for (const member of this.#members) {
      if (!member.serving) continue;
      if (member.pulses++ >= stuckPulses) {
        this.#options.log.event('worker-stuck', { worker: member.slot, pid: member.child?.pid });
        member.child?.kill('SIGKILL');
      } else tell(member, { kind: 'apply', id: this.#nextId++, configuration: false, users: [] });
    }
  }

  #receive(member: Member, child: ChildProcess, message: FromWorker): void {
    member.pulses = 0;
    if (message.kind === 'store') {
      void answerStoreQuestion(this.#options.store, message.question).then(answer => {
        if (member.child === child) tell(member, { kind: 'store', answer });
      });
    } else if (message.kind === 'applied' || message.kind === 'metrics') this.#asked.get(message.id)?.resolve(message);
  }

  #ended(member: Member, child: ChildProcess, how: string): void {
    if (member.child !== child) return;
    const { clock, log } = this.#options;
    const wasServing = member.serving;
    member.child = undefined;
    member.serving = false;
    for (const asked of this.#asked.values()) if (asked.member === member) asked.resolve(undefined);
    if (this.#stopping || !this.#started) return;
    if (wasServing && clock.monotonic() - member.sinceMs >= provenMs) member.failures = 0;
    log.event('worker-ended', { worker: member.slot, how });
    this.#startAgain(member);
  }

  #startAgain(member: Member): void {
    const { clock, log } = this.#options;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** member.failures);
    member.failures = Math.min(member.failures + 1, 10);
    member.restart = clock.after(pauseMs, () => {
      void this.#startMember(member).then(result => {
        if (!result.ok) log.failure('worker-did-not-start', result.error);
      });
    });
  }

  async #stopMember(member: Member): Promise<void> {
    member.restart?.cancel();
    const { child } = member;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    tell(member, { kind: 'stop' });
    const timer = this.#options.clock.after(stopTimeoutMs, () => child.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }
}

/** False where there is nobody to tell. */
function tell({ child }: Member, message: ToWorker): boolean {
  if (!child?.connected) return false;
  // a worker that has just died is told nothing any more, and its end is reported by itself
  child.send(message, () => {});
  return true;
}

function didNotStart({ slot }: Member, detail: string): Failure {
  return failure('WORKER_DID_NOT_START', { slot, detail });
}
