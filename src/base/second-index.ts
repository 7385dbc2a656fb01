import { addTo, removeFrom } from './set-index.ts';

/** Items by the second they end in: what has ended is found without a look at what has not. */
export class SecondIndex<T> {
  readonly #bySecond = new Map<number, Set<T>>();
  #sweptSecond: number;

  constructor(nowMs: number) {
    this.#sweptSecond = Math.floor(nowMs / 1000);
  }

  /** The earliest second that a later sweep looks at. */
  get nextSecond(): number {
    return this.#sweptSecond + 1;
  }

  add(second: number, item: T): void {
    addTo(this.#bySecond, second, item);
  }

  /** Forgets an item; one that is not there is no matter. */
  remove(second: number, item: T): void {
    removeFrom(this.#bySecond, second, item);
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
    for (const second of seconds) this.#bySecond.delete(second);
    this.#sweptSecond = nowSecond;
    return ended;
  }
}
