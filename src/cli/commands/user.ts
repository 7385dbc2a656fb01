import type { Command } from 'commander';
import { ok, type Result } from '../../base/result.ts';
import type { CommandAnswer } from '../api-client.ts';
import { readTextFile } from '../api-target.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import { examples, parseCount } from '../option-values.ts';
import { oneLine } from '../output.ts';
import { type PasswordOptions, readPassword } from '../password-options.ts';
import type { Terminal } from '../terminal.ts';

interface EnableOptions extends PasswordOptions {
  readonly file?: string;
  readonly displayName?: string;
  readonly pool?: string;
  readonly provider?: string;
  readonly policy?: string;
}

/** parley user … */
export function addUserCommands(user: Command, cli: Cli): void {
  user.addHelpText('after', examples('user enable alice@contoso.com --display-name "Alice Ames" --generate', "user list 'a*'"));
  addEnable(user, cli);
  addChange(user, cli, 'suspend', 'Suspends users: they cannot sign in, and keep everything they have.', false);
  addChange(user, cli, 'resume', 'Lets suspended users sign in again.', true);
  addRemove(user, cli);
  addPassword(user, cli);
  addBlock(user, cli);
  addUnblock(user, cli);
  user
    .command('list [pattern]')
    .description('Lists users; * in the pattern stands for anything in address or display name.')
    .option('--first <n>', 'show at most so many', parseCount)
    .addHelpText('after', examples('user list', "user list 'a*@contoso.com' --json"))
    .action((pattern: string | undefined, options: { first?: number }, command: Command) =>
      cli.act(command, runner =>
        runner.run({
          name: 'Get-CsUser',
          parameters: { filter: pattern, resultSize: options.first },
          present: ['identity', 'displayName', 'enabled', 'registrarPool', 'externalAccessPolicy', 'tenant'],
        }),
      ),
    );
}

function addEnable(user: Command, cli: Cli): void {
  user
    .command('enable [addresses...]')
    .description('Makes addresses into users who can sign in and be reached.')
    .option('--file <file>', 'more addresses, one a line, each optionally followed by a display name')
    .option('--display-name <name>', 'name for people, for one user')
    .option('--pool <fqdn>', 'home pool; not needed where there is one')
    .option('--provider <fqdn>', 'for users who live at a hosting provider: its proxy FQDN')
    .option('--policy <name>', 'external access policy to grant at once')
    .option('--password-file <file>', 'file that holds the password')
    .option('--generate', 'make a password for each user and show it once')
    .addHelpText(
      'after',
      examples(
        'user enable alice@contoso.com --display-name "Alice Ames" --generate',
        'user enable --file staff.txt --generate --json',
      ),
    )
    .action((addresses: string[], options: EnableOptions, command: Command) =>
      cli.act(command, async runner => {
        const entries = readEntries(addresses, options.file);
        if (!entries.ok) return runner.fail(entries.error);
        if (entries.value.length === 0) command.error("error: missing required argument 'addresses'");
        const password = readPassword(options);
        if (!password.ok) return runner.fail(password.error);
        return runner.run({
          name: 'Enable-CsUser',
          parameters: {
            ...entriesAsParameters(entries.value),
            displayName: options.displayName,
            registrarPool: options.pool,
            hostingProviderProxyFqdn: options.provider,
            externalAccessPolicy: options.policy,
            ...password.value,
          },
        });
      }),
    );
}

interface Entry {
  readonly identity: string;
  readonly displayName?: string;
}

/** Plain addresses where there are no names: they stand in the history as they were typed. */
function entriesAsParameters(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  const named = entries.some(entry => entry.displayName !== undefined);
  return named ? { users: entries } : { identity: entries.map(entry => entry.identity) };
}

function readEntries(addresses: readonly string[], file: string | undefined): Result<readonly Entry[]> {
  const given: Entry[] = addresses.map(identity => ({ identity }));
  if (file === undefined) return ok(given);
  const text = readTextFile(file, '--file');
  if (!text.ok) return text;
  const lines = text.value.split(/\r?\n/).map(line => line.trim());
  const listed = lines
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [, identity = line, displayName] = /^(\S+?)[\s,;]+(.+)$/.exec(line) ?? [];
      return displayName === undefined ? { identity } : { identity, displayName };
    });
  return ok([...given, ...listed]);
}

