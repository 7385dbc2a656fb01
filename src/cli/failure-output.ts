import { type Failure, FailureError, failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';
import { jsonText, oneLine, styled, wrapped } from './output.ts';
import type { Terminal } from './terminal.ts';

/** What of a failure is shown; one that came over the API looks the same. */
export type ShownFailure = Pick<Failure, 'text' | 'fix'> & { readonly code: string; readonly id: string };

/** Prints a failure: one sentence and the fix on stderr, or with --json an object on stdout. */
export function printFailure(terminal: Terminal, shown: ShownFailure, json: boolean): void {
  const { code, id, text, fix } = shown;
  if (json) {
    terminal.out(jsonText({ error: { code, id, text, fix } }));
    return;
  }
  const sentence = wrapped(terminal, 0, `${styled(terminal, 'red', 'Error:')} ${oneLine(text)}`);
  terminal.error(`${sentence}\n${wrapped(terminal, 0, oneLine(fix))}\n`);
  if (terminal.isInteractive) terminal.error(`${styled(terminal, 'dim', `${code}: see docs/errors.md`)}\n`);
}

/** Prints a fault of this program: its id, and the details only with PARLEY_DEBUG=1. */
export function printFault(terminal: Terminal, fault: unknown, json: boolean): void {
  if (fault instanceof FailureError) {
    printFailure(terminal, fault.failure, json);
    return;
  }
  const faultId = randomToken(6);
  const text = 'An internal fault stopped this command.';
  const fix = `Repeat it with PARLEY_DEBUG=1 to see the details, and report them with the id ${faultId}.`;
  printFailure(terminal, { ...failure('INTERNAL_FAULT', { faultId }), text, fix, id: faultId }, json);
  if (terminal.env.PARLEY_DEBUG === '1') terminal.error(`${fault instanceof Error ? fault.stack : String(fault)}\n`);
}
