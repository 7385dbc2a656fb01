import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { parseJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';

/** One server process of the lab. */
export interface ServerProcessOptions {
  /** For people: `Front End of contoso`. */
  readonly process: string;
  readonly configurationFile: string;
  /** Gets what the process writes to stderr. */
  readonly logFile: string;
  readonly clock: Clock;
  /** Told when the process ended although nobody stopped it. */
  readonly onEnded: (why: Failure) => void;
}

const mainFile = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/parley', import.meta.url));
const startTimeoutMs = 30_000;
const stopTimeoutMs = 3_000;
const keptLines = 5;

/** A server that runs as a process of its own; it ends with the lab. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  #stopping = false;
  #listening = false;

  private constructor(options: ServerProcessOptions) {
    this.#options = options;
    writeFileSync(options.logFile, '');
    // The server ends when its stdin does: so none outlives a lab that was killed.
    this.#child = spawn(process.execPath, [mainFile, 'serve', '--config', options.configurationFile, '--stop-with-stdin'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C is for the lab, which puts everything in order before it stops its servers.
      detached: true,
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#note(text));
    this.#child.on('close', (code, signal) => this.#ended(signal ?? `exit code ${code}`));
  }

  /** Starts a process and resolves when it listens. Fails with PROCESS_DID_NOT_START. */
  static async start(options: ServerProcessOptions): Promise<Result<ServerProcess>> {
    const server = new ServerProcess(options);
    const problem = await server.#untilListening();
    return problem === undefined ? ok(server) : err(problem);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** True until the process has ended. */
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** Asks the process to end, and makes it end if it takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (!this.running) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const timer = this.#options.clock.after(stopTimeoutMs, () => this.#child.kill('SIGKILL'));
    await closed;
    timer.cancel();
  }

  #untilListening(): Promise<Failure | undefined> {
    const { clock, process: name } = this.#options;
    const stdout = this.#child.stdout;
    if (stdout === null) throw new Error('the process has no stdout');
    return new Promise(resolve => {
      const finish = (detail: string | undefined) => {
        timer.cancel();
        this.#listening = detail === undefined;
        if (detail === undefined) resolve(undefined);
        else resolve(failure('PROCESS_DID_NOT_START', { process: name, detail: detail.replace(/^Error: /, '') }));
      };
      const timer = clock.after(startTimeoutMs, () => {
        void this.stop();
        finish(`it did not listen within ${startTimeoutMs / 1000} seconds. ${this.#words()}`);
      });
      createInterface({ input: stdout }).on('line', line => {
        if (eventOf(line) === 'listening') finish(undefined);
      });
      this.#child.once('error', cause => finish(cause.message));
      this.#child.once('close', () => finish(this.#words()));
    });
  }

  #ended(how: string): void {
    if (this.#stopping || !this.#listening) return;
    const { process: name, logFile, onEnded } = this.#options;
    onEnded(failure('LAB_PROCESS_ENDED', { process: name, how, detail: this.#words(), logFile }));
  }

  #note(text: string): void {
    appendFileSync(this.#options.logFile, text);
    for (const line of text.split('\n')) if (line.trim() !== '') this.#lastLines.push(line.trim());
    this.#lastLines.splice(0, this.#lastLines.length - keptLines);
  }

  #words(): string {
    return this.#lastLines.length === 0 ? 'it said nothing.' : this.#lastLines.join(' ');
  }
}

function eventOf(line: string): unknown {
  return (parseJson(line) as { event?: unknown } | null | undefined)?.event;
}
