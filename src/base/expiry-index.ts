import { SecondIndex } from './second-index.ts';

/** Finds what has expired without looking at what has not, also where an item moves to another time. */
export class ExpiryIndex<T> {
  readonly #bySecond: SecondIndex<T>;
  readonly #secondOf = new Map<T, number>();

  constructor(nowMs: number) {
    this.#bySecond = new SecondIndex(nowMs);
  }

  /** Puts an item, or moves it to another time. */
  put(item: T, expiresAtMs: number): void {
    this.remove(item);
    // what is already over is found by the next sweep
    const second = Math.max(Math.ceil(expiresAtMs / 1000), this.#bySecond.nextSecond);
    this.#bySecond.add(second, item);
    this.#secondOf.set(item, second);
  }

  /** Forgets an item; one that is not there is no matter. */
  remove(item: T): void {
    const second = this.#secondOf.get(item);
    if (second === undefined) return;
    this.#secondOf.delete(item);
    this.#bySecond.remove(second, item);
  }

  /** Takes out what has ended by `nowMs`. */
  sweep(nowMs: number): readonly T[] {
    const ended = this.#bySecond.sweep(nowMs);
    for (const item of ended) this.remove(item);
    return ended;
  }
}
