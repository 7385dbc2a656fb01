import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

/** What a command said, and how it ended. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Resolves when a command that was just started has ended; rejects where it did not start. */
export function outcomeOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<CommandOutcome> {
  let out = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, error }));
  });
}
