import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchCase, messageBodyBytes } from './bench-jobs.ts';
import type { BenchOptions } from './bench-options.ts';
import type { BenchRun } from './bench-results.ts';
import type { LoadOrder } from './generator/load-order.ts';
import { untilAtRest } from './machine/at-rest.ts';
import { holdRunning } from './machine/pinned-process.ts';
import { measureWindow } from './measure-window.ts';
import type { Peer, PeerName, PeerStart, RunningPeer, StartTrial } from './peers/peer.ts';

const attempts = 3;

/** Peers by their name, those that can be measured here. */
export type Peers = ReadonlyMap<PeerName, Peer>;

/** A server of a stage: running, or ready to be started, and the user that the next window begins with. */
interface Server {
  running?: RunningPeer | undefined;
  /** Starts it again after it has ended by itself. */
  readonly restart: () => Promise<RunningPeer>;
  readonly trial?: StartTrial;
  nextUser: number;
  /** Nothing has been measured on it yet. */
  isFresh: boolean;
}

/** Runs the cases, stage by stage. */
export class BenchRunner {
  readonly #options: BenchOptions;
  readonly #peers: Peers;
  readonly #tell: (line: string) => void;
  readonly #servers = new Map<string, Server>();
  #folder: string | undefined;
  readonly runs: BenchRun[] = [];
  /** Cases that cannot be run here, with the reason. */
  readonly skipped: string[] = [];

  constructor(options: BenchOptions, peers: Peers, tell: (line: string) => void) {
    this.#options = options;
    this.#peers = peers;
    this.#tell = tell;
  }

  /** Runs them all; windows of one block are interleaved over its cases and peers. */
  async run(cases: readonly BenchCase[]): Promise<void> {
    for (const stage of Map.groupBy(cases, one => one.stage).values()) {
      const repetitions = Array.from({ length: this.#options.reps }, (_, i) => i + 1);
      const { fresh } = stage[0] as BenchCase;
      if (!fresh) await this.#runStage(stage, repetitions);
      else for (const rep of repetitions) await this.#runStage(stage, [rep]);
    }
  }

  /** Ends all servers and removes what they wrote. */
  async stop(): Promise<void> {
    const running = [...this.#servers.values()].flatMap(server => server.running ?? []);
    this.#servers.clear();
    for (const one of running) {
      holdRunning(false, one.pids(2));
      await one.stop();
    }
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  async #runStage(stage: readonly BenchCase[], repetitions: readonly number[]): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    this.#folder = folder;
    const servers = this.#servers;
    try {
      for (const one of stage) for (const peer of one.peers) await this.#startServer(one, peer, servers, folder);
      for (const block of Map.groupBy(stage, one => one.block).values()) {
        for (const rep of repetitions) await this.#runBlock(block, rep);
      }
    } finally {
      await this.stop();
    }
  }

  /** The cases of one peer follow each other: what they are compared by should not lie between. */
  async #runBlock(block: readonly BenchCase[], rep: number): Promise<void> {
    const { windows } = block[0] as BenchCase;
    for (let number = (rep - 1) * windows + 1; number <= rep * windows; number++) {
      for (const peer of inTurn([...new Set(block.flatMap(one => one.peers))], number)) {
        for (const one of block) {
          const server = this.#servers.get(keyOf(one, peer));
          if (server !== undefined) await this.#runOnce(one, peer, server, number);
        }
      }
    }
  }

  async #startServer(one: BenchCase, name: PeerName, servers: Map<string, Server>, stageFolder: string): Promise<void> {
    const key = keyOf(one, name);
    const peer = this.#peers.get(name);
    if (peer === undefined || servers.has(key)) return;
    const { scale, measure } = one;
    const obstacle = peer.obstacle(scale);
    if (obstacle !== undefined) {
      this.skipped.push(`${one.name}: ${obstacle}`);
      this.#tell(`${one.name}, ${peer.title}: skipped, ${obstacle}`);
      return;
    }
    this.#tell(`starting ${peer.title} with ${scale.users} users and ${scale.domains} allowed domains`);
    const { serverCpus, generatorCpus } = this.#options;
    // several processes have to be free to use several processors, and so does what they are compared with; a start uses two threads
    const pinning =
      one.job === 'workers' || one.job === 'start'
        ? { servers: '', generator: '' }
        : { servers: serverCpus, generator: generatorCpus };
    const begin = (): PeerStart => ({ scale, pinning, folder: mkdtempSync(join(stageFolder, `${name}-`)) });
    const restart = () => peer.start(begin());
    try {
      const trial = measure.kind === 'start' ? await peer.prepareStart?.(begin()) : undefined;
      servers.set(key, {
        restart,
        nextUser: 0,
        isFresh: true,
        ...(trial === undefined ? { running: await restart() } : { trial }),
      });
    } catch (thrown) {
      const error = (thrown as Error).message;
      this.#tell(`${peer.title} did not start: ${error}`);
      this.runs.push({ name: one.name, job: one.job, unit: one.unit, peer: name, rep: 1, error });
    }
  }

  /** One window, numbered from 1; a server that breaks in it is started anew and has another try. What broke counts as a failure. */
  async #runOnce(one: BenchCase, peer: PeerName, server: Server, number: number): Promise<void> {
    const { name, job, unit, windows } = one;
    const head = { name, job, unit, peer, rep: Math.ceil(number / windows) };
    const say = (what: string) =>
      this.#tell(`${name}, ${this.#peers.get(peer)?.title}, ${number} of ${this.#options.reps * windows}: ${what}`);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      try {
        if (this.#freshWarmSecondsOf(peer) !== undefined && !server.isFresh) await startAnew(server);
        const run = { ...head, ...(await this.#measure(one, peer, server, number)) };
        this.runs.push(run);
        say(wordsOf(run));
        return;
      } catch (thrown) {
        const error = (thrown as Error).message;
        this.runs.push({ ...head, error });
        say(error);
        if (server.running === undefined) return;
        try {
          await startAnew(server);
        } catch (again) {
          return say(`it does not start any more: ${(again as Error).message}`);
        }
      }
    }
  }

  /** Servers that are not measured are held meanwhile: what they have left to do would be in the way. */
  async #alone<T>(server: Server, measure: () => Promise<T>): Promise<T> {
    const others = [...this.#servers.values()].filter(other => other !== server).flatMap(other => other.running?.pids(2) ?? []);
    holdRunning(true, others);
    try {
      return await measure();
    } finally {
      holdRunning(false, others);
    }
  }

  #freshWarmSecondsOf(peer: PeerName): number | undefined {
    return this.#options.keep ? undefined : this.#peers.get(peer)?.freshWarmSeconds;
  }

