import { type FaultTaker, surfaceFault } from './boundary.ts';

/** Who is to be told of something, with arguments `A`. */
export class Listeners<A extends readonly unknown[]> {
  readonly #all = new Set<(...args: A) => void>();
  readonly #onFault: FaultTaker;

  /** `onFault` is told when a listener throws. */
  constructor(onFault: FaultTaker = surfaceFault) {
    this.#onFault = onFault;
  }

  /** Returns the function that stops the listener. */
  add(listener: (...args: A) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  /** Tells those who listen now; they may come and go meanwhile. A fault of one keeps nothing from the others, and does not reach the caller. */
  tell(...args: A): void {
    for (const listener of [...this.#all]) {
      try {
        listener(...args);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }

  /** Stops all of them. */
  clear(): void {
    this.#all.clear();
  }
}
