import { systemClock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import { ServerLog } from '../observe/server-log.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { prepareDataFolder } from './data-folder.ts';
import { FaultPolicy } from './fault-policy.ts';
import { openToOthers } from './private-files.ts';
import { Closers, type RunningServer } from './running-server.ts';
import type { FrontEndServerConfiguration, ServerConfiguration } from './server-configuration.ts';

/**
 * Starts the server that a configuration file describes: this process is that server from then on, its faults included. Any failure is one sentence
 * with its fix; nothing is left half started.
 */
export async function serve(configurationPath: string): Promise<Result<RunningServer>> {
  const configuration = readConfigurationFile(configurationPath);
  if (!configuration.ok) return configuration;
  const { name, dataFolder, log: logging } = configuration.value;
  const folder = prepareDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const log = new ServerLog(name, logging.level, systemClock);
  const faults = FaultPolicy.ofProcess(log, systemClock);
  const started = await startRole(configuration.value, log);
  if (started.ok) faults.drainWith(() => started.value.close());
  else faults.release();
  if (started.ok) for (const open of openToOthers(configuration.value)) log.failure('file-open-to-others', open);
  return started;
}

async function startRole(configuration: ServerConfiguration, log: ServerLog): Promise<Result<RunningServer>> {
  // a role is loaded when it is served: an Edge never loads the store
  if (configuration.role === 'frontend') return serveFrontEnd(configuration, log);
  const { startEdge } = await import('./start-edge.ts');
  return startEdge(configuration, systemClock, log);
}

/** The store's own thread opens it and reads while this one loads the rest of the program. */
async function serveFrontEnd(configuration: FrontEndServerConfiguration, log: ServerLog): Promise<Result<RunningServer>> {
  const clock = systemClock;
  const closers = new Closers();
  return closers.unlessStarted(async () => {
    const { openFrontEndState } = await import('./front-end-state.ts');
    const { loadStore } = await import('./open-store.ts');
    const open = await loadStore(configuration, clock);
    // in this order: nothing else happens in this thread while it loads, not even the start of another one
    const [state, { startFrontEnd }] = await Promise.all([
      openFrontEndState(open, clock, closers),
      import('./start-front-end.ts'),
    ]);
    return state.ok ? startFrontEnd({ configuration, clock, log, closers, state: state.value }) : state;
  });
}