  #warmSecondsOf(peer: PeerName, number: number): number {
    const { warmSeconds, firstWarmSeconds } = this.#options;
    return this.#freshWarmSecondsOf(peer) ?? (number === 1 ? Math.max(firstWarmSeconds, warmSeconds) : warmSeconds);
  }

  async #measure(one: BenchCase, peer: PeerName, server: Server, number: number): Promise<Pick<BenchRun, 'outcome' | 'timed'>> {
    const { measure } = one;
    const { running, trial } = server;
    if (measure.kind === 'start' && trial !== undefined) return { timed: await trial.run() };
    if (running === undefined) throw new Error('it cannot be measured so');
    if (measure.kind === 'change' && running.change !== undefined) return { timed: await running.change() };
    if (measure.kind !== 'load') throw new Error('it cannot be measured so');
    const { seconds, generatorCpus, lockFile } = this.#options;
    const warmSeconds = this.#warmSecondsOf(peer, number);
    server.isFresh = false;
    const { load, connections, watchers, rate } = measure;
    const [home, away] = running.sites;
    const order: LoadOrder = {
      ...{ load, connections, watchers, rate, warmSeconds, seconds },
      sites: [home, one.organisations === 1 ? home : away],
      greeting: running.greeting,
      ...takeUsers(one, server),
      bodyBytes: messageBodyBytes,
      serverPids: running.pids(one.organisations),
    };
    const cpus = one.job === 'workers' ? '' : generatorCpus;
    const outcome = await this.#alone(server, () => measureWindow(order, { cpus, lockFile }));
    // a server that went away in the middle is not measured by what it did before
    if (outcome.failed > outcome.units || outcome.cpuSecondsPer1000 <= 0)
      throw new Error(`it went away: ${outcome.failed} failed, ${outcome.units} did not`);
    const restless = await untilAtRest(running.pids(2));
    if (restless !== undefined) throw new Error(`without load it still uses ${restless.toFixed(1)} of a processor`);
    return { outcome };
  }
}

/** Two trees of one program take turns in being the first, so that neither is always measured on the warmer machine. */
function inTurn(peers: readonly PeerName[], number: number): readonly PeerName[] {
  return peers.includes('other') && number % 2 === 0 ? peers.toReversed() : peers;
}

/** Throws when it does not come up; then it is not running. */
async function startAnew(server: Server): Promise<void> {
  await server.running?.stop();
  server.running = undefined;
  server.running = await server.restart();
  server.isFresh = true;
}

/** Users of a window are not those of the one before, so that no server has an old binding in its way. Sign-ins take the upper half. */
function takeUsers({ scale, measure }: BenchCase, server: Server): Pick<LoadOrder, 'firstUser' | 'userCount'> {
  const half = scale.users >> 1;
  if (measure.kind !== 'load' || measure.load === 'idle') return { firstUser: 0, userCount: scale.users };
  if (measure.load === 'signin') return { firstUser: half, userCount: half };
  const userCount = measure.load === 'fanout' ? measure.watchers + 1 : measure.connections * 2;
  if (server.nextUser + userCount > half) server.nextUser = 0;
  const firstUser = server.nextUser;
  server.nextUser += userCount;
  return { firstUser, userCount };
}

function wordsOf({ outcome, timed }: BenchRun): string {
  if (timed !== undefined) return `${timed.seconds.toFixed(3)} s, ${timed.cpuSeconds.toFixed(2)} CPU-s`;
  if (outcome === undefined) return 'nothing';
  const { unitsPerSecond, cpuSecondsPer1000, failed, pssKilobytesPerConnection } = outcome;
  const memory = pssKilobytesPerConnection === undefined ? '' : `, ${pssKilobytesPerConnection.toFixed(1)} KB each`;
  return `${unitsPerSecond.toFixed(0)}/s, ${cpuSecondsPer1000.toFixed(4)} CPU-s per 1000${memory}, ${failed} failed`;
}

function keyOf({ scale, measure }: BenchCase, peer: PeerName): string {
  return `${peer} ${JSON.stringify(scale)} ${measure.kind === 'start'}`;
}
