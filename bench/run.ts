import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { checkOutTree, ownRoot } from './against/other-tree.ts';
import { treePeer } from './against/tree-peer.ts';
import { type BenchCase, casesOf, pairedCases } from './bench-jobs.ts';
import { describeMachine } from './bench-machine.ts';
import { type BenchOptions, parseBenchOptions } from './bench-options.ts';
import { addResults, type BenchResults } from './bench-results.ts';
import { kamailioPeer } from './peers/kamailio-peer.ts';
import { parleyPeer } from './peers/parley-peer.ts';
import type { Peer, PeerName } from './peers/peer.ts';
import { relayPeer } from './peers/relay-peer.ts';
import { isWithin, pairedRatios, ratioTable } from './report/ratio-table.ts';
import { resultsTable } from './report/results-table.ts';
import { figuresFile, writeDocs } from './report/write-docs.ts';
import { BenchRunner, type Peers } from './run-cases.ts';
import { judgeSmoke, smokeCases, smokeOptions } from './smoke.ts';

/** `npm run bench`. */
const begunMs = performance.now();
const parsed = parseBenchOptions(process.argv.slice(2));
switch (parsed.kind) {
  case 'help':
    process.stdout.write(parsed.text);
    break;
  case 'wrong':
    process.stderr.write(parsed.text);
    process.exitCode = 2;
    break;
  case 'run':
    process.exitCode = await runBench(parsed.options);
}
// a server that would not end must not keep the command
process.exit();

function tell(line: string): void {
  process.stderr.write(`${((performance.now() - begunMs) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}

async function runBench(options: BenchOptions): Promise<0 | 1> {
  if (options.smoke) return runSmoke(smokeOptions(options));
  if (options.against !== undefined) return runAgainst(options, options.against);
  const kept = options.jsonFile ?? figuresFile;
  if (options.writeDocs && existsSync(kept)) {
    writeDocs(JSON.parse(readFileSync(kept, 'utf8')) as BenchResults);
    return 0;
  }
  if (options.more && !existsSync(kept)) {
    process.stderr.write(`${kept} is not there: measure without --more first.\n`);
    return 1;
  }
  const before = options.more ? (JSON.parse(readFileSync(kept, 'utf8')) as BenchResults) : undefined;
  const measured = await measure(options, casesOf(options.jobs, options), installedPeers(options));
  const results = before === undefined ? measured : addResults(before, measured);
  if (results === undefined) {
    process.stderr.write(`${kept} was measured otherwise: its windows and these do not go together.\n`);
    return 1;
  }
  process.stdout.write(resultsTable(results));
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
  if (options.writeDocs) writeDocs(results);
  return results.runs.every(({ outcome, timed }) => outcome?.failed === 0 || timed !== undefined) ? 0 : 1;
}

async function runSmoke(options: BenchOptions): Promise<0 | 1> {
  const results = await measure(options, smokeCases(casesOf(options.jobs, options)), installedPeers(options));
  const problems = judgeSmoke(results);
  process.stdout.write(
    `${resultsTable(results)}\n${problems.length === 0 ? 'ok\n' : problems.map(line => `TOO MUCH  ${line}\n`).join('')}`,
  );
  return problems.length === 0 ? 0 : 1;
}

/** Two trees of Parley in turn, each run by its own command line. */
async function runAgainst(options: BenchOptions, commit: string): Promise<0 | 1> {
  tell(`checking out ${commit}`);
  const tree = checkOutTree(commit);
  try {
    const peers: Peers = new Map<PeerName, Peer>([
      ['parley', treePeer('parley', 'this tree', ownRoot)],
      ['other', treePeer('other', tree.commit, tree.root)],
    ]);
    const results = await measure(options, pairedCases(casesOf(options.jobs, options)), { peers, absent: {} }, tree.commit);
    const ratios = pairedRatios(results.runs);
    process.stdout.write(ratioTable(ratios, tree.commit));
    if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
    return ratios.every(isWithin) ? 0 : 1;
  } finally {
    tree.remove();
  }
}

/** The servers that a run is to measure and can. */
interface PeersHere {
  readonly peers: Peers;
  /** Those that cannot run, with the reason. */
  readonly absent: BenchResults['absent'];
}

function installedPeers({ peers: wanted }: BenchOptions): PeersHere {
  const known = [parleyPeer, kamailioPeer, relayPeer].filter(({ name }) => (wanted as readonly PeerName[]).includes(name));
  const absent = known.flatMap(peer => {
    const why = peer.obstacle();
    return why === undefined ? [] : [[peer, why] as const];
  });
  for (const [peer, why] of absent) tell(`${peer.title}: ${why}`);
  const there = known.filter(peer => !absent.some(([one]) => one === peer));
  return {
    peers: new Map(there.map(peer => [peer.name, peer])),
    absent: Object.fromEntries(absent.map(([{ name }, why]) => [name, why])),
  };
}

async function measure(
  options: BenchOptions,
  cases: readonly BenchCase[],
  { peers, absent }: PeersHere,
  otherCommit?: string,
): Promise<BenchResults> {
  const runner = new BenchRunner(options, peers, tell);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      tell(`${signal}: stopping the servers`);
      void runner.stop().then(() => process.exit(1));
    });
  }
  await runner.run(cases);
  const { reps, seconds, warmSeconds, firstWarmSeconds, keep, users, domains, serverCpus, generatorCpus } = options;
  return {
    format: 1,
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    machine: describeMachine([...peers.keys()], otherCommit),
    setting: { reps, seconds, warmSeconds, firstWarmSeconds, keep, users, domains, serverCpus, generatorCpus },
    absent,
    skipped: runner.skipped,
    runs: runner.runs,
  };
}
