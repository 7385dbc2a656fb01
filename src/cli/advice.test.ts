import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { errorRegistry } from '../base/errors/registry.ts';
import { fillPlaceholders } from '../base/failure.ts';
import { findCommand } from '../management/command-registry.ts';
import { runCli } from './cli.ts';
import type { Terminal } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-advice-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'admin abcdefghijklmnop\n');
after(() => rmSync(folder, { recursive: true }));

/** Stands for the values an admin would see: every placeholder filled with something of its kind. */
const values = new Proxy({} as Record<string, string>, {
  get: (_target, name) =>
    /user|address/.test(String(name)) ? 'alice@contoso.test' : /noun/i.test(String(name)) ? 'CsUser' : 'fabrikam.test',
});

/** The commands an error's advice tells to type. */
function commandsIn(fix: string): readonly string[] {
  const text = fillPlaceholders(fix, values);
  return [...text.matchAll(/parley ((?:[\w-]+)(?: (?!or\b|instead\b|and\b)[^\s;,)]+)*)/g)].map(match =>
    (match[1] as string).replace(/\.$/, ''),
  );
}

const advised = Object.entries(errorRegistry).flatMap(([code, { fix }]) => commandsIn(fix).map(command => ({ code, command })));

test('the registry advises commands at all', () => {
  assert.ok(advised.length > 20, `${advised.length}`);
});

test("a command of Lync's names that is advised can be typed as it stands", () => {
  for (const [code, { text, fix }] of Object.entries(errorRegistry)) {
    for (const [, before, verb = '', noun = ''] of `${text} ${fix}`.matchAll(/(\S+ )?\b([A-Z][a-z]+)-(Cs[A-Za-z]+)/g)) {
      assert.match(before ?? '', /^\(?parley $/, `${code}: ${verb}-${noun}`);
      assert.ok(findCommand(verb, noun).ok, `${code}: ${verb}-${noun}`);
    }
  }
});

for (const { code, command } of advised) {
  test(`${code}: parley ${command}`, async () => {
    let said = '';
    const terminal: Terminal = {
      env: {},
      isInteractive: false,
      canAsk: false,
      columns: 120,
      out: text => void (said += text),
      error: text => void (said += text),
      ask: async () => '',
    };
    // nobody listens there: a command that is understood fails with 1, one that is not with 2
    const isLocal = /^(?:serve|restore)\b/.test(command);
    const whatIf = /^backup\b/.test(command) ? [] : ['--what-if'];
    const target = isLocal ? [] : ['--api', 'http://127.0.0.1:9', '--token-file', tokenFile, ...whatIf];
    const withoutShell = command.split(' ').map(word => word.replace(/^'|'$/g, ''));
    const exitCode = await runCli([...withoutShell, ...target], terminal);
    assert.notEqual(exitCode, 2, said);
  });
}