function addChange(user: Command, cli: Cli, name: 'suspend' | 'resume', description: string, enabled: boolean): void {
  user
    .command(`${name} <addresses...>`)
    .description(description)
    .addHelpText('after', examples(`user ${name} alice@contoso.com`))
    .action((identity: string[], _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Set-CsUser', parameters: { identity, enabled } })),
    );
}

function addRemove(user: Command, cli: Cli): void {
  user
    .command('remove <addresses...>')
    .description('Removes users with everything that belongs to them; "suspend" keeps it.')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('user remove alice@contoso.com --yes'))
    .action((identity: string[], options: { yes?: boolean }, command: Command) =>
      cli.act(command, async runner => {
        const confirmed = await confirmRemoval(runner, identity, options.yes);
        if (!confirmed.ok) return runner.fail(confirmed.error);
        return runner.run({ name: 'Disable-CsUser', parameters: { identity, confirm: false } });
      }),
    );
}

function confirmRemoval(runner: CommandRunner, identity: readonly string[], yes: boolean | undefined) {
  const [first = ''] = identity;
  if (identity.length === 1) return runner.confirm(`${first} with everything that belongs to the user`, first, yes);
  return runner.confirm(`${identity.length} users with everything that belongs to them`, `remove ${identity.length}`, yes);
}

function addPassword(user: Command, cli: Cli): void {
  user
    .command('password <address>')
    .description('Sets the password of a user.')
    .option('--password-file <file>', 'file that holds the password')
    .option('--generate', 'make a password and show it once')
    .addHelpText(
      'after',
      examples('user password alice@contoso.com --generate', 'user password alice@contoso.com --password-file secret.txt'),
    )
    .action((identity: string, options: PasswordOptions, command: Command) => {
      if (options.passwordFile === undefined && !options.generate)
        command.error('error: give --password-file FILE or --generate');
      return cli.act(command, async runner => {
        const password = readPassword(options);
        if (!password.ok) return runner.fail(password.error);
        return runner.run({ name: 'Set-CsUserPassword', parameters: { identity, ...password.value } });
      });
    });
}

function addBlock(user: Command, cli: Cli): void {
  user
    .command('block <address> [entries...]')
    .description(
      "Puts addresses, or whole domains, on a user's own block list: to them the user looks offline. Without any, shows the list.",
    )
    .option('--list', 'show the list and change nothing')
    .addHelpText(
      'after',
      examples(
        'user block alice@contoso.com mallory@fabrikam.com',
        'user block alice@contoso.com mallory@fabrikam.com northwind.com',
        'user block alice@contoso.com --list',
      ),
    )
    .action((identity: string, add: string[], options: { list?: boolean }, command: Command) => {
      if (add.length > 0 && options.list) command.error('error: --list changes nothing; leave out the entries');
      return cli.act(command, runner =>
        add.length > 0
          ? runner.run({ name: 'Set-CsUserBlockList', parameters: { identity, add } })
          : runner.run({ name: 'Get-CsUserBlockList', parameters: { identity }, present: showBlockList }),
      );
    });
}

function showBlockList(terminal: Terminal, { message, objects }: CommandAnswer): void {
  terminal.out(`${oneLine(message)}\n`);
  const entries = objects[0]?.blockedSenders;
  for (const entry of Array.isArray(entries) ? entries : []) terminal.out(`  ${oneLine(String(entry))}\n`);
}

function addUnblock(user: Command, cli: Cli): void {
  user
    .command('unblock <address> <entries...>')
    .description("Takes addresses or domains off a user's own block list.")
    .addHelpText('after', examples('user unblock alice@contoso.com mallory@fabrikam.com'))
    .action((identity: string, remove: string[], _options: object, command: Command) =>
      cli.act(command, runner => runner.run({ name: 'Set-CsUserBlockList', parameters: { identity, remove } })),
    );
}
