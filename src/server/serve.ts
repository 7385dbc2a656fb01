import { accessSync, constants, mkdirSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { ServerLog } from '../observe/server-log.ts';
import { readConfigurationFile } from './configuration-file.ts';
import type { RunningServer } from './running-server.ts';

/** Starts the server that a configuration file describes. Any failure is one sentence with its fix; nothing is left half started. */
export async function serve(configurationPath: string): Promise<Result<RunningServer>> {
  const configuration = readConfigurationFile(configurationPath);
  if (!configuration.ok) return configuration;
  const { name, role, dataFolder, log: logging } = configuration.value;
  const folder = prepareDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const log = new ServerLog(name, logging.level, systemClock);
  // a role is loaded when it is served: an Edge never loads the store
  if (role === 'frontend') {
    const { startFrontEnd } = await import('./start-front-end.ts');
    return startFrontEnd(configuration.value, systemClock, log);
  }
  const { startEdge } = await import('./start-edge.ts');
  return startEdge(configuration.value, systemClock, log);
}

function prepareDataFolder(folder: string): Result<void> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(undefined);
  } catch (cause) {
    return err(failure('DATA_FOLDER_NOT_WRITABLE', { path: folder, folder, reason: (cause as Error).message }, cause));
  }
}
