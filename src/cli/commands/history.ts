import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples, parseCount } from '../option-values.ts';

interface HistoryOptions {
  readonly last?: number;
  readonly before?: number;
}

/** parley history */
export function addHistoryCommand(history: Command, cli: Cli): void {
  history
    .argument('[revision]', 'number of one revision, shown with each object before and after', parseCount)
    .description('Shows who changed what when, newest first.')
    .option('--last <n>', 'how many', parseCount)
    .option('--before <n>', 'only older than this revision', parseCount)
    .addHelpText('after', examples('history', 'history --last 5 --json', 'history 17'))
    .action((revision: number | undefined, options: HistoryOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsRevision',
          parameters: { identity: revision, last: options.last, before: options.before },
          ...(revision === undefined ? { present: ['identity', 'time', 'author', 'summary'] } : {}),
        }),
      ),
    );
}
