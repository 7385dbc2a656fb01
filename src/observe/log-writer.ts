import type { Clock } from '../base/clock.ts';
import { fileProblem } from '../base/file-problem.ts';
import type { LogOutput } from './log-output.ts';

/** Lines kept while nothing can be written, bytes. */
const maxWaitingBytes = 1024 * 1024;
const retryMs = 250;

/** Why nothing can be written now. */
export interface LogProblem {
  /** In words, as the end of a sentence. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

/**
 * Writes lines to an output without ever waiting for it or throwing: a log is not worth its server. What finds no room waits in a bounded
 * queue; what finds none there either is counted, and the count is told by a line when there is room again.
 */
export class LogWriter {
  readonly #output: LogOutput;
  readonly #clock: Clock;
  readonly #lostLine: (count: number) => string;
  /** What waits, oldest first; of the first one a part may be out already. */
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lost = 0;
  #untold = 0;
  #problem: LogProblem | undefined;
  #isRetryDue = false;

  /** `lostLine` makes the line that says how many were lost. */
  constructor(output: LogOutput, clock: Clock, lostLine: (count: number) => string) {
    this.#output = output;
    this.#clock = clock;
    this.#lostLine = lostLine;
  }

  /** Lines lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Bytes that wait to be written. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** What keeps lines back now; nothing when all are out. */
  get problem(): LogProblem | undefined {
    return this.#problem;
  }

  /** Takes a line with its line feed. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    // whoever reads a log again wants to know how it began: the newest are lost
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > maxWaitingBytes) {
      this.#lost++;
      this.#untold++;
      return;
    }
    const isFirst = this.#waiting.length === 0;
    this.#queue(bytes);
    // behind others it goes out when they do
    if (isFirst) this.flush();
  }

  /** Writes what waits, as far as there is room. */
  flush(): void {
    try {
      while (this.#waiting.length > 0) this.#writeFirst();
      this.#problem = undefined;
    } catch (cause) {
      this.#problem ??= { reason: problemOf(cause), sinceMs: this.#clock.now() };
      this.#tryAgain();
    }
  }

  #tryAgain(): void {
    if (this.#isRetryDue) return;
    this.#isRetryDue = true;
    this.#clock.after(retryMs, () => {
      this.#isRetryDue = false;
      this.flush();
    });
  }

  #writeFirst(): void {
    const first = this.#waiting[0] as Uint8Array;
    const written = this.#output.write(first);
    if (written === 0) throw Object.assign(new Error('no room'), { code: 'EAGAIN' });
    this.#waitingBytes -= written;
    if (written < first.length) {
      this.#waiting[0] = first.subarray(written);
      return;
    }
    this.#waiting.shift();
    if (this.#waiting.length > 0 || this.#untold === 0) return;
    const count = this.#untold;
    this.#untold = 0;
    this.#queue(Buffer.from(this.#lostLine(count)));
  }

  #queue(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }
}

const words: Readonly<Record<string, string>> = {
  EAGAIN: 'its reader does not read',
  EPIPE: 'its reader is gone',
};

function problemOf(cause: unknown): string {
  return words[String((cause as { readonly code?: unknown }).code)] ?? fileProblem(cause);
}
