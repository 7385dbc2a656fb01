import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples, parseCount, parseSwitch } from '../option-values.ts';

interface SetOptions {
  readonly federation?: boolean;
  readonly outside?: boolean;
  readonly anonymous?: boolean;
  readonly discovery?: boolean;
  readonly routing?: string;
  readonly defaultRoute?: string;
  readonly discoveredVerification?: string;
  readonly verification?: string;
  readonly archivingDisclaimer?: boolean;
  readonly connections?: number;
}

/** parley access-edge … */
export function addAccessEdgeCommands(accessEdge: Command, cli: Cli): void {
  accessEdge.addHelpText('after', examples('access-edge get', 'access-edge set --federation on'));
  accessEdge
    .command('get')
    .description('Shows the access edge configuration.')
    .addHelpText('after', examples('access-edge get'))
    .action((_options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Get-CsAccessEdgeConfiguration', parameters: {} })),
    );
  accessEdge
    .command('set')
    .description('Changes the access edge configuration; what is not given stays as it is.')
    .option('--federation <on|off>', 'federation as a whole', parseSwitch)
    .option('--outside <on|off>', 'our own users over the Internet; no effect yet', parseSwitch)
    .option('--anonymous <on|off>', 'people without an account, in conferences; no effect yet', parseSwitch)
    .option('--discovery <on|off>', 'reach domains on no list through DNS', parseSwitch)
    .option('--routing <method>', 'UseDnsSrvRouting or UseDefaultRouting')
    .option('--default-route <fqdn>', 'with UseDefaultRouting: the server that takes everything')
    .option('--discovered-verification <level>', 'how far discovered partners are believed')
    .option('--verification <level>', 'with UseDefaultRouting: how far the default route is believed')
    .option('--archiving-disclaimer <on|off>', 'tell partners that messages are archived', parseSwitch)
    .option('--connections <n>', 'TLS connections per partner, 1 to 4', parseCount)
    .addHelpText('after', examples('access-edge set --federation on', 'access-edge set --federation on --discovery off'))
    .action((options: SetOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Set-CsAccessEdgeConfiguration',
          parameters: {
            allowFederatedUsers: options.federation,
            allowOutsideUsers: options.outside,
            allowAnonymousUsers: options.anonymous,
            enablePartnerDiscovery: options.discovery,
            routingMethod: options.routing,
            defaultRouteFqdn: options.defaultRoute,
            discoveredPartnerVerificationLevel: options.discoveredVerification,
            verificationLevel: options.verification,
            enableArchivingDisclaimer: options.archivingDisclaimer,
            outgoingTlsCountForFederatedPartners: options.connections,
          },
        }),
      ),
    );
}
