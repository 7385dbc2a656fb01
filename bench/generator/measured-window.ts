import { type MachineUsage, type ProcessUsage, readMachineUsage, readProcessUsage, readPss } from '../machine/process-usage.ts';
import { Latencies } from './latencies.ts';
import type { LoadOrder, LoadOutcome } from './load-order.ts';

interface Reading {
  readonly atMs: number;
  readonly machine: MachineUsage;
  readonly server: ProcessUsage;
  readonly generatorSeconds: number;
}

/** Units, failures and latencies of the measured seconds; what comes before `open` and after `close` is not counted as a unit. */
export class MeasuredWindow {
  readonly #pids: readonly number[];
  readonly #latencies = new Latencies();
  #begin: Reading | undefined;
  #end: Reading | undefined;
  #units = 0;
  failed = 0;
  skipped = 0;

  constructor(order: LoadOrder) {
    this.#pids = order.serverPids;
  }

  get isOpen(): boolean {
    return this.#begin !== undefined && this.#end === undefined;
  }

  open(): void {
    this.#begin = this.#read();
  }

  close(): void {
    this.#end = this.#read();
  }

  /** One unit was done that began at `sinceMs` of `performance.now()`. */
  count(sinceMs: number): void {
    if (!this.isOpen) return;
    this.#units++;
    this.#latencies.add(performance.now() - sinceMs);
  }

  /** Memory of the servers now, kilobytes. */
  readPss(): number {
    return readPss(readProcessUsage(this.#pids).pids);
  }

  /** The result; `tls` is what the connections spoke. */
  outcome(tls: string): LoadOutcome {
    if (this.#begin === undefined || this.#end === undefined) throw new Error('the window was never measured');
    const [begin, end, units] = [this.#begin, this.#end, this.#units];
    const wallSeconds = (end.atMs - begin.atMs) / 1000;
    const serverCpuSeconds = end.server.cpuSeconds - begin.server.cpuSeconds;
    const generatorCpuSeconds = end.generatorSeconds - begin.generatorSeconds;
    const busySeconds = end.machine.busySeconds - begin.machine.busySeconds;
    return {
      units,
      failed: this.failed,
      skipped: this.skipped,
      wallSeconds,
      unitsPerSecond: units / wallSeconds,
      cpuSecondsPer1000: units === 0 ? 0 : (serverCpuSeconds * 1000) / units,
      serverCpuSeconds,
      generatorCpuSeconds,
      otherCpuSeconds: Math.max(0, busySeconds - serverCpuSeconds - generatorCpuSeconds),
      stealSeconds: end.machine.stealSeconds - begin.machine.stealSeconds,
      pssMegabytes: readPss(end.server.pids) / 1024,
      processes: end.server.pids.length,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      tls,
    };
  }

  #read(): Reading {
    const { user, system } = process.cpuUsage();
    return {
      atMs: performance.now(),
      machine: readMachineUsage(),
      server: readProcessUsage(this.#pids),
      generatorSeconds: (user + system) / 1e6,
    };
  }
}
