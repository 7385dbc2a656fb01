import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples, parseSwitch } from '../option-values.ts';

interface SetOptions {
  readonly federation?: boolean;
  readonly allowedDomains?: string;
  readonly discoveredUnverified?: boolean;
  readonly sharedAddressSpace?: boolean;
}

/** parley tenant … */
export function addTenantCommands(tenant: Command, cli: Cli): void {
  tenant.addHelpText('after', examples('tenant list', 'tenant set contoso --federation on', 'tenant domain list'));
  tenant
    .command('new <name>')
    .description("Creates a tenant; federation is off for it until switched on, but for an on-premises deployment's first.")
    .option('--display-name <name>', 'its name for people')
    .addHelpText('after', examples('tenant new fabrikam --display-name "Fabrikam Ltd"'))
    .action((identity: string, options: { displayName?: string }, command: Command) =>
      cli.act(command, runner =>
        runner.run({ name: 'New-CsTenant', parameters: { identity, displayName: options.displayName } }),
      ),
    );
  tenant
    .command('list')
    .description('Lists tenants with their SIP domains.')
    .addHelpText('after', examples('tenant list'))
    .action((_options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({ name: 'Get-CsTenant', parameters: {}, present: ['identity', 'displayName', 'domains', 'tenantId'] }),
      ),
    );
  addSet(tenant, cli);
  tenant
    .command('remove <name>')
    .description('Removes a tenant with its domains, policies and lists; its users must have been removed before.')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('tenant remove fabrikam --yes'))
    .action((identity: string, options: { yes?: boolean }, command: Command) =>
      cli.act(command, async runner => {
        const confirmed = await runner.confirm(`the tenant ${identity} with everything it has`, identity, options.yes);
        if (!confirmed.ok) return runner.fail(confirmed.error);
        return runner.run({ name: 'Remove-CsTenant', parameters: { identity, confirm: false } });
      }),
    );
  const domain = tenant.command('domain').summary('SIP domains').description('The SIP domains of a tenant.');
  domain.addHelpText('after', examples('tenant domain add fabrikam.com --tenant fabrikam', 'tenant domain list'));
  addDomainCommands(domain, cli);
}

function addSet(tenant: Command, cli: Cli): void {
  tenant
    .command('set [name]')
    .description("Changes a tenant's own federation settings; the deployment's (access-edge) must allow it too.")
    .option('--federation <on|off>', "the tenant's switch", parseSwitch)
    .option('--allowed-domains <mode>', 'AllKnown or AllowedList')
    .option('--discovered-unverified <on|off>', 'do not believe discovered partners about their senders', parseSwitch)
    .option('--shared-address-space <on|off>', 'some users of our SIP domains live elsewhere; no effect yet', parseSwitch)
    .addHelpText('after', examples('tenant set fabrikam --federation on --allowed-domains AllowedList'))
    .action((name: string | undefined, options: SetOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Set-CsTenantFederationConfiguration',
          parameters: {
            ...(name === undefined ? {} : { tenant: name }),
            allowFederatedUsers: options.federation,
            allowedDomains: options.allowedDomains,
            treatDiscoveredPartnersAsUnverified: options.discoveredUnverified,
            sharedSipAddressSpace: options.sharedAddressSpace,
          },
        }),
      ),
    );
}

function addDomainCommands(domain: Command, cli: Cli): void {
  domain
    .command('add <domain>')
    .description('Adds a SIP domain; unless it is the organisation itself, it works after its proof.')
    .option('--default', 'make it the main one of the tenant')
    .addHelpText('after', examples('tenant domain add fabrikam.com --tenant fabrikam'))
    .action((identity: string, options: { default?: boolean }, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'New-CsSipDomain', parameters: { identity, isDefault: options.default } })),
    );
  domain
    .command('verify <domain>')
    .description('Looks for the proof in DNS: the TXT record _parley-proof.DOMAIN.')
    .addHelpText('after', examples('tenant domain verify fabrikam.com --tenant fabrikam'))
    .action((identity: string, _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Confirm-CsSipDomain', parameters: { identity } })),
    );
  domain
    .command('remove <domain>')
    .description('Removes a SIP domain in which no user has an address.')
    .addHelpText('after', examples('tenant domain remove fabrikam.com --tenant fabrikam'))
    .action((identity: string, _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Remove-CsSipDomain', parameters: { identity } })),
    );
  domain
    .command('list')
    .description('Lists SIP domains, with the proof that is still missing.')
    .addHelpText('after', examples('tenant domain list'))
    .action((_options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsSipDomain',
          parameters: {},
          present: ['identity', 'isDefault', 'verified', 'proofToken', 'tenant'],
        }),
      ),
    );
}
