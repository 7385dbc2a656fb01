import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples, parseSwitch } from '../option-values.ts';

interface PolicyOptions {
  readonly federation?: boolean;
  readonly xmpp?: boolean;
  readonly publicCloud?: boolean;
  readonly publicCloudAv?: boolean;
  readonly outside?: boolean;
  readonly description?: string;
}

/** parley policy … */
export function addPolicyCommands(policy: Command, cli: Cli): void {
  policy.addHelpText(
    'after',
    examples('policy new BasicAccessPolicy --federation on', 'policy grant BasicAccessPolicy alice@contoso.com'),
  );
  addWrite(policy, cli, 'new', 'New', 'Creates an external access policy: site:NAME, or the name of a user policy.');
  addWrite(policy, cli, 'set', 'Set', 'Changes an external access policy: global, site:NAME, or a user policy.');
  policy
    .command('grant <policy> <addresses...>')
    .description('Grants a user policy to users.')
    .addHelpText('after', examples('policy grant BasicAccessPolicy alice@contoso.com'))
    .action((policyName: string, identity: string[], _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Grant-CsExternalAccessPolicy', parameters: { identity, policyName } })),
    );
  policy
    .command('revoke <addresses...>')
    .description('Takes a granted policy back: the policy of the site or the global one holds again.')
    .addHelpText('after', examples('policy revoke alice@contoso.com'))
    .action((identity: string[], _options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({ name: 'Grant-CsExternalAccessPolicy', parameters: { identity, policyName: null } }),
      ),
    );
  policy
    .command('remove <policy>')
    .description('Removes an external access policy; the global one gets its defaults again.')
    .addHelpText('after', examples('policy remove BasicAccessPolicy'))
    .action((identity: string, _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Remove-CsExternalAccessPolicy', parameters: { identity } })),
    );
  policy
    .command('list')
    .description('Lists external access policies.')
    .addHelpText('after', examples('policy list'))
    .action((_options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsExternalAccessPolicy',
          parameters: {},
          present: [
            'identity',
            'enableFederationAccess',
            'enablePublicCloudAccess',
            'enableOutsideAccess',
            'description',
            'tenant',
          ],
        }),
      ),
    );
}

function addWrite(policy: Command, cli: Cli, name: string, verb: 'New' | 'Set', description: string): void {
  policy
    .command(`${name} <policy>`)
    .description(description)
    .option('--federation <on|off>', 'people of federated organisations', parseSwitch)
    .option('--xmpp <on|off>', 'XMPP partners; no effect yet', parseSwitch)
    .option('--public-cloud <on|off>', 'people of public providers', parseSwitch)
    .option('--public-cloud-av <on|off>', 'audio and video with them', parseSwitch)
    .option('--outside <on|off>', 'the user may sign in from outside; no effect yet', parseSwitch)
    .option('--description <text>', 'note for admins')
    .addHelpText('after', examples(`policy ${name} BasicAccessPolicy --federation on`))
    .action((identity: string, options: PolicyOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: `${verb}-CsExternalAccessPolicy`,
          parameters: {
            identity,
            enableFederationAccess: options.federation,
            enableXmppAccess: options.xmpp,
            enablePublicCloudAccess: options.publicCloud,
            enablePublicCloudAudioVideoAccess: options.publicCloudAv,
            enableOutsideAccess: options.outside,
            description: options.description,
          },
        }),
      ),
    );
}
