import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../parley', import.meta.url));

/** What a command of the command line said, and how it ended. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs `parley` with these arguments, nobody at the keyboard; `prefix`: a program that runs it, with its arguments. */
export function runParley(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
): Promise<CommandOutcome> {
  const [program = launcher, ...rest] = [...prefix, launcher, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let out = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, error }));
  });
}
