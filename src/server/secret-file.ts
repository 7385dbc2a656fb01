import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FailureError, failure } from '../base/failure.ts';
import { fileProblem, makingProblem } from '../base/file-problem.ts';
import { makeFolder } from '../base/make-folder.ts';

/**
 * What only this server may read; made by `create` and kept the first time. `read` makes of the text what it is, and throws when it is not.
 * `loss` says what is lost with the file. Throws FailureError with FILE_NOT_WRITTEN or SECRET_FILE_UNUSABLE.
 */
export function secretFile<T>(path: string, create: () => string, read: (text: string) => T, loss: string): T {
  if (!existsSync(path)) writeSecret(path, create());
  try {
    return read(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new FailureError(failure('SECRET_FILE_UNUSABLE', { path, reason: fileProblem(cause), loss }, cause));
  }
}

/** Writes a secret as a whole or not at all. Throws FailureError with FILE_NOT_WRITTEN. */
export function writeSecret(path: string, text: string): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new FailureError(failure('FILE_NOT_WRITTEN', { path, reason: makingProblem(cause) }, cause));
  }
}
