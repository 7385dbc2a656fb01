/** Finds what has expired without looking at what has not: items by the second they end in. */
export class ExpiryIndex<T> {
  readonly #bySecond = new Map<number, Set<T>>();
  readonly #secondOf = new Map<T, number>();
  #sweptSecond: number;

  constructor(nowMs: number) {
    this.#sweptSecond = Math.floor(nowMs / 1000);
  }

  /** Puts an item, or moves it to another time. */
  put(item: T, expiresAtMs: number): void {
    this.remove(item);
    // what is already over is found by the next sweep
    const second = Math.max(Math.ceil(expiresAtMs / 1000), this.#sweptSecond + 1);
    const items = this.#bySecond.get(second);
    if (items) items.add(item);
    else this.#bySecond.set(second, new Set([item]));
    this.#secondOf.set(item, second);
  }

  /** Forgets an item; one that is not there is no matter. */
  remove(item: T): void {
    const second = this.#secondOf.get(item);
    if (second === undefined) return;
    this.#secondOf.delete(item);
    const items = this.#bySecond.get(second);
    items?.delete(item);
    if (items?.size === 0) this.#bySecond.delete(second);
  }

  /** Takes out what has ended by `nowMs`. */
  sweep(nowMs: number): readonly T[] {
    const nowSecond = Math.floor(nowMs / 1000);
    const passed = nowSecond - this.#sweptSecond;
    // after a jump of the clock it is cheaper to look at every second that is there
    const seconds =
      passed > this.#bySecond.size
        ? [...this.#bySecond.keys()].filter(second => second <= nowSecond)
        : Array.from({ length: Math.max(0, passed) }, (_, i) => this.#sweptSecond + 1 + i);
    const ended = seconds.flatMap(second => [...(this.#bySecond.get(second) ?? [])]);
    for (const item of ended) this.remove(item);
    this.#sweptSecond = nowSecond;
    return ended;
  }
}
