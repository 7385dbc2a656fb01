import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type CommandOutcome, outcomeOf } from '../../src/testing/command-outcome.ts';

const launcher = fileURLToPath(new URL('../../parley', import.meta.url));

/** Runs `parley` with these arguments, nobody at the keyboard; `prefix`: a program that runs it, with its arguments. */
export function runParley(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
): Promise<CommandOutcome> {
  const [program = launcher, ...rest] = [...prefix, launcher, ...args];
  return outcomeOf(spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } }));
}
