import type { Clock } from '../../base/clock.ts';
import type { SharedLimit } from '../../base/shared-limit.ts';
import { joinReadings, type Metric, type MetricReading, readMetrics, renderMetrics, type Sample } from '../../observe/metrics.ts';
import type { Listener } from '../../wire/listener.ts';
import type { RefusalCounts } from '../role-log.ts';
import { limitMetrics } from './limit-metrics.ts';
import { ProcessMetrics } from './process-metrics.ts';

/** What all processes of a server say alike, or only the first one knows. */
const ofTheServer: ReadonlySet<string> = new Set([
  'parley_info',
  'parley_users',
  'parley_certificate_expires_in_seconds',
  'parley_configuration_epoch',
  'parley_configuration_revision',
  'parley_replication_up_to_date',
  'parley_replication_report_age_seconds',
]);

/** What a server counts and shows: every part of it adds its own when it is made. */
export class ServerMetrics {
  /** Counted by the log. */
  readonly refusals: RefusalCounts = new Map();
  readonly #clock: Clock;
  readonly #process: ProcessMetrics;
  readonly #listeners = new Map<string, Listener>();
  readonly #certificates = new Map<string, number>();
  readonly #limits: SharedLimit[] = [];
  readonly #added: Metric[] = [];
  #remarks: () => readonly string[] = () => [];
  #others: (() => Promise<ReadonlyMap<number, readonly MetricReading[]>>) | undefined;

  constructor(role: string, version: string, clock: Clock) {
    this.#clock = clock;
    this.#process = new ProcessMetrics(role, version, clock);
  }

  /** Shows these too. */
  add(...metrics: readonly Metric[]): void {
    this.#added.push(...metrics);
  }

  /** Shows what came in through a listener; `name` is its key in the configuration file. */
  listener(name: string, listener: Listener): void {
    this.#listeners.set(name, listener);
  }

  /** Shows how much of these is taken. */
  limits(...limits: readonly SharedLimit[]): void {
    this.#limits.push(...limits);
  }

  /** Shows when a certificate of ours runs out; `name` is its key in the configuration file. */
  certificate(name: string, notAfterMs: number): void {
    this.#certificates.set(name, notAfterMs);
  }

  /** Certificates that have run out since the start, one sentence each. */
  get problems(): readonly string[] {
    const now = this.#clock.now();
    return [...this.#certificates]
      .filter(([, notAfterMs]) => notAfterMs < now)
      .map(([name, notAfterMs]) => `The certificate of "${name}" expired on ${new Date(notAfterMs).toISOString()}.`);
  }

  /** Has `/readyz` say these too, which keep the server from nothing. */
  remark(remarks: () => readonly string[]): void {
    this.#remarks = remarks;
  }

  /** What is to be said of a server that is ready all the same, one sentence each. */
  get remarks(): readonly string[] {
    return this.#remarks();
  }

  /** Has those of the other processes of this server shown beside this one's. */
  joinWith(others: () => Promise<ReadonlyMap<number, readonly MetricReading[]>>): void {
    this.#others = others;
  }

  /** All numbers of this process as they are now. */
  read(): readonly MetricReading[] {
    return readMetrics([
      ...this.#process.metrics,
      ...this.#listenerMetrics(),
      ...limitMetrics(this.#limits),
      ...this.#certificateMetrics(),
      ...this.#added,
      this.#refused(),
    ]);
  }

  /** All metrics as text for a scraper. */
  async text(): Promise<string> {
    if (!this.#others) return renderMetrics(this.read());
    const others = await this.#others();
    return renderMetrics(joinReadings(new Map([[0, this.read()], ...others]), ofTheServer));
  }

  /** Stops measuring. */
  close(): void {
    this.#process.close();
  }

  #listenerMetrics(): readonly Metric[] {
    const each = (read: (listener: Listener) => number) => () =>
      [...this.#listeners].map(([listener, of]): Sample => ({ labels: { listener }, value: read(of) }));
    return [
      {
        name: 'parley_connections',
        type: 'gauge',
        help: 'Connections that came in through a listener and are open.',
        read: each(({ counts }) => counts.connections),
      },
      {
        name: 'parley_connections_unauthenticated',
        type: 'gauge',
        help: 'Of them: those that have not proved who they are.',
        read: each(({ counts }) => counts.unauthenticated),
      },
      {
        name: 'parley_connections_accepted_total',
        type: 'counter',
        help: 'Connections let in since the start.',
        read: each(({ counts }) => counts.accepted),
      },
      {
        name: 'parley_connections_refused_total',
        type: 'counter',
        help: 'Connections not let in, by the limit that kept them out.',
        read: () =>
          [...this.#listeners].flatMap(([listener, { counts }]) =>
            Object.entries(counts.refused).map(([limit, value]): Sample => ({ labels: { listener, limit }, value })),
          ),
      },
      {
        name: 'parley_tls_failures_total',
        type: 'counter',
        help: 'TLS handshakes that failed on a listener.',
        read: each(({ counts }) => counts.tlsFailures),
      },
    ];
  }

  #certificateMetrics(): readonly Metric[] {
    const now = this.#clock.now();
    const read = () =>
      [...this.#certificates].map(([certificate, notAfterMs]): Sample => {
        return { labels: { certificate }, value: Math.floor((notAfterMs - now) / 1000) };
      });
    const help = 'Seconds until a certificate of this server expires; negative when it has.';
    return [{ name: 'parley_certificate_expires_in_seconds', type: 'gauge', help, read }];
  }

  #refused(): Metric {
    return {
      name: 'parley_refusals_total',
      type: 'counter',
      help: 'Requests refused, by the error code that stands in the log too.',
      read: () => [...this.refusals].map(([code, value]) => ({ labels: { code }, value })),
    };
  }
}
