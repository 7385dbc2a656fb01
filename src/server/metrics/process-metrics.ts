import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../base/clock.ts';
import { counter, gauge, type Metric } from '../../observe/metrics.ts';

const sampleEveryMs = 20;

/** The process itself: memory, processor, and how long work waits for its turn. */
export class ProcessMetrics {
  readonly metrics: readonly Metric[];
  readonly #delay = monitorEventLoopDelay({ resolution: sampleEveryMs });

  constructor(role: string, version: string, clock: Clock) {
    const startedSeconds = clock.now() / 1000;
    this.#delay.enable();
    this.metrics = [
      {
        name: 'parley_info',
        type: 'gauge',
        help: 'Always 1; its labels say which version runs in which role.',
        read: () => [{ labels: { version, role, node: process.versions.node }, value: 1 }],
      },
      gauge('process_start_time_seconds', 'When the process started, seconds since 1970.', () => startedSeconds),
      counter('process_cpu_seconds_total', 'Processor time used, seconds.', () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      }),
      gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss()),
      gauge('parley_heap_used_bytes', 'Of it: the JavaScript heap in use.', () => process.memoryUsage().heapUsed),
      {
        name: 'parley_event_loop_delay_seconds',
        type: 'gauge',
        help: 'How much later than it should work got its turn since the last look at this metric.',
        read: () => this.#readDelay(),
      },
    ];
  }

  close(): void {
    this.#delay.disable();
  }

  #readDelay() {
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - sampleEveryMs / 1000);
    const isEmpty = this.#delay.count === 0;
    const samples = [
      { labels: { quantile: '0.5' }, value: isEmpty ? undefined : late(this.#delay.percentile(50)) },
      { labels: { quantile: '0.99' }, value: isEmpty ? undefined : late(this.#delay.percentile(99)) },
      { labels: { quantile: '1' }, value: isEmpty ? undefined : late(this.#delay.max) },
    ];
    this.#delay.reset();
    return samples;
  }
}
