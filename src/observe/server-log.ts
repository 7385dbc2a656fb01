import pino, { type Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';
import { LogLimiter } from './log-limiter.ts';
import { descriptorOutput, type LogOutput } from './log-output.ts';
import { faultText, logValue, printableLine } from './log-value.ts';
import { type LogProblem, LogWriter } from './log-writer.ts';

/** How much is logged; `silent` for tests. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What a line about a request says of it: who to whom, never a body. */
export interface RequestFacts {
  readonly method: string;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
}

/** The log of a process as others look at it. */
export interface LogState {
  /** Lines lost since the start because they could not be written. */
  readonly lost: number;
  readonly waitingBytes: number;
  /** Faults of ours since the start. */
  readonly faults: number;
  readonly problem: LogProblem | undefined;
}

const standardErrorDescriptor = 2;

/** A server's log: JSON lines on standard error, secrets and bodies never in them. It never blocks nor throws, and is bounded in number and length. */
export class ServerLog {
  readonly #logger: Logger;
  readonly #writer: LogWriter;
  readonly #limiter: LogLimiter;
  #faults = 0;

  /** `server`: name of the process, on every line. */
  constructor(server: string, level: LogLevel, clock: Clock, output: LogOutput = descriptorOutput(standardErrorDescriptor)) {
    this.#writer = new LogWriter(output, clock, count => {
      const time = new Date(clock.now()).toISOString();
      return `${JSON.stringify({ level: 40, time, server, event: 'log-lines-lost', count })}\n`;
    });
    const destination = { write: (line: string) => this.#writer.write(printableLine(line)) };
    this.#logger = pino({ level, base: { server }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
    this.#limiter = new LogLimiter(clock, (kind, count) => this.#logger.warn({ event: 'log-lines-left-out', kind, count }));
  }

  /** What became of the lines. */
  get state(): LogState {
    const { lost, waitingBytes, problem } = this.#writer;
    return { lost, waitingBytes, problem, faults: this.#faults };
  }

  /** A request that was refused: the code, why, at which step. `peer`: the names of the server it came from, if it is one. */
  refused(request: RequestFacts, { code, id, text }: Failure, step: string, peer: string): void {
    if (!this.#limiter.allows(`refused ${code}`, peer || request.from)) return;
    const facts = logValue({ event: 'refused', code, id, step, ...request, ...(peer ? { peer } : {}) }) as object;
    this.#logger.info(facts, logValue(text) as string);
  }

  /** A fault of ours while handling something; returns the id under which it stands in the log. Others' lines never keep it out. */
  fault(what: string, fault: unknown, id: string = randomToken(6)): string {
    this.#faults++;
    if (this.#limiter.allows(`fault ${what}`, '', true)) {
      this.#logger.error({ event: 'fault', id, error: faultText(fault) }, logValue(what) as string);
    }
    return id;
  }

  /** An expected failure outside of any request; `address`: of the peer that caused it. */
  failure(event: string, { code, id, text, fix }: Failure, address = ''): void {
    if (!this.#limiter.allows(`${event} ${code}`, address)) return;
    const facts = logValue({ event, code, id, fix, ...(address ? { address } : {}) }) as object;
    this.#logger.warn(facts, logValue(text) as string);
  }

  /** Something worth knowing. Where `details.address` names a peer, that peer fills only its share of these lines. */
  event(name: string, details: Readonly<Record<string, unknown>> = {}): void {
    const { address } = details;
    if (this.#limiter.allows(name, typeof address === 'string' ? address : '')) {
      this.#logger.info(logValue({ event: name, ...details }) as object);
    }
  }

  /** Writes what still waits, as far as there is room: before the process ends. */
  flush(): void {
    this.#writer.flush();
  }
}
