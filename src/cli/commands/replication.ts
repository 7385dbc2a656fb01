import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';

/** parley replication … */
export function addReplicationCommands(replication: Command, cli: Cli): void {
  replication.addHelpText('after', examples('replication status'));
  replication
    .command('status [fqdn]')
    .description('Shows which nodes and Edges run from the current configuration.')
    .addHelpText('after', examples('replication status'))
    .action((replicaFqdn: string | undefined, _options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsManagementStoreReplicationStatus',
          parameters: { replicaFqdn },
          present: [
            'replicaFqdn',
            'upToDate',
            'configuration',
            'lastUpdateCreation',
            'lastStatusReport',
            'problem',
            'lastRefusal',
            'lastRefusalTime',
          ],
        }),
      ),
    );
  replication
    .command('invoke [fqdn]')
    .description('Sends the whole configuration to a node or Edge again, or to all.')
    .addHelpText('after', examples('replication invoke edge.contoso.com'))
    .action((replicaFqdn: string | undefined, _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Invoke-CsManagementStoreReplication', parameters: { replicaFqdn } })),
    );
}
