import type { Command } from 'commander';
import type { CommandAnswer } from '../api-client.ts';
import type { Cli } from '../command-table.ts';
import { examples, parseCount } from '../option-values.ts';
import { objectText, oneLine, valueText } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface HistoryOptions {
  readonly last?: number;
  readonly before?: number;
}

/** parley history */
export function addHistoryCommand(history: Command, cli: Cli): void {
  history
    .argument('[revision]', 'number of one revision, shown with each object before and after', parseCount)
    .description('Shows who changed what when, newest first.')
    .option('--last <n>', 'how many (default 20)', parseCount)
    .option('--before <n>', 'only older than this revision', parseCount)
    .addHelpText('after', examples('history', 'history --last 5 --json', 'history 17'))
    .action((revision: number | undefined, options: HistoryOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsRevision',
          parameters: { identity: revision, last: options.last, before: options.before },
          present: revision === undefined ? ['identity', 'time', 'author', 'from', 'summary'] : printRevision,
        }),
      ),
    );
}

interface ShownChange {
  readonly kind: string;
  readonly identity: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** One revision: who and when, then each object with what is different after it. */
function printRevision(terminal: Terminal, { objects, message }: CommandAnswer): void {
  const [revision] = objects;
  if (!revision) {
    terminal.out(`${oneLine(message)}\n`);
    return;
  }
  const { identity, time, author, from, summary } = revision;
  terminal.out(objectText(terminal, Object.entries({ revision: identity, time, author, from, summary })));
  for (const change of (revision.changes ?? []) as readonly ShownChange[]) {
    const verb = !change.before ? 'created' : change.after ? 'changed' : 'removed';
    terminal.out(`\n${change.kind} ${valueText(change.identity)} ${verb}\n`);
    const rows = differencesOf(change).map(([name, before, after]) => {
      if (!change.before) return [`  ${name}`, after] as const;
      return [`  ${name}`, change.after ? `${valueText(before)} -> ${valueText(after)}` : before] as const;
    });
    terminal.out(objectText(terminal, rows));
  }
}

function differencesOf({ before, after }: ShownChange): readonly (readonly [name: string, before: unknown, after: unknown])[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .map(name => [name, before?.[name], after?.[name]] as const)
    .filter(([, was, is]) => JSON.stringify(was) !== JSON.stringify(is));
}
