import { CommanderError } from 'commander';
import { failure } from '../base/failure.ts';
import { CommandRunner, type GlobalOptions } from './command-runner.ts';
import type { Cli } from './command-table.ts';
import { printFailure, printFault } from './failure-output.ts';
import { exitCodes } from './global-options.ts';
import { makeProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/** Options with a value that stand anywhere on the line. */
const optionsWithValue = new Set(['--api', '--token-file', '--ca-file', '--lab', '--org', '--config', '--tenant']);

const verbNoun = /^[a-z]+-Cs[a-z]+$/i;

/** Runs the command line with the arguments after `parley`; resolves with the exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const json = args.includes('--json');
  try {
    const asksForHelp = args[0] === 'help' && verbNoun.test(args[1] ?? '');
    if (asksForHelp) return await runCli([...args.slice(1), '--help'], terminal);
    const word = firstWord(args);
    if (word !== undefined && verbNoun.test(args[word] ?? '')) {
      const { runVerbNoun } = await import('./verb-noun.ts');
      return await runVerbNoun(args, word, terminal);
    }
    return await runWord(args, word === undefined ? undefined : args[word], terminal);
  } catch (fault) {
    if (fault instanceof CommanderError) {
      if (fault.exitCode === 0) return exitCodes.done;
      if (json) printFailure(terminal, failure('COMMAND_LINE_WRONG', { problem: problemOf(fault) }), true);
      return exitCodes.usage;
    }
    printFault(terminal, fault, json);
    return exitCodes.failed;
  }
}

async function runWord(args: readonly string[], word: string | undefined, terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.done;
  const cli: Cli = {
    terminal,
    async act(command, action) {
      exitCode = await action(new CommandRunner(terminal, command.optsWithGlobals<GlobalOptions>()));
    },
  };
  const helped = word === 'help' ? args[args.indexOf('help') + 1] : undefined;
  const wanted = helped ?? word;
  const program = await makeProgram(cli, entry => entry.name === wanted, { silent: args.includes('--json') });
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.usage;
  }
  const isHelpOfNothing = helped !== undefined && !program.commands.some(command => command.name() === helped);
  await program.parseAsync(isHelpOfNothing ? [helped] : [...args], { from: 'user' });
  return exitCode;
}

/** What is wrong with a command line, as one sentence without its full stop. */
function problemOf({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'The command is not complete';
  const [first = '', ...more] = message.replace(/^error: /, '').split('\n');
  const sentence = [first.replace(/\.$/, ''), ...more].join(' ').trim();
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
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
