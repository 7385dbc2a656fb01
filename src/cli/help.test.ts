import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { commandName } from '../management/command.ts';
import { commandDefinitions } from '../management/command-registry.ts';
import { readParameters } from '../management/parameter-reader.ts';
import { runCli } from './cli.ts';
import type { Cli } from './command-table.ts';
import { readPowerShellArguments } from './powershell-arguments.ts';
import { makeProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

class RecordingTerminal implements Terminal {
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

/** The command line with every command loaded, whose actions are told and not done. */
async function program(terminal: Terminal): Promise<{ root: Command; acted: string[] }> {
  const acted: string[] = [];
  const cli: Cli = { terminal, act: async command => void acted.push(pathOf(command)) };
  return { root: await makeProgram(cli, () => true), acted };
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function allBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allBelow)];
}

/** Splits a line as a shell does, as far as examples go: blanks, single and double quotes. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );
}

function examplesIn(help: string): string[] {
  const [, section = ''] = /^Examples:\n((?: {2}parley .*\n?)+)/m.exec(help) ?? [];
  return [...section.matchAll(/^ {2}parley (.*)$/gm)].map(([, line]) => line as string);
}

function checkVerbNounExample(words: readonly string[]): void {
  const definition = commandDefinitions.find(entry => commandName(entry) === words[0]);
  assert.ok(definition, words[0]);
  const own = words.slice(1).filter(word => word !== '--help');
  const read = readPowerShellArguments(definition, own);
  assert.ok(read.ok, read.ok ? '' : read.error.text);
  const parameters = readParameters(definition, read.value);
  assert.ok(parameters.ok || words.includes('--help'), parameters.ok ? '' : parameters.error.text);
}

describe('help', async () => {
  const { root } = await program(new RecordingTerminal());
  for (const { path } of allBelow(root).map(command => ({ path: pathOf(command) }))) {
    it(`${path} --help shows examples, and each of them parses`, async () => {
      const terminal = new RecordingTerminal();
      assert.equal(await runCli([...path.split(' ').slice(1), '--help'], terminal), 0);
      const examples = examplesIn(terminal.text);
      assert.ok(examples.length > 0, terminal.text);
      for (const example of examples) {
        const words = shellWords(example);
        if (/^[A-Z]\w+-Cs/.test(words[0] ?? '')) {
          checkVerbNounExample(words);
          continue;
        }
        const { root: fresh, acted } = await program(new RecordingTerminal());
        await fresh.parseAsync(words, { from: 'user' });
        assert.equal(acted.length, 1, example);
        if (path !== 'parley') assert.match(`${acted[0]} `, new RegExp(`^${path} `), 'an example of this command');
      }
    });
  }

  for (const definition of commandDefinitions) {
    const name = commandName(definition);
    it(`${name} --help shows an example that parses, and what each parameter means`, async () => {
      const terminal = new RecordingTerminal();
      assert.equal(await runCli([name, '--help'], terminal), 0);
      const examples = examplesIn(terminal.text);
      assert.ok(examples.length > 0, terminal.text);
      for (const example of examples) {
        const words = shellWords(example);
        assert.equal(words[0], name);
        checkVerbNounExample(words);
      }
      assert.doesNotMatch(terminal.text, /^ {2}-\w+ <[^>]*>$/m, 'a parameter without a meaning');
    });
  }

  it('is plain in a pipe and has bold titles on a terminal', async () => {
    for (const words of [['--help'], ['user', 'enable', '--help'], ['Get-CsUser', '--help']]) {
      const pipe = new RecordingTerminal(false);
      const screen = new RecordingTerminal(true);
      await runCli(words, pipe);
      await runCli(words, screen);
      assert.doesNotMatch(pipe.text, /\u001b/);
      assert.match(screen.text, /\u001b\[1mUsage:\u001b\[0m[^]*\u001b\[1mExamples:\u001b\[0m/);
      assert.equal(stripVTControlCharacters(screen.text), pipe.text);
    }
  });

  it('parley help Verb-CsNoun is the help of that command', async () => {
    const helped = new RecordingTerminal();
    const asked = new RecordingTerminal();
    assert.equal(await runCli(['help', 'Get-CsUser'], helped), 0);
    await runCli(['Get-CsUser', '--help'], asked);
    assert.equal(helped.text, asked.text);
  });
});
