import type { Command } from 'commander';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { AnsweredObject } from '../api-client.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import type { ShownFailure } from '../failure-output.ts';
import { examples } from '../option-values.ts';
import { columnsText } from '../result-output.ts';

const nouns = { hosting: 'CsHostingProvider', public: 'CsPublicProvider' } as const;

interface AddOptions {
  readonly public?: boolean;
  readonly enable?: boolean;
  readonly shared?: boolean;
  readonly hostsUsers?: boolean;
  readonly verification?: string;
}

/** parley provider … */
export function addProviderCommands(provider: Command, cli: Cli): void {
  provider.addHelpText('after', examples('provider add LyncOnline sipfed.online.lync.com --enable', 'provider list'));
  provider
    .command('add <name> <proxy>')
    .description('Adds a hosting provider, or with --public a public one. No traffic passes until it is enabled.')
    .option('--public', 'a public provider: users need the policy bit for public providers')
    .option('--enable', 'enable it at once')
    .option('--shared', 'some users of our own SIP domains live there')
    .option('--hosts-users', 'it hosts SIP accounts; needs --shared')
    .option('--verification <level>', 'AlwaysVerifiable, AlwaysUnverifiable or UseSourceVerification')
    .addHelpText('after', examples('provider add LyncOnline sipfed.online.lync.com --enable'))
    .action((identity: string, proxyFqdn: string, options: AddOptions, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: `New-${options.public ? nouns.public : nouns.hosting}`,
          parameters: {
            identity,
            proxyFqdn,
            enabled: options.enable,
            enabledSharedAddressSpace: options.shared,
            hostsOcsUsers: options.hostsUsers,
            verificationLevel: options.verification,
          },
        }),
      ),
    );
  addVerb(provider, cli, 'enable', 'Enable', 'Lets traffic with a provider pass.');
  addVerb(provider, cli, 'disable', 'Disable', 'Stops traffic with a provider.');
  addVerb(provider, cli, 'remove', 'Remove', 'Removes a provider.');
  provider
    .command('list')
    .description('Lists hosting and public providers.')
    .addHelpText('after', examples('provider list'))
    .action((_options: object, command: Command) =>
      cli.act(command, async runner => {
        const found = await readProviders(runner);
        if (!found.ok) return runner.fail(found.error);
        const columns = ['kind', 'identity', 'proxyFqdn', 'enabled', 'verificationLevel', 'enabledSharedAddressSpace', 'tenant'];
        runner.print({ objects: found.value }, terminal => columnsText(terminal, columns, found.value) || 'no providers\n');
        return 0;
      }),
    );
}

function addVerb(provider: Command, cli: Cli, name: string, verb: string, description: string): void {
  provider
    .command(`${name} <name>`)
    .description(description)
    .addHelpText('after', examples(`provider ${name} LyncOnline`))
    .action((identity: string, _options: object, command: Command) =>
      cli.act(command, async runner => {
        const found = await readProviders(runner);
        if (!found.ok) return runner.fail(found.error);
        const wanted = found.value.find(object => object.identity.toLowerCase() === identity.toLowerCase());
        if (!wanted) return runner.fail(failure('OBJECT_UNKNOWN', { noun: nouns.hosting, identity }));
        return runner.run({ name: `${verb}-${nouns[wanted.kind]}`, parameters: { identity } });
      }),
    );
}

type ListedProvider = AnsweredObject & { readonly kind: keyof typeof nouns };

/** Providers of both kinds: their names are unique over both. */
async function readProviders(runner: CommandRunner): Promise<Result<readonly ListedProvider[], ShownFailure>> {
  const all: ListedProvider[] = [];
  for (const kind of ['hosting', 'public'] as const) {
    const answer = await runner.send(`Get-${nouns[kind]}`, {});
    if (!answer.ok) return err(answer.error);
    all.push(...answer.value.objects.map(object => ({ kind, ...object })));
  }
  return ok(all);
}
