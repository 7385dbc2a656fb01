import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { runCli } from '../../src/cli/cli.ts';
import { commandName } from '../../src/management/command.ts';
import { commandDefinitions } from '../../src/management/command-registry.ts';
import { loadProgram, parseCommandLine, pathOf, RecordingTerminal } from './command-line.ts';

function allBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allBelow)];
}

function examplesIn(help: string): string[] {
  const [, section = ''] = /^Examples:\n((?: {2}parley .*\n?)+)/m.exec(help) ?? [];
  return [...section.matchAll(/^ {2}parley (.*)$/gm)].map(([, line]) => line as string);
}

describe('help', async () => {
  const root = await loadProgram();
  for (const { path } of allBelow(root).map(command => ({ path: pathOf(command) }))) {
    it(`${path} --help shows examples, and each of them parses`, async () => {
      const terminal = new RecordingTerminal();
      assert.equal(await runCli([...path.split(' ').slice(1), '--help'], terminal), 0);
      const examples = examplesIn(terminal.text);
      assert.ok(examples.length > 0, terminal.text);
      for (const example of examples) {
        const command = await parseCommandLine(example);
        // the examples of some words show how the rest is done with Lync's names
        if (!command.includes('-Cs')) assert.match(`${command} `, new RegExp(`^${path} `), 'an example of this command');
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
      for (const example of examples) assert.equal(await parseCommandLine(example), name);
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
