import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type BenchCase, casesOf } from './bench-jobs.ts';
import { describeMachine } from './bench-machine.ts';
import { type BenchOptions, parseBenchOptions } from './bench-options.ts';
import { addResults, type BenchResults } from './bench-results.ts';
import type { PeerName } from './peers/peer.ts';
import { resultsTable } from './report/results-table.ts';
import { figuresFile, writeDocs } from './report/write-docs.ts';
import { allPeers, BenchRunner } from './run-cases.ts';
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
  const measured = await measure(options, casesOf(options.jobs, options));
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
  const results = await measure(options, smokeCases(casesOf(options.jobs, options)));
  const problems = judgeSmoke(results);
  process.stdout.write(
    `${resultsTable(results)}\n${problems.length === 0 ? 'ok\n' : problems.map(line => `TOO MUCH  ${line}\n`).join('')}`,
  );
  return problems.length === 0 ? 0 : 1;
}

async function measure(options: BenchOptions, cases: readonly BenchCase[]): Promise<BenchResults> {
  const obstacles = options.peers.map(name => [name, allPeers[name].obstacle()] as const);
  const absent = obstacles.flatMap(([name, why]) => (why === undefined ? [] : [[name, why] as const]));
  for (const [name, why] of absent) tell(`${allPeers[name].title}: ${why}`);
  const there: PeerName[] = obstacles.flatMap(([name, why]) => (why === undefined ? name : []));
  const runner = new BenchRunner(options, there, tell);
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
    machine: describeMachine(there),
    setting: { reps, seconds, warmSeconds, firstWarmSeconds, keep, users, domains, serverCpus, generatorCpus },
    absent: Object.fromEntries(absent),
    skipped: runner.skipped,
    runs: runner.runs,
  };
}
