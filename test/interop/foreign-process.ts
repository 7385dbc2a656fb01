import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process is started. */
export interface ForeignProcessOptions {
  /** For people: `linphonec of alice`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Waiter {
  readonly look: () => boolean;
  readonly wake: () => void;
}

const longestStopMs = 1_000;

/** A running program whose output is read line by line and that is told things on stdin. */
export class ForeignProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<Waiter>();
  #output = '';
  #exit: number | NodeJS.Signals | undefined;

  constructor({ name, program, args, folder, env }: ForeignProcessOptions) {
    this.name = name;
    const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => this.#read(text));
    child.stdin?.on('error', () => {});
    child.once('error', cause => this.#ended(cause.message));
    child.once('close', (code, signal) => this.#ended('', signal ?? code ?? 0));
  }

  /** Everything it has written so far, stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** Writes a line to its stdin. */
  send(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Resolves when the output from `start` on matches; rejects after `timeoutMs`, or when the process has ended without. */
  async waitForOutput(pattern: RegExp, { start = 0, timeoutMs = 10_000 } = {}): Promise<RegExpExecArray> {
    const look = () => pattern.exec(this.#output.slice(start));
    await this.#until(() => look() !== null || this.#exit !== undefined, timeoutMs);
    const match = look();
    if (match) return match;
    const why = this.#exit === undefined ? `within ${timeoutMs} ms` : `before it ended (${this.#exit})`;
    throw new Error(`${this.name} did not print ${pattern} ${why}`);
  }

  /** The exit code, or the signal that ended it; rejects after `timeoutMs`. */
  async waitForExit(timeoutMs: number): Promise<number | NodeJS.Signals> {
    await this.#until(() => this.#exit !== undefined, timeoutMs);
    if (this.#exit === undefined) throw new Error(`${this.name} did not end within ${timeoutMs} ms`);
    return this.#exit;
  }

  /** Ends it, gently at first. */
  async stop(): Promise<void> {
    if (this.#exit !== undefined) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), longestStopMs);
    await closed;
    clearTimeout(kill);
  }

  async #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    if (condition()) return;
    const enough = new AbortController();
    const waiter: Waiter = { look: condition, wake: () => enough.abort() };
    this.#waiters.add(waiter);
    await delay(timeoutMs, undefined, { signal: enough.signal }).catch(() => {});
    this.#waiters.delete(waiter);
  }

  #read(text: string): void {
    this.#output += text;
    this.#wake();
  }

  #ended(text: string, exit: number | NodeJS.Signals = 127): void {
    this.#output += text;
    this.#exit = exit;
    this.#wake();
  }

  #wake(): void {
    for (const { look, wake } of this.#waiters) if (look()) wake();
  }
}
