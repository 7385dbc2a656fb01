import { setFlagsFromString } from 'node:v8';

/**
 * Bytecode that V8 may inline into one optimised function: about twice its default. A message passes many small functions, and the default is
 * used up in the middle of its way.
 */
export const inliningFlag = '--max-inlined-bytecode-size-cumulative=1840';

/** Prepares the JavaScript engine for the work of a server; called before any of it is compiled. */
export function tuneEngine(): void {
  setFlagsFromString(inliningFlag);
}
