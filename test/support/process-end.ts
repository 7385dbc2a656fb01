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
