import { printableOutput } from '../base/printable.ts';

/** Where a command reads and writes; tests and other programs may bring their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** stdout goes to a person and not into a pipe or file. */
  readonly isInteractive: boolean;
  /** stdin and stderr belong to a person who can answer. */
  readonly canAsk: boolean;
  readonly columns: number;
  out(text: string): void;
  error(text: string): void;
  /** Asks a person; only when `canAsk`. */
  ask(question: string): Promise<string>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    env: process.env,
    isInteractive: process.stdout.isTTY === true,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    columns: process.stdout.columns ?? 80,
    out: text => void process.stdout.write(printableOutput(text)),
    error: text => void process.stderr.write(printableOutput(text)),
    async ask(question) {
      const { createInterface } = await import('node:readline/promises');
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(printableOutput(question));
      } finally {
        lines.close();
      }
    },
  };
}
