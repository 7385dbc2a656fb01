import type { Clock } from '../../base/clock.ts';
import { counter, gauge, type Metric, type Sample } from '../../observe/metrics.ts';
import type { EdgeReplicationStatus } from '../../replication/edge-link.ts';
import type { Notifier } from '../../services/events/notifier.ts';
import type { PresenceService } from '../../services/presence/presence-service.ts';
import type { Registrar } from '../../services/registrar/registrar.ts';

/** What only a Front End has: its users and what they are told. */
export function userMetrics(
  users: { readonly count: number },
  registrar: Pick<Registrar, 'count'>,
  presence: Pick<PresenceService, 'counts'>,
  events: Pick<Notifier, 'counts' | 'sent'>,
): readonly Metric[] {
  return [
    gauge('parley_users', 'Users of all tenants.', () => users.count),
    gauge('parley_endpoints_registered', 'Endpoints registered at this server; a user may have several.', () => registrar.count),
    gauge('parley_presence_publications', 'Live publications of presence.', () => presence.counts.publications),
    gauge('parley_presence_subscriptions', 'Live subscriptions to presence.', () => events.counts.subscriptions),
    gauge(
      'parley_presence_subscriptions_pending',
      'Of them: those that wait for the word of the user.',
      () => events.counts.pending,
    ),
    gauge('parley_presence_notifications_waiting', 'NOTIFY requests about to be sent or without an answer.', () => {
      const { due, outstanding } = events.counts;
      return due + outstanding;
    }),
    counter('parley_presence_notifications_total', 'NOTIFY requests sent.', () => events.sent),
  ];
}

/** How far the Edges follow. */
export function replicationMetrics(status: () => readonly EdgeReplicationStatus[], clock: Clock): readonly Metric[] {
  const each = (read: (edge: EdgeReplicationStatus) => number | undefined) => () =>
    status().map((edge): Sample => ({ labels: { edge: edge.fqdn }, value: read(edge) }));
  return [
    {
      name: 'parley_replication_up_to_date',
      type: 'gauge',
      help: '1 when an Edge has the current configuration and the last exchange with it succeeded, else 0.',
      read: each(({ upToDate }) => (upToDate ? 1 : 0)),
    },
    {
      name: 'parley_replication_report_age_seconds',
      type: 'gauge',
      help: 'Seconds since an Edge last said what it has; asked every 30 s.',
      read: each(({ lastStatusReportMs: at }) => (at === undefined ? undefined : Math.floor((clock.now() - at) / 1000))),
    },
  ];
}
