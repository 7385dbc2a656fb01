import type { Clock } from '../../base/clock.ts';
import { gauge, type Metric } from '../../observe/metrics.ts';
import type { SnapshotReplica } from '../../replication/snapshot-replica.ts';

/** The configuration an Edge runs from: how old it is, and whether the last one sent was refused. */
export function replicaMetrics(replica: Pick<SnapshotReplica, 'installed' | 'lastRefusal'>, clock: Clock): readonly Metric[] {
  const ageOf = (atMs: number | undefined) => (atMs === undefined ? undefined : Math.floor((clock.now() - atMs) / 1000));
  return [
    gauge(
      'parley_replica_age_seconds',
      'Seconds since the installed configuration was made; old is normal where nothing changes.',
      () => ageOf(replica.installed?.createdAtMs),
    ),
    gauge(
      'parley_replica_refusal_age_seconds',
      'Seconds since a configuration was refused; absent when none was since the start.',
      () => ageOf(replica.lastRefusal?.atMs),
    ),
  ];
}
