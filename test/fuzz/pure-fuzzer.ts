import { readCorpus } from './corpus-file.ts';
import type { PureTarget } from './pure-target.ts';
import { RandomSource } from './random-source.ts';

/** What a run found. */
export interface Finding {
  readonly input: string;
  readonly problem: string;
}

/** How a run is watched from outside, so that an input that never ends is found too. */
export interface FuzzProgress {
  /** Told before each input. */
  before(input: string): void;
}

/** Inputs that made the code do something new, beside the corpus; more would make old ones rare. */
const maxSeeds = 4000;
/** An input that takes this long, three times in a row, is a finding, milliseconds. */
const slowMs = 500;

/** Feeds a target until the time is up or something is found. Returns the finding and how many inputs there were. */
export function fuzzPure(
  target: PureTarget,
  seed: number,
  seconds: number,
  progress: FuzzProgress = { before() {} },
): { readonly finding: Finding | undefined; readonly inputs: number; readonly kinds: number } {
  const random = new RandomSource(seed);
  const seeds = [...target.seeds, ...readCorpus(target.corpus).map(entry => entry.input)];
  const seen = new Set<string>();
  const end = performance.now() + seconds * 1000;
  let inputs = 0;
  while (performance.now() < end) {
    const input = target.next(random, seeds);
    progress.before(input);
    inputs++;
    const { problem, signature } = checkTimed(target, input, random);
    if (problem !== undefined) return { finding: { input, problem }, inputs, kinds: seen.size };
    if (seen.has(signature)) continue;
    seen.add(signature);
    if (input.length < 20_000 && seeds.length < maxSeeds) seeds.push(input);
  }
  return { finding: undefined, inputs, kinds: seen.size };
}

/** Checks one input: what it throws is a problem, and so is the time it takes. */
export function checkTimed(target: PureTarget, input: string, random: RandomSource) {
  for (let attempt = 1; ; attempt++) {
    const begin = performance.now();
    try {
      const checked = target.check(input, random);
      if (checked.problem !== undefined || performance.now() - begin < slowMs) return checked;
      if (attempt === 3) return { problem: `takes more than ${slowMs} ms`, signature: 'slow' };
    } catch (fault) {
      return { problem: `throws ${fault instanceof Error ? fault.stack : String(fault)}`, signature: 'fault' };
    }
  }
}
