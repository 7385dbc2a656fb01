/** Longer texts are not worth remembering. */
const longestText = 256;

/**
 * What was worked out from texts that came lately: the same addresses and headers come again and again. Two generations of `size` each, so that
 * it is bounded and forgets what nobody names any more. A text that is a part of a larger one has to be copied (`detach`) before it is kept.
 */
export class RecentTexts<V extends object> {
  readonly #size: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(size: number) {
    this.#size = size;
  }

  /** What is known of a text. */
  get(text: string): V | undefined {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const old = this.#old.get(text);
    if (old !== undefined) this.keep(text, old);
    return old;
  }

  /** Keeps what was worked out. */
  keep(text: string, value: V): void {
    if (text.length > longestText) return;
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
  }
}
