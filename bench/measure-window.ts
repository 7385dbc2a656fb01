import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadOutcome } from './generator/load-order.ts';
import { pinned } from './machine/pinned-process.ts';

/** How the generator is run. */
export interface GeneratorSetting {
  readonly cpus: string;
  /** Held while it runs. */
  readonly lockFile: string;
}

const program = fileURLToPath(new URL('./generate.ts', import.meta.url));
/** Beside warm-up and window: sign-in before and after. */
const graceSeconds = 180;

/** Runs the generator once, alone under the lock. Throws with what it said when it did not come to an end. */
export async function measureWindow(order: LoadOrder, { cpus, lockFile }: GeneratorSetting): Promise<LoadOutcome> {
  const command = ['flock', lockFile, ...pinned(cpus, [process.execPath, program, JSON.stringify(order)])];
  const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), (graceSeconds + order.warmSeconds + order.seconds) * 1000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the generator ended with ${code ?? 'a signal'}: ${words.trim().slice(0, 2000)}`);
  if (words !== '') process.stderr.write(words);
  return JSON.parse(output) as LoadOutcome;
}
