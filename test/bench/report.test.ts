import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { casesOf, jobNames } from '../../bench/bench-jobs.ts';
import { type BenchResults, summarise } from '../../bench/bench-results.ts';
import { judgeBars } from '../../bench/report/bars.ts';
import { performanceChart } from '../../bench/report/performance-chart.ts';
import { performancePage } from '../../bench/report/performance-page.ts';
import { figuresFile, pageFile } from '../../bench/report/write-docs.ts';
import { judgeSmoke } from '../../bench/smoke.ts';
import { readXml } from '../../src/body/xml-reader.ts';
import { benchResults, benchRun, timedRun } from './bench-fixtures.ts';

test('a bar is met, missed or not measured', () => {
  const bars = judgeBars(
    summarise([
      benchRun('im', 'parley', 1, { cpuSecondsPer1000: 0.08 }),
      benchRun('im', 'kamailio', 1),
      benchRun('fanout to 1000', 'parley', 1, { cpuSecondsPer1000: 0.071 }),
      benchRun('fanout to 1000', 'kamailio', 1),
      benchRun('idle, 10 clients', 'parley', 1, { pssKilobytesPerConnection: 64.5 }),
      benchRun('flat: im, 100 users', 'parley', 1),
      benchRun('flat: im, 20000 users', 'parley', 1, { cpuSecondsPer1000: 0.11 }),
      benchRun('federated', 'parley', 1, { failed: 1 }),
      timedRun('start', 'parley', 1, 1.51),
      benchRun('workers: im with 1', 'parley', 1),
      benchRun('workers: im with 2', 'parley', 1, { cpuSecondsPer1000: 0.12 }),
    ]),
  );
  assert.deepEqual(
    bars.map(({ measured, isMet }) => [measured, isMet]),
    [
      ['0.80 × Kamailio', true],
      [undefined, undefined],
      ['0.71 × Kamailio', false],
      [undefined, undefined],
      ['64.5 KB', false],
      ['1.10 × the small deployment', true],
      [undefined, undefined],
      ['1.51 s', false],
      [undefined, undefined],
      ['1.20 × one process', true],
      ['1', false],
    ],
  );
});

test('the bars name cases that there are', () => {
  const summaries = casesOf(jobNames, { users: 20_000, domains: 10_000 }).flatMap(({ name, peers, measure }) =>
    summarise(
      peers.map(peer =>
        measure.kind === 'load' ? benchRun(name, peer, 1, { pssKilobytesPerConnection: 1 }) : timedRun(name, peer, 1, 1),
      ),
    ),
  );
  assert.ok(judgeBars(summaries).every(({ measured }) => measured !== undefined));
});

test('the page keeps what was written by hand, and says what is not there', () => {
  const results = {
    ...benchResults([benchRun('im', 'parley', 1)]),
    absent: { kamailio: 'not installed (apt-get install kamailio)' },
  };
  const page = performancePage(results, '');
  assert.match(page, /^\| im \| Parley \| 100\.0 \| +\| +\| 10000 \| 10\.00 \| 20\.00 \| 100 \| 0 \|$/m);
  assert.match(page, /^- Kamailio: not installed \(apt-get install kamailio\)\.$/m);
  const remarked = `${page}\n## Why\nBecause.\n`;
  assert.ok(performancePage(results, remarked).endsWith('\n## Why\nBecause.\n'));
  assert.equal(performancePage(results, performancePage(results, remarked)), performancePage(results, remarked));
});

test('the chart is XML, with a bar for each server', () => {
  const runs = [
    benchRun('im', 'parley', 1, { cpuSecondsPer1000: 0.05 }),
    benchRun('im', 'kamailio', 1),
    benchRun('im', 'relay', 1),
  ];
  const chart = performanceChart(benchResults(runs));
  assert.ok(readXml(Buffer.from(chart)).ok);
  assert.match(chart, />50 µs · 0\.50</);
  assert.ok(readXml(Buffer.from(performanceChart(benchResults(runs.slice(0, 1))))).ok);
});

test('the page is made from the figures beside it', { skip: existsSync(figuresFile) ? false : 'no figures yet' }, () => {
  const page = readFileSync(pageFile, 'utf8');
  const figures = JSON.parse(readFileSync(figuresFile, 'utf8')) as BenchResults;
  assert.equal(performancePage(figures, page), page, 'npm run bench -- --write-docs');
});

for (const [what, cpuSecondsPer1000, expected] of [
  ['usual', 0.3, []],
  ['doubled', 0.6, ['im: 6.00 × the bare relay, more than 4.5']],
] as const) {
  test(`smoke: a cost that is ${what}`, () => {
    const runs = [benchRun('im', 'parley', 1, { cpuSecondsPer1000 }), benchRun('im', 'relay', 1)];
    const federated = [benchRun('federated', 'parley', 1), benchRun('federated', 'relay', 1)];
    assert.deepEqual(judgeSmoke({ runs: [...runs, ...federated] }), expected);
    assert.deepEqual(judgeSmoke({ runs }), [...expected, 'federated: there is no figure']);
  });
}
