import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchCase, messageBodyBytes } from './bench-jobs.ts';
import type { BenchOptions } from './bench-options.ts';
import type { BenchRun } from './bench-results.ts';
import { measureWindow } from './measure-window.ts';
import { kamailioPeer } from './peers/kamailio-peer.ts';
import { parleyPeer } from './peers/parley-peer.ts';
import type { Peer, PeerName, RunningPeer } from './peers/peer.ts';
import { relayPeer } from './peers/relay-peer.ts';

/** All that can be measured. */
export const allPeers: Readonly<Record<PeerName, Peer>> = { parley: parleyPeer, kamailio: kamailioPeer, relay: relayPeer };

/** Servers that run side by side, and which users the next window takes. */
interface Deployment {
  readonly peers: ReadonlyMap<PeerName, RunningPeer>;
  readonly users: number;
  nextUser: number;
}

/** Runs all cases on these peers; the windows of one case are interleaved over the peers. */
export async function runCases(
  cases: readonly BenchCase[],
  peers: readonly PeerName[],
  options: BenchOptions,
  tell: (line: string) => void,
): Promise<readonly BenchRun[]> {
  const runs: BenchRun[] = [];
  const groups = Map.groupBy(cases, ({ scale }) => JSON.stringify(scale));
  for (const group of groups.values()) {
    const wanted = peers.filter(peer => group.some(one => one.peers.includes(peer)));
    const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    const deployment = await startDeployment(group[0] as BenchCase, wanted, folder, options, tell);
    try {
      for (const one of group) runs.push(...(await runCase(one, deployment, options, tell)));
    } finally {
      for (const peer of deployment.peers.values()) await peer.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return runs;
}

async function startDeployment(
  { scale }: BenchCase,
  wanted: readonly PeerName[],
  folder: string,
  { serverCpus, generatorCpus }: BenchOptions,
  tell: (line: string) => void,
): Promise<Deployment> {
  const peers = new Map<PeerName, RunningPeer>();
  const pinning = { servers: serverCpus, generator: generatorCpus };
  try {
    for (const name of wanted) {
      tell(`starting ${allPeers[name].title} with ${scale.users} users and ${scale.domains} allowed domains`);
      const home = join(folder, name);
      mkdirSync(home);
      peers.set(name, await allPeers[name].start({ scale, pinning, folder: home }));
    }
  } catch (thrown) {
    for (const peer of peers.values()) await peer.stop();
    throw thrown;
  }
  return { peers, users: scale.users, nextUser: 0 };
}

async function runCase(
  one: BenchCase,
  deployment: Deployment,
  options: BenchOptions,
  tell: (line: string) => void,
): Promise<readonly BenchRun[]> {
  const { name, job, unit } = one;
  const runs: BenchRun[] = [];
  for (let rep = 1; rep <= options.reps; rep++) {
    // Users of a window are not those of the one before: no server has an old binding in its way.
    const firstUser = takeUsers(deployment, one);
    for (const [peer, running] of deployment.peers) {
      if (!one.peers.includes(peer)) continue;
      const head = { name, job, unit, peer, rep };
      try {
        const order = orderOf(one, running, firstUser, options);
        const outcome = await measureWindow(order, { cpus: options.generatorCpus, lockFile: options.lockFile });
        runs.push({ ...head, outcome });
        const rate = `${outcome.unitsPerSecond.toFixed(0)}/s, ${outcome.cpuSecondsPer1000.toFixed(4)} CPU-s per 1000`;
        tell(`${name}, ${allPeers[peer].title}, ${rep} of ${options.reps}: ${rate}, ${outcome.failed} failed`);
      } catch (thrown) {
        const error = (thrown as Error).message;
        runs.push({ ...head, error });
        tell(`${name}, ${allPeers[peer].title}, ${rep} of ${options.reps}: ${error}`);
      }
    }
  }
  return runs;
}

function orderOf(one: BenchCase, running: RunningPeer, firstUser: number, { warmSeconds, seconds }: BenchOptions) {
  const [home, away] = running.sites;
  const { greeting } = running;
  const sites = [home, one.organisations === 1 ? home : away] as const;
  const serverPids = running.pids(one.organisations);
  return { ...one.load, sites, greeting, firstUser, bodyBytes: messageBodyBytes, warmSeconds, seconds, serverPids };
}

function takeUsers(deployment: Deployment, { load }: BenchCase): number {
  const needed = Math.max(load.connections * 2, load.watchers + 1);
  if (deployment.nextUser + needed > deployment.users) deployment.nextUser = 0;
  const first = deployment.nextUser;
  deployment.nextUser += needed;
  return first;
}
