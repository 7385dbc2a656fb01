import { renameSync, writeFileSync } from 'node:fs';
import { failure } from '../base/failure.ts';
import { makingProblem } from '../base/file-problem.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Writes a file as a whole or not at all: a reader never sees half of it. Fails with FILE_NOT_WRITTEN. */
export function writeWholeFile(path: string, text: string, mode: number): Result<void> {
  try {
    writeFileSync(`${path}.new`, text, { mode, flush: true });
    renameSync(`${path}.new`, path);
    return ok(undefined);
  } catch (cause) {
    return err(failure('FILE_NOT_WRITTEN', { path, reason: makingProblem(cause) }, cause));
  }
}
