import { readFileSync } from 'node:fs';
import { failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { err, ok, type Result } from '../base/result.ts';

/** A password from the first line of a file: editors end it with a line feed, which is no part of it. Fails with PASSWORD_FILE_UNUSABLE. */
export function readFirstLine(path: string): Result<string> {
  try {
    const [password = ''] = readFileSync(path, 'utf8').split(/\r?\n/, 1);
    return password === '' ? err(failure('PASSWORD_FILE_UNUSABLE', { path, reason: 'its first line is empty' })) : ok(password);
  } catch (cause) {
    return err(failure('PASSWORD_FILE_UNUSABLE', { path, reason: fileProblem(cause) }, cause));
  }
}
