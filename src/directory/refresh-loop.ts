import type { Clock, Timer } from '../base/clock.ts';
import { FailureError } from '../base/failure.ts';

/** After a read failed, the next is tried this much later. */
const retryMs = 1_000;

/**
 * Runs `read` one at a time: who asks while one is under way gets the next one, shared by all who ask meanwhile, so that what was
 * committed before asking is always seen. A hint whose read meets an unavailable store is tried again until it succeeds.
 */
export class RefreshLoop {
  readonly #clock: Clock;
  readonly #read: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #retry: Timer | undefined;
  /** The last read failed. */
  #isBehind = false;
  #closed = false;

  constructor(clock: Clock, read: () => Promise<void>) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Resolves after a read that began later than this call; rejects when that read failed. */
  refresh(): Promise<void> {
    if (!this.#running) {
      this.#running = this.#run();
      return this.#running;
    }
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  /** Resolves when what was hinted at is read: with the last read that is asked for, and without one where none is and none has failed. */
  caughtUp(): Promise<void> {
    const last = this.#next ?? this.#running;
    if (last) return last;
    return this.#isBehind ? this.refresh() : Promise.resolve();
  }

  /** Reads because of a hint. Only an expected failure is retried; a fault is ours and ends in the process's fault handler. */
  hint(): void {
    this.refresh().catch((error: unknown) => {
      if (!(error instanceof FailureError)) throw error;
      if (this.#closed) return;
      this.#retry?.cancel();
      this.#retry = this.#clock.after(retryMs, () => this.hint());
    });
  }

  /** Starts no more reads of its own. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
  }

  #startNext(): Promise<void> {
    this.#next = undefined;
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#read();
      this.#isBehind = false;
    } catch (error) {
      this.#isBehind = true;
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}
