import { accessSync, constants } from 'node:fs';
import { failure } from '../base/failure.ts';
import { makingProblem } from '../base/file-problem.ts';
import { makeFolder } from '../base/make-folder.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Makes sure that the data folder is there and may be written. Fails with DATA_FOLDER_NOT_WRITABLE. */
export function prepareDataFolder(folder: string): Result<void> {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(undefined);
  } catch (cause) {
    return err(failure('DATA_FOLDER_NOT_WRITABLE', { path: folder, folder, reason: makingProblem(cause) }, cause));
  }
}
