import type { Command } from 'commander';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';

interface ListOptions {
  readonly proxy?: string;
  readonly verification?: string;
  readonly includeSubdomains?: boolean;
  readonly comment?: string;
}

/** parley domain … */
export function addDomainCommands(domain: Command, cli: Cli): void {
  domain.addHelpText('after', examples('domain allow fabrikam.com', 'domain block fabrikam.com', 'domain list'));
  addList(domain, cli, 'allow', 'Allowed', 'Puts domains of partners on the allowed list, taking them off the blocked one.')
    .option('--proxy <fqdn>', 'the only server that speaks for the domain')
    .option('--verification <level>', 'AlwaysVerifiable, AlwaysUnverifiable or UseSourceVerification');
  addList(domain, cli, 'block', 'Blocked', 'Puts domains of partners on the blocked list, taking them off the allowed one.');
  domain
    .command('remove <domains...>')
    .description('Takes domains off whichever list they are on.')
    .addHelpText('after', examples('domain remove fabrikam.com'))
    .action((identity: string[], _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Remove-CsFederatedDomain', parameters: { identity } })),
    );
  domain
    .command('list [pattern]')
    .description('Lists allowed and blocked domains; * in the pattern stands for anything.')
    .addHelpText('after', examples('domain list', "domain list '*.com'"))
    .action((identity: string | undefined, _options: object, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsFederatedDomain',
          parameters: { identity },
          present: ['list', 'identity', 'proxyFqdn', 'verificationLevel', 'includeSubdomains', 'comment', 'tenant'],
        }),
      ),
    );
}

function addList(domain: Command, cli: Cli, name: string, list: 'Allowed' | 'Blocked', description: string): Command {
  return domain
    .command(`${name} <domains...>`)
    .description(description)
    .option('--include-subdomains', 'the entry stands for all domains below it as well')
    .option('--comment <text>', 'note for admins')
    .addHelpText(
      'after',
      examples(`domain ${name} fabrikam.com`, `domain ${name} fabrikam.com northwind.com --comment "Contract 17"`),
    )
    .action((identity: string[], options: ListOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Set-CsFederatedDomain',
          parameters: {
            identity,
            list,
            proxyFqdn: options.proxy,
            verificationLevel: options.verification,
            includeSubdomains: options.includeSubdomains,
            comment: options.comment,
          },
        }),
      ),
    );
}
