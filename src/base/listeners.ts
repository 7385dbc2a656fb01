/** Who is to be told of something, with arguments `A`. */
export class Listeners<A extends readonly unknown[]> {
  readonly #all = new Set<(...args: A) => void>();

  /** Returns the function that stops the listener. */
  add(listener: (...args: A) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  /** Tells those who listen now; they may come and go meanwhile. */
  tell(...args: A): void {
    for (const listener of [...this.#all]) listener(...args);
  }

  /** Stops all of them. */
  clear(): void {
    this.#all.clear();
  }
}
