import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOutTree } from '../../bench/against/other-tree.ts';
import { parseBenchOptions } from '../../bench/bench-options.ts';
import { isWithin, pairedRatios, ratioTable } from '../../bench/report/ratio-table.ts';
import { benchRun, timedRun } from './bench-fixtures.ts';

test('two trees are compared pair by pair: what slows both in one repetition is in no ratio', () => {
  const runs = [
    benchRun('im', 'parley', 1, { cpuSecondsPer1000: 0.05 }),
    benchRun('im', 'other', 1, { cpuSecondsPer1000: 0.05 }),
    benchRun('im', 'other', 2, { cpuSecondsPer1000: 0.2 }),
    benchRun('im', 'parley', 2, { cpuSecondsPer1000: 0.22 }),
    benchRun('im', 'parley', 3, { cpuSecondsPer1000: 0.05 }),
    benchRun('im', 'other', 3, { cpuSecondsPer1000: 0.05 }),
    timedRun('start', 'parley', 1, 2),
    timedRun('start', 'other', 1, 1),
  ];
  const [im, start] = pairedRatios(runs);
  assert.ok(im && start);
  assert.deepEqual(im.ratios, [1, 1, 1.1]);
  assert.equal(im.ratio, 1);
  assert.deepEqual([isWithin(im), isWithin(start)], [true, false]);
  const lines = ratioTable([im, start], 'abc1234').split('\n');
  assert.match(lines[0] ?? '', /this tree +abc1234 +ratio/);
  assert.match(lines[1] ?? '', /^ {2}im +CPU µs +50\.0 +50\.0 +1\.000 +1\.000 +1\.100 +3 +0 +ok$/);
  assert.match(lines[2] ?? '', /^ {2}start +seconds +2\.000 +1\.000 +2\.000 .*over 1\.03$/);
});

test('a window that broke leaves its pair out, and a failure of this tree is never within', () => {
  const broken = { name: 'im', job: 'im', unit: '', peer: 'other', rep: 1, error: 'no end' } as const;
  const [lone] = pairedRatios([benchRun('im', 'parley', 1), broken]);
  assert.ok(lone);
  assert.deepEqual([lone.ratio, lone.ratios.length, isWithin(lone)], [undefined, 0, false]);
  const [failed] = pairedRatios([benchRun('im', 'parley', 1, { failed: 1 }), benchRun('im', 'other', 1)]);
  assert.ok(failed);
  assert.deepEqual([failed.ratio, isWithin(failed)], [1, false]);
});

test('idle clients are compared by memory', () => {
  const [idle] = pairedRatios([
    benchRun('idle, 4000 clients', 'parley', 1, { pssKilobytesPerConnection: 44 }),
    benchRun('idle, 4000 clients', 'other', 1, { pssKilobytesPerConnection: 40 }),
  ]);
  assert.deepEqual([idle?.what, idle?.ratio], ['KB each', 1.1]);
});

test('a commit that is not there is named', () => {
  assert.throws(() => checkOutTree('no-such-commit'), /there is no commit "no-such-commit"/);
});

test('options: --against has jobs of its own and goes with no other servers', () => {
  const parsed = parseBenchOptions(['--against', 'HEAD']);
  assert.ok(parsed.kind === 'run');
  assert.deepEqual(parsed.options.jobs, ['im', 'federated', 'fanout', 'signin', 'idle', 'start']);
  for (const args of [['--peers', 'parley'], ['--write-docs'], ['--smoke']]) {
    assert.equal(parseBenchOptions(['--against', 'HEAD', ...args]).kind, 'wrong');
  }
});
