import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, gauge, joinReadings, type Metric, readMetrics, renderMetrics } from './metrics.ts';

test('metrics are text that scrapers read: help, type, labels with everything escaped that has to be', () => {
  const labelled: Metric = {
    name: 'odd',
    type: 'gauge',
    help: 'a \\ and\na line',
    read: () => [{ labels: { name: 'quote " backslash \\ line\n', other: 'x' }, value: 1.5 }, { value: undefined }],
  };
  const text = renderMetrics(
    readMetrics([counter('seen_total', 'Seen.', () => 3), gauge('unknown', 'Unknown now.', () => undefined), labelled]),
  );
  assert.equal(
    text,
    [
      '# HELP seen_total Seen.',
      '# TYPE seen_total counter',
      'seen_total 3',
      '# HELP unknown Unknown now.',
      '# TYPE unknown gauge',
      '# HELP odd a \\\\ and\\na line',
      '# TYPE odd gauge',
      'odd{name="quote \\" backslash \\\\ line\\n",other="x"} 1.5',
      '',
    ].join('\n'),
  );
});

test('of several processes each number says whose it is, but what is common to all is said once', () => {
  const of = (users: number, seen: number) =>
    readMetrics([
      gauge('users', 'Users.', () => users),
      { name: 'seen_total', type: 'counter', help: 'Seen.', read: () => [{ labels: { code: 'X' }, value: seen }] },
    ]);
  const only = readMetrics([gauge('alone', 'Only one has it.', () => 7)]);
  const joined = joinReadings(
    new Map([
      [0, of(5, 1)],
      [1, [...of(5, 2), ...only]],
    ]),
    new Set(['users']),
  );
  const lines = renderMetrics(joined).split('\n');
  assert.deepEqual(
    lines.filter(line => line !== '' && !line.startsWith('#')),
    ['users 5', 'seen_total{code="X",worker="0"} 1', 'seen_total{code="X",worker="1"} 2', 'alone{worker="1"} 7'],
  );
  assert.equal(lines.filter(line => line.startsWith('# TYPE')).length, 3);
});
