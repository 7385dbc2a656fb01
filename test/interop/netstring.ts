/** A netstring: the length in bytes, a colon, the text, a comma. */
export function netstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`;
}

/** Cuts a stream of netstrings into their texts. */
export class NetstringReader {
  readonly #onText: (text: string) => void;
  #pending = Buffer.alloc(0);

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** Takes what has arrived. */
  take(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const colon = this.#pending.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(this.#pending.toString('latin1', 0, colon));
      if (Number.isNaN(end)) throw new Error('this is no netstring');
      if (this.#pending.length <= end) return;
      this.#onText(this.#pending.toString('utf8', colon + 1, end));
      this.#pending = this.#pending.subarray(end + 1);
    }
  }
}
