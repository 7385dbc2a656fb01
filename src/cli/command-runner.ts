import { systemClock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type CommandAnswer, sendCommand } from './api-client.ts';
import { type ApiTarget, findTarget, type TargetOptions } from './api-target.ts';
import { printFailure, type ShownFailure } from './failure-output.ts';
import { jsonText } from './output.ts';
import { withProgress } from './progress.ts';
import { type Present, printAnswer } from './result-output.ts';
import type { Terminal } from './terminal.ts';

/** Options every command has. */
export interface GlobalOptions extends TargetOptions {
  readonly json?: boolean;
  readonly tenant?: string;
  readonly whatIf?: boolean;
}

/** One call of the API. */
export interface Call {
  /** `Verb-CsNoun`. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What is shown of the answer, when the usual is not right. */
  readonly present?: Present;
}

/** Runs calls for the command line: finds the server, sends, prints, and says with which code to exit. */
export class CommandRunner {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  #target: Promise<Result<ApiTarget>> | undefined;

  constructor(terminal: Terminal, options: GlobalOptions) {
    this.terminal = terminal;
    this.options = options;
  }

  /** Sends a call and prints its answer; 0 = done, 1 = refused or partly failed. */
  async run({ name, parameters, present }: Call): Promise<number> {
    const answer = await this.send(name, parameters);
    if (!answer.ok) return this.fail(answer.error);
    if (this.options.json) this.terminal.out(jsonText(answer.value));
    else printAnswer(this.terminal, answer.value, present);
    return answer.value.items?.some(item => item.status === 'failed') ? 1 : 0;
  }

  /** Sends a call whose answer the caller looks at. */
  async send(name: string, parameters: Readonly<Record<string, unknown>>): Promise<Result<CommandAnswer, ShownFailure>> {
    const { tenant, whatIf } = this.options;
    const target = await this.target();
    if (!target.ok) return target;
    const isChange = !/^(?:Get|Test)-/i.test(name);
    const all = {
      ...withoutAbsent(parameters),
      ...(tenant === undefined ? {} : { tenant }),
      ...(whatIf && isChange ? { whatIf } : {}),
    };
    return withProgress(this.terminal, systemClock, 'Waiting for the server', () => sendCommand(target.value, name, all));
  }

  /** The server that the options or the environment name. Fails as `findTarget`. */
  target(): Promise<Result<ApiTarget>> {
    this.#target ??= findTarget(this.options, this.terminal.env);
    return this.#target;
  }

  /** Prints what a command put together itself: JSON with --json, else text. */
  print(value: unknown, text: (terminal: Terminal) => string): void {
    this.terminal.out(this.options.json ? jsonText(value) : text(this.terminal));
  }

  /** Prints a failure; the code to exit with. */
  fail(of: ShownFailure): number {
    printFailure(this.terminal, of, this.options.json === true);
    return 1;
  }

  /** Makes sure a destruction is meant: `--yes`, or the typed name. Fails with CONFIRMATION_DECLINED. */
  async confirm(what: string, typed: string, yes: boolean | undefined): Promise<Result<void, Failure>> {
    if (yes || this.options.whatIf) return ok(undefined);
    if (this.terminal.canAsk) {
      const answer = await this.terminal.ask(`Type "${typed}" to remove ${what}: `);
      if (answer.trim() === typed) return ok(undefined);
    }
    return err(failure('CONFIRMATION_DECLINED', { what: `Removing ${what}` }));
  }
}

function withoutAbsent(parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}
