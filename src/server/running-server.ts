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

  /** Closes everything, newest first; a failure of one does not keep the others open. */
  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop())
      await Promise.resolve(close()).catch(() => undefined);
  }
}
