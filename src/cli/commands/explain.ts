import type { Command } from 'commander';
import type { CommandAnswer } from '../api-client.ts';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';
import { type Look, oneLine, styled, valueText, wrapped } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface ShownStep {
  readonly step: string;
  readonly where: string;
  readonly status: string;
  readonly text: string;
  readonly fix?: string;
}

const unknownMark = { mark: '?   ', look: 'yellow' } as const;

/** What could not be found out is never shown as passed. */
const marks: Readonly<Record<string, { readonly mark: string; readonly look: Look }>> = {
  pass: { mark: 'ok  ', look: 'green' },
  refuse: { mark: 'stop', look: 'red' },
  note: { mark: 'note', look: 'dim' },
  unknown: unknownMark,
};

/** parley explain */
export function addExplainCommand(explain: Command, cli: Cli): void {
  explain
    .argument('<from>', 'address of one side')
    .argument('<to>', 'address of the other side')
    .description('Explains step by step whether two addresses may communicate, in both directions.')
    .addHelpText('after', examples('explain alice@contoso.com bob@fabrikam.com'))
    .action((from: string, to: string, _options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({ name: 'Get-CsFederationDecision', parameters: { from, to }, present: printDirections }),
      ),
    );
}

function printDirections(terminal: Terminal, { objects, message }: CommandAnswer): void {
  for (const direction of objects) {
    const verdict = direction.allowed ? styled(terminal, 'green', 'allowed') : styled(terminal, 'red', 'refused');
    terminal.out(`${styled(terminal, 'bold', valueText(direction.identity))} (${valueText(direction.direction)}): ${verdict}\n`);
    for (const step of (direction.steps ?? []) as readonly ShownStep[]) {
      const { mark, look } = marks[step.status] ?? unknownMark;
      terminal.out(
        `  ${styled(terminal, look, mark)} ${step.where.padEnd(9)}  ${wrapped(terminal, 18, `${step.step}: ${oneLine(step.text)}`)}\n`,
      );
      if (step.fix) terminal.out(`${' '.repeat(18)}${wrapped(terminal, 18, oneLine(step.fix))}\n`);
    }
  }
  terminal.out(`${oneLine(message)}\n`);
}
