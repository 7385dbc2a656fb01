import type { Command } from 'commander';
import { addTo } from '../../base/set-index.ts';
import { adviceOf } from '../../readiness/advice.ts';
import type { CommandAnswer } from '../api-client.ts';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';
import { jsonText, type Look, oneLine, styled, tableText, valueText, wrapped } from '../output.ts';
import type { Terminal } from '../terminal.ts';

const looks: Readonly<Record<string, Look>> = { pass: 'green', warn: 'yellow', fail: 'red', unknown: 'yellow', skipped: 'dim' };

/** parley check */
export function addCheckCommand(check: Command, cli: Cli): void {
  check
    .argument('[domains...]', 'domains of partners to check as well')
    .description('Checks whether everything is ready to federate. Exit code 1 when a check failed or could not run.')
    .addHelpText('after', examples('check', 'check fabrikam.com --json'))
    .action((domain: string[], _options: object, command: Command) =>
      cli.act(command, async runner => {
        const answer = await runner.send('Test-CsFederation', { domain: domain.length > 0 ? domain : undefined });
        if (!answer.ok) return runner.fail(answer.error);
        if (runner.options.json) runner.terminal.out(jsonText(answer.value));
        else printFindings(runner.terminal, answer.value);
        return answer.value.objects.some(finding => finding.status === 'fail' || finding.status === 'unknown') ? 1 : 0;
      }),
    );
}

function printFindings(terminal: Terminal, { objects, message }: CommandAnswer): void {
  const columns = [
    { title: 'Status', text: (row: CommandAnswer['objects'][number]) => statusText(terminal, String(row.status)) },
    { title: 'Check', text: (row: CommandAnswer['objects'][number]) => row.identity },
    { title: 'Target', text: (row: CommandAnswer['objects'][number]) => valueText(row.target) },
    { title: 'Finding', text: (row: CommandAnswer['objects'][number]) => valueText(row.message) },
  ];
  terminal.out(tableText(terminal, columns, objects));
  const checksByAdvice = new Map<string, Set<string>>();
  for (const finding of objects) {
    const advice = finding.status === 'pass' || finding.status === 'skipped' ? '' : adviceOf(finding);
    if (advice !== '') addTo(checksByAdvice, advice, finding.identity);
  }
  for (const [advice, checks] of checksByAdvice) {
    terminal.out(`${wrapped(terminal, 8, valueText(`${[...checks].join(', ')}: ${advice}`))}\n`);
  }
  terminal.out(`${oneLine(message)}\n`);
}

function statusText(terminal: Terminal, status: string): string {
  return styled(terminal, looks[status] ?? 'dim', status);
}
