/** Random choices that a seed repeats: a finding can be had again from its seed. */
export class RandomSource {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ n < `below`. */
  integer(below: number): number {
    // mulberry32: small, fast, and good enough to choose by
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.integer(n) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)] as T;
  }

  /** Mostly small, sometimes large. */
  length(): number {
    return this.integer(this.pick([2, 4, 16, 16, 64, 512, 4096]));
  }

  token(): string {
    return this.integer(0x7fffffff).toString(36);
  }
}
