import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { Result } from '../base/result.ts';
import { writePrivate } from './lab-folder.ts';
import type { CommandAnswer, CommandCall, ManagementClient } from './management-client.ts';

const Calls = z.array(z.object({ command: z.string(), parameters: z.record(z.string(), z.unknown()) }));

/**
 * Changes that the scenario makes for a moment, each with the command that takes it back. They are noted in a file before they are
 * made, so that the next start puts right what a killed lab left behind.
 */
export class UndoLog {
  readonly #file: string;
  readonly #client: ManagementClient;
  #open: readonly CommandCall[];

  constructor(file: string, client: ManagementClient) {
    this.#file = file;
    this.#client = client;
    this.#open = readCalls(file);
  }

  /** Makes a change, to be taken back by `undo`. */
  async change(call: CommandCall, undo: CommandCall): Promise<Result<CommandAnswer>> {
    this.#keep([undo, ...this.#open]);
    return this.#client.run(call);
  }

  /** Takes back everything that is still open, the last change first. Fails as the first command that fails. */
  async undoAll(): Promise<Result<CommandAnswer> | undefined> {
    let outcome: Result<CommandAnswer> | undefined;
    for (const call of this.#open) {
      outcome = await this.#client.run(call);
      if (!outcome.ok) return outcome;
      this.#keep(this.#open.slice(1));
    }
    return outcome;
  }

  #keep(calls: readonly CommandCall[]): void {
    this.#open = calls;
    if (calls.length === 0) rmSync(this.#file, { force: true });
    else writePrivate(this.#file, calls);
  }
}

function readCalls(file: string): readonly CommandCall[] {
  if (!existsSync(file)) return [];
  try {
    return Calls.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
