/** Names and values of a sample's labels. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly labels?: Labels;
  /** A value that is not known now is left out. */
  readonly value: number | undefined;
}

/** A metric of a server: its numbers are looked up when somebody asks, and cost nothing until then. */
export interface Metric {
  readonly name: string;
  /** `counter`: only grows while the process lives; its name ends in `_total`. `gauge`: as it is now. */
  readonly type: 'counter' | 'gauge';
  /** One sentence with the unit. */
  readonly help: string;
  readonly read: () => readonly Sample[];
}

/** A metric with one value and no labels. */
export function gauge(name: string, help: string, read: () => number | undefined): Metric {
  return { name, type: 'gauge', help, read: () => [{ value: read() }] };
}

/** As `gauge`, for what only grows. */
export function counter(name: string, help: string, read: () => number): Metric {
  return { name, type: 'counter', help, read: () => [{ value: read() }] };
}

/** A metric with the numbers that it had at a moment. */
export interface MetricReading extends Omit<Metric, 'read'> {
  readonly samples: readonly Sample[];
}

/** Looks all numbers up. */
export function readMetrics(metrics: readonly Metric[]): readonly MetricReading[] {
  return metrics.map(({ name, type, help, read }) => ({ name, type, help, samples: read() }));
}

/**
 * The readings of several processes of one server as one: each number says in the label `worker` whose it is. What is `common` to all is
 * taken from the first alone, without a label.
 */
export function joinReadings(
  byWorker: ReadonlyMap<number, readonly MetricReading[]>,
  common: ReadonlySet<string>,
): readonly MetricReading[] {
  const joined = new Map<string, MetricReading>();
  for (const [worker, readings] of byWorker) {
    for (const reading of readings) {
      const before = joined.get(reading.name);
      if (before && common.has(reading.name)) continue;
      const samples = common.has(reading.name)
        ? reading.samples
        : reading.samples.map(({ labels, value }): Sample => ({ labels: { ...labels, worker: String(worker) }, value }));
      joined.set(reading.name, { ...reading, samples: [...(before?.samples ?? []), ...samples] });
    }
  }
  return [...joined.values()];
}

/** The metrics as text for Prometheus and those who read its format (version 0.0.4). A metric without a value now still says that it is there. */
export function renderMetrics(metrics: readonly MetricReading[]): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of metrics) {
    lines.push(`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`);
    for (const { labels, value } of samples) if (value !== undefined) lines.push(`${name}${labelsText(labels)} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The media type of `renderMetrics`. */
export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8';

function labelsText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
