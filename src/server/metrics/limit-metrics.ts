import type { SharedLimit } from '../../base/shared-limit.ts';
import type { Metric, Sample } from '../../observe/metrics.ts';

/** What is taken of the limits that many share, how much there is, and who got nothing. */
export function limitMetrics(limits: readonly SharedLimit[]): readonly Metric[] {
  const each = (read: (limit: SharedLimit) => number) => () =>
    limits.map((limit): Sample => ({ labels: { limit: limit.name }, value: read(limit) }));
  return [
    {
      name: 'parley_limit_taken',
      type: 'gauge',
      help: 'How much of a limit is taken now: places, requests or bytes. At rest it is zero, but for open connections.',
      read: each(({ taken }) => taken),
    },
    { name: 'parley_limit_size', type: 'gauge', help: 'How much there is of it in all.', read: each(({ size }) => size) },
    {
      name: 'parley_limit_refused_total',
      type: 'counter',
      help: 'How often somebody got nothing more: because of the own share, or because the whole was taken.',
      read: () =>
        limits.flatMap(({ name, refused }) =>
          Object.entries(refused).map(([by, value]): Sample => ({ labels: { limit: name, by }, value })),
        ),
    },
  ];
}
