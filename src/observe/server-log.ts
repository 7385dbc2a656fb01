import pino, { type Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';

/** How much is logged; `silent` for tests. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What a line about a request says of it: who to whom, never a body. */
export interface RequestFacts {
  readonly method: string;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
}

interface Burst {
  startMs: number;
  count: number;
}

/** The first lines of a kind are written; the rest of the minute is counted, so that a scanning stranger cannot flood the log. */
const linesPerMinute = 20;
const minuteMs = 60_000;
const maxKinds = 2000;

/** A server's log: JSON lines on stderr, secrets and bodies never in them. */
export class ServerLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #bursts = new Map<string, Burst>();

  /** `server`: name of the process, on every line. */
  constructor(server: string, level: LogLevel, clock: Clock) {
    this.#clock = clock;
    this.#logger = pino(
      { level, base: { server }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: 2, sync: true }),
    );
  }

  /** A request that was refused: the code, why, at which step. `peer` groups lines: a flood from one does not hide another. */
  refused(request: RequestFacts, failure: Failure, step: string, peer: string): void {
    const { code, id, text } = failure;
    if (!this.#mayWrite(`${peer} ${code}`)) return;
    this.#logger.info({ event: 'refused', code, id, step, ...request, ...(peer ? { peer } : {}) }, text);
  }

  /** A fault of ours while handling something; returns the id under which it stands in the log. */
  fault(what: string, fault: unknown, id: string = randomToken(6)): string {
    const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.#logger.error({ event: 'fault', id, error }, what);
    return id;
  }

  /** An expected failure outside of any request. */
  failure(event: string, failure: Failure): void {
    const { code, id, text, fix } = failure;
    if (this.#mayWrite(`${event} ${code}`)) this.#logger.warn({ event, code, id, fix }, text);
  }

  /** Something worth knowing. */
  event(name: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (this.#mayWrite(name)) this.#logger.info({ event: name, ...details });
  }

  #mayWrite(kind: string): boolean {
    const now = this.#clock.monotonic();
    let burst = this.#bursts.get(kind);
    if (!burst || now - burst.startMs >= minuteMs) {
      if (burst && burst.count > linesPerMinute) {
        this.#logger.info({ event: 'log-lines-left-out', kind, count: burst.count - linesPerMinute });
      }
      this.#bursts.delete(kind);
      if (this.#bursts.size >= maxKinds) this.#bursts.delete(this.#bursts.keys().next().value as string);
      burst = { startMs: now, count: 0 };
      this.#bursts.set(kind, burst);
    }
    return ++burst.count <= linesPerMinute;
  }
}
