import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';
import { jsonText, tableText } from '../output.ts';

/** parley commands */
export function addCommandsCommand(commands: Command, cli: Cli): void {
  commands
    .description('Lists the Verb-CsNoun commands; "parley Verb-CsNoun --help" shows the parameters of one.')
    .addHelpText('after', examples('commands', 'Get-CsUser --help'))
    .action((_options: object, command: Command) =>
      cli.act(command, async runner => {
        const { commandDefinitions } = await import('../../management/command-registry.ts');
        const rows = commandDefinitions.map(({ verb, noun, summary }) => ({ command: `${verb}-${noun}`, summary }));
        const columns = [
          { title: 'Command', text: (row: (typeof rows)[number]) => row.command },
          { title: 'What it does', text: (row: (typeof rows)[number]) => row.summary },
        ];
        runner.terminal.out(runner.options.json ? jsonText(rows) : tableText(runner.terminal, columns, rows));
        return 0;
      }),
    );
}
