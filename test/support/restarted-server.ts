import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { ServerProcess } from '../../src/lab/lab-processes.ts';
import type { LabUnderTest, OrganisationName } from './lab-under-test.ts';
import { until } from './until.ts';

/** Ends a process as a crash does, and waits until it is gone. */
export async function killAtOnce(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`the end of process ${pid}`, () => (isRunning(pid) ? undefined : true));
}

/** Whether there is a process of that id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The servers of a lab that a test has killed and started again: on the same data, from the same configuration file. */
export class RestartedServers {
  readonly #lab: LabUnderTest;
  readonly #servers: ServerProcess[] = [];

  constructor(lab: LabUnderTest) {
    this.#lab = lab;
  }

  /** Starts a server again; resolves when it listens. Its log begins anew in `log`, a file beside the lab's. */
  async start(name: OrganisationName, role: 'frontend' | 'edge', log = 'restarted.log'): Promise<ServerProcess> {
    const folder = this.#lab.serverFolder(name, role);
    const started = await ServerProcess.start({
      process: `${role} of ${name}`,
      configurationFile: join(folder, 'server.yaml'),
      logFile: join(folder, log),
      clock: systemClock,
      onEnded() {},
    });
    if (!started.ok) throw new Error(started.error.text);
    this.#servers.push(started.value);
    return started.value;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(server => server.stop()));
  }
}
