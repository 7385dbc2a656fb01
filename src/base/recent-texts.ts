import { detach } from './detach.ts';

/** Longer texts are not worth remembering. */
const longestText = 256;

/**
 * What was worked out from texts that came lately: the same addresses and headers come again and again. Two generations of `size` each, so that
 * it is bounded and forgets what nobody names any more.
 */
export class RecentTexts<V extends object, F> {
  readonly #size: number;
  readonly #work: (text: string) => V | F;
  readonly #isKept: (made: V | F) => boolean;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** `work` is given a copy of the text that shares no memory with a message; what it makes is kept where `isKept` says so. */
  constructor(size: number, work: (text: string) => V | F, isKept: (made: V | F) => boolean) {
    this.#size = size;
    this.#work = work;
    this.#isKept = isKept;
  }

  /** What `work` makes of a text, now or before. */
  of(text: string): V | F {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const ownText = detach(text);
    const made = this.#old.get(text) ?? this.#work(ownText);
    if (this.#isKept(made)) this.#keep(ownText, made as V);
    return made;
  }

  #keep(text: string, value: V): void {
    if (text.length > longestText) return;
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
  }
}
