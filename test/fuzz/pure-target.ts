import type { RandomSource } from './random-source.ts';

/** What checking one input gave. */
export interface Checked {
  /** What is wrong; undefined where all is well. */
  readonly problem: string | undefined;
  /** What the input made the code do, roughly: an input that makes it do something new is worth changing further. */
  readonly signature: string;
}

/** Code without I/O that is fed inputs. */
export interface PureTarget {
  readonly name: string;
  /** Folder of its corpus. */
  readonly corpus: string;
  /** Inputs to begin with, beside the corpus. */
  readonly seeds: readonly string[];
  next(random: RandomSource, seeds: readonly string[]): string;
  check(input: string, random: RandomSource): Checked;
}
