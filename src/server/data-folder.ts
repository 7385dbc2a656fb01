import { accessSync, constants, mkdirSync } from 'node:fs';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Makes sure that the data folder is there and may be written. Fails with DATA_FOLDER_NOT_WRITABLE. */
export function prepareDataFolder(folder: string): Result<void> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(undefined);
  } catch (cause) {
    return err(failure('DATA_FOLDER_NOT_WRITABLE', { path: folder, folder, reason: (cause as Error).message }, cause));
  }
}
