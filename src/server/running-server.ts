import { FailureError } from '../base/failure.ts';
import { err, type Result } from '../base/result.ts';

/** A server that has started. */
export interface RunningServer {
  /** What listens where, for the line that says it is up. */
  readonly listening: Readonly<Record<string, string | number>>;
  /** Stops taking work, finishes what is under way and closes everything. */
  close(): Promise<void>;
}

/** What has to be closed again, newest first; a start that fails half-way leaves nothing open. */
export class Closers {
  readonly #closers: (() => void | Promise<void>)[] = [];

  /** Adds something to close. */
  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /** Runs a start; when it fails, whatever way, everything is closed again. A failure that had to be thrown is returned like the others. */
  async unlessStarted<T>(start: () => Promise<Result<T>>): Promise<Result<T>> {
    let started: Result<T> | undefined;
    try {
      started = await start();
    } catch (fault) {
      if (!(fault instanceof FailureError)) throw fault;
      started = err(fault.failure);
    } finally {
      if (!started?.ok) await this.closeAll();
    }
    return started;
  }

  /** Closes everything, newest first; a failure of one does not keep the others open. */
  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop())
      await Promise.resolve(close()).catch(() => undefined);
  }
}
