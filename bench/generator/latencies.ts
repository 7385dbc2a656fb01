/** Latencies of one window, milliseconds. */
export class Latencies {
  #values = new Float64Array(65_536);
  #count = 0;
  #sorted = true;

  /** Takes one. */
  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = ms;
    this.#sorted = false;
  }

  /** The value below which this share of all lies; 0 when there is none. */
  quantile(share: number): number {
    if (!this.#sorted) this.#values.subarray(0, this.#count).sort();
    this.#sorted = true;
    return this.#count === 0 ? 0 : (this.#values[Math.round(share * (this.#count - 1))] as number);
  }
}
