import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, gauge, type Metric, renderMetrics } from './metrics.ts';

test('metrics are text that scrapers read: help, type, labels with everything escaped that has to be', () => {
  const labelled: Metric = {
    name: 'odd',
    type: 'gauge',
    help: 'a \\ and\na line',
    read: () => [{ labels: { name: 'quote " backslash \\ line\n', other: 'x' }, value: 1.5 }, { value: undefined }],
  };
  const text = renderMetrics([
    counter('seen_total', 'Seen.', () => 3),
    gauge('unknown', 'Unknown now.', () => undefined),
    labelled,
  ]);
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
