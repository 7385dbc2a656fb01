import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBenchOptions } from '../../bench/bench-options.ts';
import { type BenchResults, type BenchRun, summarise } from '../../bench/bench-results.ts';
import type { LoadOutcome } from '../../bench/generator/load-order.ts';
import type { PeerName } from '../../bench/peers/peer.ts';
import { resultsTable } from '../../bench/report/results-table.ts';

const usual: LoadOutcome = {
  units: 10_000,
  failed: 0,
  skipped: 0,
  wallSeconds: 1,
  unitsPerSecond: 10_000,
  cpuSecondsPer1000: 0.1,
  serverCpuSeconds: 1,
  generatorCpuSeconds: 1,
  otherCpuSeconds: 0,
  stealSeconds: 0,
  pssMegabytes: 100,
  processes: 2,
  p50Ms: 10,
  p99Ms: 20,
  tls: 'TLSv1.3',
};

function run(peer: PeerName, rep: number, outcome: Partial<LoadOutcome>): BenchRun {
  return { name: 'im', job: 'im', unit: 'MESSAGE and its 200', peer, rep, outcome: { ...usual, ...outcome } };
}

test('the table has medians and ratios, and every failure of every repetition', () => {
  const runs = [
    run('parley', 1, { cpuSecondsPer1000: 0.08 }),
    run('kamailio', 1, {}),
    run('parley', 2, { cpuSecondsPer1000: 0.3, failed: 2, otherCpuSeconds: 0.5 }),
    run('parley', 3, { cpuSecondsPer1000: 0.09, failed: 1 }),
  ];
  const lost: BenchRun = { name: 'im', job: 'im', unit: '', peer: 'kamailio', rep: 2, error: 'no end' };
  const [parley, kamailio] = summarise([...runs, lost]);
  assert.equal(parley?.median?.cpuSecondsPer1000, 0.09);
  assert.deepEqual([parley?.failed, kamailio?.failed, kamailio?.reps], [3, 1, 1]);
  const results = { runs, skipped: [], absent: { relay: 'not installed (x)' } } as unknown as BenchResults;
  const lines = resultsTable(results).split('\n');
  assert.match(lines[2] ?? '', /^ {2}Parley +10000 +0\.0900 +0\.90 +10\.00 +20\.00 +100 +3 +0\.50 disturbed$/);
  assert.equal(lines[4], '  bare relay: not installed (x)');
});

for (const [args, expected] of [
  [['--jobs', 'federated,im', '--reps', '2'], { jobs: ['im', 'federated'], reps: 2 }],
  [['--peers', 'relay', '--json', 'x.json'], { peers: ['relay'], jsonFile: 'x.json' }],
  [['--smoke'], { smoke: true }],
] as const) {
  test(`options: ${args.join(' ')}`, () => {
    const parsed = parseBenchOptions(args);
    assert.ok(parsed.kind === 'run');
    assert.deepEqual({ ...parsed.options, ...expected }, parsed.options);
  });
}

for (const [args, words] of [
  [['--jobs', 'im,tea'], /"tea" is none of im, /],
  [['--reps', 'many'], /--reps: "many"/],
  [['--fast'], /--fast/],
  [['im'], /im/],
] as const) {
  test(`options refused: ${args.join(' ')}`, () => {
    const parsed = parseBenchOptions(args);
    assert.ok(parsed.kind === 'wrong');
    assert.match(parsed.text, words);
  });
}
