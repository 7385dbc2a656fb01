import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBenchOptions } from '../../bench/bench-options.ts';
import { addResults, type BenchRun, summarise } from '../../bench/bench-results.ts';
import { resultsTable } from '../../bench/report/results-table.ts';
import { benchResults, benchRun } from './bench-fixtures.ts';

test('the table has medians and ratios, and every failure of every repetition', () => {
  const runs = [
    benchRun('im', 'parley', 1, { cpuSecondsPer1000: 0.08 }),
    benchRun('im', 'kamailio', 1, {}),
    benchRun('im', 'parley', 2, { cpuSecondsPer1000: 0.3, failed: 2, otherCpuSeconds: 0.5 }),
    benchRun('im', 'parley', 3, { cpuSecondsPer1000: 0.09, failed: 1 }),
  ];
  const lost: BenchRun = { name: 'im', job: 'im', unit: '', peer: 'kamailio', rep: 2, error: 'no end' };
  const [parley, kamailio] = summarise([...runs, lost]);
  assert.equal(parley?.median?.cpuSecondsPer1000, 0.09);
  assert.deepEqual([parley?.failed, kamailio?.failed, kamailio?.reps], [3, 1, 1]);
  const results = { ...benchResults(runs), absent: { relay: 'not installed (x)' } };
  const lines = resultsTable(results).split('\n');
  assert.match(lines[2] ?? '', /^ {2}Parley +10000 +0\.0900 +0\.90 +10\.00 +20\.00 +100 +3 +0\.50 disturbed$/);
  assert.equal(lines[4], '  bare relay: not installed (x)');
});

test('windows of two runs go together as further repetitions, if both were measured alike', () => {
  const first = benchResults([benchRun('im', 'parley', 1, { cpuSecondsPer1000: 0.1 }), benchRun('session', 'parley', 1)]);
  const second = benchResults([benchRun('im', 'parley', 1, { cpuSecondsPer1000: 0.3 })]);
  const both = addResults(first, { ...second, setting: { ...second.setting, reps: 1 } });
  assert.deepEqual(
    both?.runs.map(({ name, rep }) => `${name} ${rep}`),
    ['im 1', 'session 1', 'im 4'],
  );
  assert.equal(summarise(both?.runs ?? [])[0]?.median?.cpuSecondsPer1000, 0.2);
  assert.equal(addResults(first, { ...second, setting: { ...second.setting, seconds: 6 } }), undefined);
  assert.equal(addResults(first, { ...second, setting: { ...second.setting, keep: true } }), undefined);
  assert.equal(addResults(first, { ...second, machine: { ...second.machine, kernel: '7' } }), undefined);
});

for (const [args, expected] of [
  [['--jobs', 'federated,im', '--reps', '2'], { jobs: ['im', 'federated'], reps: 2 }],
  [['--peers', 'relay', '--json', 'x.json'], { peers: ['relay'], jsonFile: 'x.json' }],
  [['--smoke'], { smoke: true }],
  [['--keep', '--more', '--first-warm', '9'], { keep: true, more: true, firstWarmSeconds: 9 }],
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
