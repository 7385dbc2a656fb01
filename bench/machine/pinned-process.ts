import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import type { TimedOutcome } from '../timed-outcome.ts';
import { readProcessUsage, readPss } from './process-usage.ts';

/** Processors by number as `taskset -c` takes them; empty: wherever the system likes. */
export interface Pinning {
  readonly servers: string;
  readonly generator: string;
}

const portPollMs = 20;
const startMs = 60_000;
const lastLines = 12;

/** Starts a program on certain processors; what it says goes to a file, the end of which is shown if it ends by itself. */
export function startPinned(cpus: string, command: readonly string[], logFile: string): ChildProcess {
  const [program = '', ...args] = pinned(cpus, command);
  const log = openSync(logFile, 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  child.once('exit', (code, signal) => {
    if (signal === 'SIGKILL' || signal === 'SIGINT') return;
    const words = readFileSync(logFile, 'utf8').trim().split('\n').slice(-lastLines);
    process.stderr.write(`${command[0]} ended with ${signal ?? code}:\n${words.join('\n')}\n`);
  });
  return child;
}

/** The command line that runs a command on certain processors. */
export function pinned(cpus: string, command: readonly string[]): readonly string[] {
  return cpus === '' ? command : ['taskset', '-c', cpus, ...command];
}

/** Moves running processes with all their threads and descendants to certain processors. */
export function pinRunning(cpus: string, roots: readonly number[]): void {
  if (cpus === '') return;
  for (const pid of readProcessUsage(roots).pids) execFileSync('taskset', ['-a', '-p', '-c', cpus, String(pid)]);
}

/** Holds running processes with all that descend from them, or lets them go on. */
export function holdRunning(isHeld: boolean, roots: readonly number[]): void {
  for (const pid of readProcessUsage(roots).pids) {
    try {
      process.kill(pid, isHeld ? 'SIGSTOP' : 'SIGCONT');
    } catch {
      // it has ended by itself
    }
  }
}

/** Ends a process and what descends from it, at once: there is nothing in it to be kept. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once('exit', resolve));
  for (const pid of readProcessUsage([child.pid]).pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
  await ended;
}

/** Waits until something speaks TLS; false when the time is over or `stillThere` says no. */
export async function untilListening(host: string, port: number, timeoutMs: number, stillThere: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + timeoutMs;
  while (performance.now() < untilMs && stillThere()) {
    if (await accepts(host, port)) return true;
    await new Promise(resolve => setTimeout(resolve, portPollMs));
  }
  return false;
}

/** Starts a program, waits until it listens, ends it: how long that took and what it took. */
export async function timeStart(
  cpus: string,
  command: readonly string[],
  at: { readonly host: string; readonly port: number; readonly logFile: string },
): Promise<TimedOutcome> {
  const beginMs = performance.now();
  const child = startPinned(cpus, command, at.logFile);
  try {
    const isUp = await untilListening(at.host, at.port, startMs, () => child.exitCode === null);
    if (!isUp) throw new Error(`it does not listen: see ${at.logFile}`);
    const seconds = (performance.now() - beginMs) / 1000;
    const { cpuSeconds, pids } = readProcessUsage([child.pid ?? 0]);
    return { seconds, cpuSeconds, pssMegabytes: readPss(pids) / 1024 };
  } finally {
    await endProcess(child);
  }
}

/** Whether a program of that name can be started. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['-v'], { stdio: 'ignore' }).error === undefined;
}

/** Whether a TLS handshake succeeds: a kernel accepts connections before the program takes them. */
function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, rejectUnauthorized: false });
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('secureConnect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
