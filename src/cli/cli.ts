import { Command, CommanderError } from 'commander';
import { CommandRunner, type GlobalOptions } from './command-runner.ts';
import { type Cli, commandTable } from './command-table.ts';
import { printFault } from './failure-output.ts';
import { addGlobalOptions, exitCodes } from './global-options.ts';
import type { Terminal } from './terminal.ts';

/** Options with a value that stand anywhere on the line. */
const optionsWithValue = new Set(['--api', '--token-file', '--lab', '--org', '--config', '--tenant']);

/** Runs the command line with the arguments after `parley`; resolves with the exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const json = args.includes('--json');
  try {
    const word = firstWord(args);
    if (word !== undefined && /^[a-z]+-Cs[a-z]+$/i.test(args[word] ?? '')) {
      const { runVerbNoun } = await import('./verb-noun.ts');
      return await runVerbNoun(args, word, terminal);
    }
    return await runWord(args, word === undefined ? undefined : args[word], terminal);
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    printFault(terminal, fault, json);
    return exitCodes.failed;
  }
}

async function runWord(args: readonly string[], word: string | undefined, terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = makeProgram(terminal);
  const cli: Cli = {
    terminal,
    async act(command, action) {
      exitCode = await action(new CommandRunner(terminal, command.optsWithGlobals<GlobalOptions>()));
    },
  };
  const wanted = word === 'help' ? args[args.indexOf('help') + 1] : word;
  for (const entry of commandTable) {
    const command = program.command(entry.name).summary(entry.summary).description(capital(entry.summary));
    command.copyInheritedSettings(program);
    if (entry.name === wanted) (await entry.load())(command, cli);
  }
  if (args.length === 0) {
    terminal.error(program.helpInformation());
    return exitCodes.usage;
  }
  await program.parseAsync([...args], { from: 'user' });
  return exitCode;
}

function makeProgram(terminal: Terminal): Command {
  return addGlobalOptions(new Command('parley'))
    .description('Federated presence, messages and calls between organisations.')
    .usage('[options] COMMAND … | Verb-CsNoun [-Parameter value …]')
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError('(add --help for what is possible)')
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(Math.max(terminal.columns, 60), 120) })
    .configureOutput({ writeOut: text => terminal.out(text), writeErr: text => terminal.error(text) })
    .addHelpText(
      'after',
      `
Examples:
  parley user enable alice@contoso.com --generate --config /etc/parley/frontend.yaml
  parley domain allow fabrikam.com --lab DIR/lab.json --org contoso
  parley explain alice@contoso.com bob@fabrikam.com
  parley Grant-CsExternalAccessPolicy -Identity alice@contoso.com -PolicyName '$Null'

Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    );
}

/** Place of the first argument that is no option and no option's value. */
function firstWord(args: readonly string[]): number | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-')) return i;
    if (optionsWithValue.has(arg)) i++;
  }
  return undefined;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
