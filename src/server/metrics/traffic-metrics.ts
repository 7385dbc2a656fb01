import type { Flow } from '../../flow/flow.ts';
import { counter, gauge, type Metric, type Sample } from '../../observe/metrics.ts';
import type { DnsCounts } from '../../resolve/federation-resolver.ts';
import type { TransactionLayer } from '../../transaction/transaction-layer.ts';

/** What goes through the transaction layer of a role: requests, answers, and what is under way. */
export function trafficMetrics(layer: TransactionLayer<Flow>): readonly Metric[] {
  const { counts } = layer;
  return [
    {
      name: 'parley_requests_total',
      type: 'counter',
      help: 'SIP requests received that want an answer, by method.',
      read: () =>
        [...counts.methods].map(([method, { requests }]): Sample => ({ labels: { method: method || 'other' }, value: requests })),
    },
    {
      name: 'parley_responses_total',
      type: 'counter',
      help: 'Final answers given to them, by method and class of the status; MESSAGE with 2xx: instant messages delivered.',
      read: () => [...counts.methods].flatMap(([method, { answers }]) => answersOf(method || 'other', answers)),
    },
    {
      name: 'parley_transactions',
      type: 'gauge',
      help: 'SIP transactions under way: server, requests of others; client, requests of ours.',
      read: () => [
        { labels: { side: 'server' }, value: layer.serverTransactions },
        { labels: { side: 'client' }, value: layer.clientTransactions },
      ],
    },
    counter('parley_client_transactions_total', 'SIP requests sent since the start.', () => counts.clientStarted),
    counter('parley_client_timeouts_total', 'SIP requests sent that nobody answered in time.', () => counts.clientTimeouts),
    counter('parley_transport_errors_total', 'SIP requests sent whose connection broke.', () => counts.transportErrors),
    counter('parley_overload_refusals_total', 'Requests answered 503 because a limit was reached.', () => counts.refused),
    counter('parley_stray_responses_total', 'Answers that belong to no request of ours.', () => counts.strayResponses),
  ];
}

function answersOf(method: string, answers: readonly number[]): readonly Sample[] {
  return answers.flatMap((value, first) => (first < 2 ? [] : [{ labels: { method, class: `${first}xx` }, value }]));
}

/** Connections of ours to other servers, by what they are for. */
export function trunkMetrics(read: () => Readonly<Record<string, number>>): readonly Metric[] {
  return [
    {
      name: 'parley_trunks',
      type: 'gauge',
      help: 'Connections opened by this server that are open, by whom they lead to.',
      read: () => Object.entries(read()).map(([to, value]) => ({ labels: { to }, value })),
    },
  ];
}

/** What the name servers said. */
export function dnsMetrics(counts: DnsCounts): readonly Metric[] {
  const kinds = Object.entries(counts);
  return [
    {
      name: 'parley_dns_answers_total',
      type: 'counter',
      help: 'Answers of the name servers by record and outcome; what the cache answered is not in it.',
      read: () =>
        kinds.flatMap(([record, outcomes]) =>
          Object.entries(outcomes).map(([outcome, value]): Sample => ({ labels: { record, outcome }, value })),
        ),
    },
  ];
}

/** Which configuration a server decides by. */
export function configurationMetrics(read: () => { readonly epoch: number; readonly number: number }): readonly Metric[] {
  return [
    gauge(
      'parley_configuration_epoch',
      'Epoch of the configuration this server decides by; a restore raises it.',
      () => read().epoch,
    ),
    gauge('parley_configuration_revision', 'Revision of it; 0 on an Edge that has none yet.', () => read().number),
  ];
}
