import assert from 'node:assert/strict';
import type { Command } from 'commander';
import type { Cli } from '../../src/cli/command-table.ts';
import { readPowerShellArguments } from '../../src/cli/powershell-arguments.ts';
import { makeProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { commandName } from '../../src/management/command.ts';
import { commandDefinitions } from '../../src/management/command-registry.ts';
import { readParameters } from '../../src/management/parameter-reader.ts';

/** A terminal that keeps what is written to it. */
export class RecordingTerminal implements Terminal {
  readonly env = {};
  readonly isInteractive: boolean;
  readonly canAsk = false;
  readonly columns = 100;
  text = '';

  constructor(isInteractive = false) {
    this.isInteractive = isInteractive;
  }
  out(text: string) {
    this.text += text;
  }
  error(text: string) {
    this.text += text;
  }
  async ask(): Promise<string> {
    throw new Error('nobody is there');
  }
}

/** The command line with every command loaded, whose actions are only reported. */
export function loadProgram(acted: (command: Command) => void = () => undefined): Promise<Command> {
  const cli: Cli = { terminal: new RecordingTerminal(), act: async command => acted(command) };
  return makeProgram(cli, () => true);
}

/** `parley user enable`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Reads what stands after `parley` without doing it: the path or `Verb-CsNoun` of the command meant. Throws where it is wrong. */
export async function parseCommandLine(line: string): Promise<string> {
  const words = shellWords(line);
  const [first = ''] = words;
  if (/^[A-Z]\w+-Cs/.test(first)) return parseVerbNoun(first, words.slice(1));
  const acted: Command[] = [];
  const program = await loadProgram(command => acted.push(command));
  await program.parseAsync(words, { from: 'user' });
  assert.ok(acted[0], line);
  return pathOf(acted[0]);
}

function parseVerbNoun(name: string, words: readonly string[]): string {
  const definition = commandDefinitions.find(entry => commandName(entry) === name);
  assert.ok(definition, name);
  if (words.includes('--help')) return name;
  const option = words.findIndex(word => word.startsWith('--'));
  const read = readPowerShellArguments(definition, option < 0 ? words : words.slice(0, option));
  assert.ok(read.ok, read.ok ? '' : read.error.text);
  const parameters = readParameters(definition, read.value);
  assert.ok(parameters.ok, parameters.ok ? '' : parameters.error.text);
  return name;
}

/** Splits a line as a shell does, as far as examples go: blanks, single and double quotes. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );
}
