import { Command, Help } from 'commander';
import { productVersion } from '../server/product-version.ts';
import { type Cli, type CommandEntry, commandTable } from './command-table.ts';
import { addGlobalOptions, exitCodes } from './global-options.ts';
import { examples } from './option-values.ts';
import { bold, isStyled, styled } from './output.ts';
import type { Terminal } from './terminal.ts';

/**
 * The program `parley` with all its words; of those that are not wanted only name and summary are there, which loads nothing. A silent one
 * leaves wrong usage to its caller to tell.
 */
export async function makeProgram(
  cli: Cli,
  isWanted: (entry: CommandEntry) => boolean,
  { silent = false } = {},
): Promise<Command> {
  const program = emptyProgram(cli.terminal, silent);
  for (const entry of commandTable) {
    const command = program.command(entry.name).summary(entry.summary).description(capital(entry.summary));
    command.copyInheritedSettings(program);
    if (!isWanted(entry)) continue;
    if (entry.takes) takeOnly(command, program, entry.takes);
    (await entry.load())(command, cli);
  }
  return program;
}

/** Options of every command that mean nothing here are neither shown nor taken: `serve --what-if` would start the server all the same. */
function takeOnly(command: Command, program: Command, takes: readonly string[]): void {
  const idle = program.options.filter(option => !['version', ...takes].includes(option.attributeName()));
  command.configureHelp({
    ...command.configureHelp(),
    visibleGlobalOptions(shown) {
      return Help.prototype.visibleGlobalOptions.call(this, shown).filter(option => !idle.includes(option));
    },
  });
  command.hook('preAction', (_command, action) => {
    const given = program.opts();
    const strange = idle.find(option => given[option.attributeName()] !== undefined);
    if (strange)
      action.error(`error: ${strange.long} means nothing for "parley ${command.name()}"`, { exitCode: exitCodes.usage });
  });
}

function emptyProgram(terminal: Terminal, silent: boolean): Command {
  return addGlobalOptions(new Command('parley'))
    .version(productVersion, '-V, --version', 'print the version of this program')
    .description('Federated presence, messages and calls between organisations.')
    .usage('[options] COMMAND … | Verb-CsNoun [-Parameter value …]')
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError('(add --help for what is possible)')
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(Math.max(terminal.columns, 60), 120),
      styleTitle: bold,
    })
    .configureOutput({
      writeOut: text => terminal.out(text),
      writeErr: text => (silent ? undefined : terminal.error(text)),
      outputError: (text, write) => write(text.replace(/^error:/, styled(terminal, 'red', 'Error:'))),
      getOutHasColors: () => isStyled(terminal),
      getErrHasColors: () => isStyled(terminal) && terminal.canAsk,
    })
    .addHelpText(
      'after',
      examples(
        'user enable alice@contoso.com --generate --config /etc/parley/frontend.yaml',
        'domain allow fabrikam.com --lab DIR/lab.json --org contoso',
        'explain alice@contoso.com bob@fabrikam.com',
        "Grant-CsExternalAccessPolicy -Identity alice@contoso.com -PolicyName '$Null'",
      ),
    )
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage.');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
