import { Command } from 'commander';
import type { Failure } from '../base/failure.ts';
import { type CommandDefinition, commandName } from '../management/command.ts';
import { findCommand } from '../management/command-registry.ts';
import { parameterKind } from '../management/parameter-kind.ts';
import { parameterTitle, readParameters } from '../management/parameter-reader.ts';
import { CommandRunner, type GlobalOptions } from './command-runner.ts';
import { printFailure } from './failure-output.ts';
import { addGlobalOptions, exitCodes } from './global-options.ts';
import { styled } from './output.ts';
import { readPowerShellArguments } from './powershell-arguments.ts';
import type { Terminal } from './terminal.ts';

/** Runs `parley Verb-CsNoun -Parameter value …`; options with two hyphens are those of every command. */
export async function runVerbNoun(args: readonly string[], word: number, terminal: Terminal): Promise<number> {
  const typed = args[word] as string;
  const dash = typed.indexOf('-');
  const definition = findCommand(typed.slice(0, dash), typed.slice(dash + 1));
  const json = args.includes('--json');
  if (!definition.ok) {
    printFailure(terminal, definition.error, json);
    return exitCodes.usage;
  }
  const { globals, own } = splitGlobals(args.toSpliced(word, 1));
  if (globals.includes('--help') || own.some(arg => arg === '-h' || arg === '-?')) {
    terminal.out(helpText(definition.value, terminal));
    return exitCodes.done;
  }
  const options = readGlobals(globals, terminal);
  const read = readPowerShellArguments(definition.value, own);
  if (!read.ok) {
    printFailure(terminal, read.error, json);
    return exitCodes.usage;
  }
  const refused = checkParameters(definition.value, read.value);
  if (refused) {
    printFailure(terminal, refused, json);
    return exitCodes.usage;
  }
  const runner = new CommandRunner(terminal, options);
  const parameters = { ...read.value };
  const asked = Object.entries(parameters).find(([name]) => name.toLowerCase() === 'confirm')?.[1];
  const whatIf = Object.entries(parameters).some(([name, value]) => name.toLowerCase() === 'whatif' && value === true);
  const { destroys } = definition.value;
  if (destroys !== undefined && asked !== false && !whatIf && terminal.canAsk) {
    const identity = String(parameters.Identity ?? commandName(definition.value));
    const confirmed = await runner.confirm(`${destroys} (${identity})`, identity, false);
    if (!confirmed.ok) return runner.fail(confirmed.error);
    for (const name of Object.keys(parameters)) if (name.toLowerCase() === 'confirm') delete parameters[name];
    parameters.Confirm = false;
  }
  return runner.run({ name: commandName(definition.value), parameters });
}

/** The server checks parameters again; here it makes wrong ones a matter of usage. */
function checkParameters(definition: CommandDefinition, parameters: Readonly<Record<string, unknown>>): Failure | undefined {
  const own = Object.fromEntries(Object.entries(parameters).filter(([name]) => name.toLowerCase() !== 'tenant'));
  const read = readParameters(definition, own);
  return read.ok ? undefined : read.error;
}

/** Arguments with two hyphens, with their values, apart from PowerShell's with one. */
function splitGlobals(args: readonly string[]): { globals: string[]; own: string[] } {
  const globals: string[] = [];
  const own: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('--')) {
      own.push(arg);
      continue;
    }
    globals.push(arg);
    if (/^--(?:api|token-file|ca-file|lab|org|config|tenant)$/.test(arg) && i + 1 < args.length)
      globals.push(args[++i] as string);
  }
  return { globals, own };
}

function readGlobals(globals: readonly string[], terminal: Terminal): GlobalOptions {
  const command = addGlobalOptions(new Command('parley'))
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeErr: text => (globals.includes('--json') ? undefined : terminal.error(text)),
      outputError: (text, write) => write(text.replace(/^error:/, styled(terminal, 'red', 'Error:'))),
    });
  return command.parse([...globals], { from: 'user' }).opts<GlobalOptions>();
}

function helpText(definition: CommandDefinition, terminal: Terminal): string {
  const title = (text: string) => styled(terminal, 'bold', text);
  const rows = Object.entries(definition.parameters.shape).map(([name, schema]) => {
    const kind = parameterKind(schema);
    const type =
      kind.words?.join('|') ??
      { boolean: '$true|$false', number: 'number', list: 'value,…', object: '…', text: 'text' }[kind.type];
    return {
      left: kind.isSwitch ? `-${parameterTitle(name)}` : `-${parameterTitle(name)} <${type}>`,
      help: [kind.required ? 'required' : '', kind.help].filter(Boolean).join('; '),
    };
  });
  const width = Math.min(Math.max(...rows.map(row => row.left.length)), 48);
  const lines = rows.map(row => `  ${row.left.padEnd(width)}  ${row.help}`.trimEnd());
  const example = `parley ${definition.example.replaceAll(/\$\w+/g, "'$&'")}`;
  return `${definition.summary}\n\n${title('Usage:')} parley ${commandName(definition)} [-Parameter value …]\n\n${title('Parameters:')}\n${lines.join('\n')}\n\n${title('Examples:')}\n  ${example}\n\nWhich server, which tenant, JSON, and saying only what would change: the options of parley --help, which each command takes.\n`;
}
