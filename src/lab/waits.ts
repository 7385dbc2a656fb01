import type { Clock } from '../base/clock.ts';

/** Who waits for something that happens to a client. */
export class Waits {
  readonly #clock: Clock;
  readonly #looks = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has happened: everybody looks again. */
  wake(): void {
    for (const look of [...this.#looks]) look();
  }

  /** What `find` finds, now or when it is there; undefined after `timeoutMs`. */
  waitFor<T>(find: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const found = find();
    if (found !== undefined) return Promise.resolve(found);
    return new Promise(resolve => {
      const finish = (value: T | undefined) => {
        timer.cancel();
        this.#looks.delete(look);
        resolve(value);
      };
      const look = () => {
        const value = find();
        if (value !== undefined) finish(value);
      };
      const timer = this.#clock.after(timeoutMs, () => finish(undefined));
      this.#looks.add(look);
    });
  }
}
