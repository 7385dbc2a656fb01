import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Makes sure that the data folder is there and may be written. Fails with DATA_FOLDER_NOT_WRITABLE. */
export function prepareDataFolder(folder: string): Result<void> {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(undefined);
  } catch (cause) {
    return err(failure('DATA_FOLDER_NOT_WRITABLE', { path: folder, folder, reason: fileProblem(cause) }, cause));
  }
}

/**
 * Makes a folder and those above it that are missing.
 * COMPAT node 24: its own recursive mkdir never ends below `/proc`.
 */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  mkdirSync(folder, { mode: 0o700 });
}
