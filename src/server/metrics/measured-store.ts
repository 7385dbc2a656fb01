import type { Clock } from '../../base/clock.ts';
import type { Metric, Sample } from '../../observe/metrics.ts';
import type { Store } from '../../store/store.ts';
import { callStore, storeAround } from '../../store/store-facade.ts';
import { operationNames } from '../../store/store-operations.ts';

interface Measure {
  count: number;
  milliseconds: number;
  failures: number;
}

/** A store whose operations are timed and counted, and the metrics about them. */
export function measureStore(store: Store, clock: Clock): { readonly store: Store; readonly metrics: readonly Metric[] } {
  const measures = new Map<string, Measure>(operationNames.map(name => [name, { count: 0, milliseconds: 0, failures: 0 }]));
  let hints = 0;
  store.onHint(() => {
    hints++;
  });
  const outer = storeAround(store, (name, args) =>
    timed(measures.get(name) as Measure, clock, () => callStore(store, name, args)),
  );
  return { store: outer, metrics: storeMetrics(measures, () => hints) };
}

async function timed(measure: Measure, clock: Clock, run: () => Promise<unknown>): Promise<unknown> {
  const begin = clock.monotonic();
  let isDone = false;
  try {
    const result = await run();
    isDone = !(typeof result === 'object' && result !== null && 'ok' in result && result.ok === false);
    return result;
  } finally {
    measure.count++;
    measure.milliseconds += clock.monotonic() - begin;
    if (!isDone) measure.failures++;
  }
}

function storeMetrics(measures: ReadonlyMap<string, Measure>, hints: () => number): readonly Metric[] {
  const each = (read: (measure: Measure) => number) => () =>
    [...measures].map(([operation, measure]): Sample => ({ labels: { operation }, value: read(measure) }));
  return [
    {
      name: 'parley_store_operations_total',
      type: 'counter',
      help: 'Operations on the store by kind, those that failed included.',
      read: each(({ count }) => count),
    },
    {
      name: 'parley_store_operation_seconds_total',
      type: 'counter',
      help: 'Time they took together, seconds: divided by their number, the mean.',
      read: each(({ milliseconds }) => milliseconds / 1000),
    },
    {
      name: 'parley_store_failures_total',
      type: 'counter',
      help: 'Of them: those that failed, conflicts included.',
      read: each(({ failures }) => failures),
    },
    {
      name: 'parley_store_hints_total',
      type: 'counter',
      help: 'Hints of the change feed that something is to be read again.',
      read: () => [{ value: hints() }],
    },
  ];
}
