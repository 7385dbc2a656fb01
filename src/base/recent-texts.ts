import { detach } from './detach.ts';

/** Longer texts are not worth remembering. */
const longestText = 256;

/**
 * What was worked out from texts that came lately: the same addresses and headers come again and again. A table of fixed size, with one
 * place for each hash: a text that falls on the place of another takes it.
 *
 * Not a Map: that one needs each text cut out of its message, hashed and compared, which costs more than nearly all that is remembered here.
 */
export class RecentTexts<V extends object, F> {
  readonly #work: (text: string) => V | F;
  readonly #isKept: (made: V | F) => boolean;
  readonly #texts: string[];
  readonly #made: (V | undefined)[];

  /**
   * `size`: places, a power of two. `work` is given a copy of the text that shares no memory with a message; what it makes is kept where
   * `isKept` says so.
   */
  constructor(size: number, work: (text: string) => V | F, isKept: (made: V | F) => boolean) {
    if ((size & (size - 1)) !== 0) throw new Error(`${size} is no power of two`);
    this.#work = work;
    this.#isKept = isKept;
    this.#texts = Array.from({ length: size }, () => '');
    this.#made = Array.from({ length: size }, () => undefined);
  }

  /** What `work` makes of a text, now or before. */
  of(text: string): V | F {
    return this.at(text, 0, text.length);
  }

  /** What `work` makes of the text at `start`…`end`, now or before. */
  at(text: string, start: number, end: number): V | F {
    const length = end - start;
    if (length > longestText) return this.#work(detach(text.slice(start, end)));
    let hash = length;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (this.#texts.length - 1);
    const known = this.#texts[place] as string;
    if (known.length === length && text.startsWith(known, start)) {
      const made = this.#made[place];
      if (made !== undefined) return made;
    }
    const ownText = detach(text.slice(start, end));
    const made = this.#work(ownText);
    if (this.#isKept(made)) {
      this.#texts[place] = ownText;
      this.#made[place] = made as V;
    }
    return made;
  }
}
