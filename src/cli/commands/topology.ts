import type { Command } from 'commander';
import { err, ok, type Result } from '../../base/result.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import type { ShownFailure } from '../failure-output.ts';
import { examples } from '../option-values.ts';
import { valueText } from '../output.ts';
import { columnsText } from '../result-output.ts';

const nouns = ['CsSite', 'CsPool', 'CsEdgeServer'] as const;

interface ListedPlace {
  readonly noun: string;
  readonly identity: string;
  readonly version: number;
  readonly [attribute: string]: unknown;
}

/** parley topology … */
export function addTopologyCommands(topology: Command, cli: Cli): void {
  topology.addHelpText('after', examples('topology list'));
  topology
    .command('list')
    .description(
      'Lists sites, pools and Edge pools. They are changed with New-, Set- and Remove-CsSite, -CsPool and -CsEdgeServer.',
    )
    .addHelpText('after', examples('topology list', 'New-CsSite -Identity Redmond -DisplayName "Head office"'))
    .action((_options: object, command: Command) =>
      cli.act(command, async runner => {
        const found = await readPlaces(runner);
        if (!found.ok) return runner.fail(found.error);
        const rows = found.value.map(place => ({ ...place, details: detailsOf(place) }));
        runner.print(
          { objects: found.value },
          terminal => columnsText(terminal, ['noun', 'identity', 'details'], rows) || 'no topology\n',
        );
        return 0;
      }),
    );
}

async function readPlaces(runner: CommandRunner): Promise<Result<readonly ListedPlace[], ShownFailure>> {
  const all: ListedPlace[] = [];
  for (const noun of nouns) {
    const answer = await runner.send(`Get-${noun}`, {});
    if (!answer.ok) return err(answer.error);
    all.push(...answer.value.objects.map(object => ({ noun, ...object })));
  }
  return ok(all);
}

function detailsOf(place: ListedPlace): string {
  switch (place.noun) {
    case 'CsSite':
      return `federation route ${valueText(place.federationRoute)}`;
    case 'CsPool':
      return `${valueText(place.kind)} in ${valueText(place.site)}: ${valueText(place.computers)}`;
    default:
      return `${valueText(place.externalFqdn)} in ${valueText(place.site)}: ${valueText(place.computers)}, next hop ${valueText(place.registrar)}, federation ${valueText(place.federationEnabled)}`;
  }
}
