import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printFailure } from './failure-output.ts';
import { oneLine, styled, tableText, valueText } from './output.ts';
import type { Terminal } from './terminal.ts';

const screen: Terminal = {
  env: {},
  isInteractive: true,
  canAsk: false,
  columns: 80,
  out: () => undefined,
  error: () => undefined,
  ask: async () => '',
};
const pipe: Terminal = { ...screen, isInteractive: false };

const hostile = [
  ['a title for the window', 'x\u001b]0;owned\u0007y'],
  ['a screen that is cleared', '\u001b[2Jx'],
  ['a line that overwrites the one before', 'refused\rallowed'],
  ['a second line', 'x\nError: none'],
  ['our own look with something in it', '\u001b[31m\u001b[2Jx\u001b[0m'],
  ['eight-bit control characters', 'x\u009b2Jy'],
] as const;

for (const [what, text] of hostile) {
  test(`text of others cannot steer the terminal: ${what}`, () => {
    for (const shown of [
      oneLine(text),
      valueText(text),
      tableText(screen, [{ title: 'T', text: () => text }], [{}]).slice(0, -1),
    ]) {
      assert.doesNotMatch(shown.replaceAll(/^\u001b\[1mT\u001b\[0m\n/g, ''), /\p{Cc}/u);
    }
  });
}

test('looks are for a terminal only, and not where they are not wanted', () => {
  assert.equal(styled(screen, 'red', 'stop'), '\u001b[31mstop\u001b[0m');
  assert.equal(styled(pipe, 'red', 'stop'), 'stop');
  assert.equal(styled({ ...screen, env: { NO_COLOR: '1' } }, 'red', 'stop'), 'stop');
  assert.equal(styled({ ...screen, env: { TERM: 'dumb' } }, 'red', 'stop'), 'stop');
});

test('columns stay aligned whatever looks their cells have, and no line ends in blanks', () => {
  const rows = [
    { status: 'pass', what: 'one' },
    { status: 'fail', what: '' },
  ];
  const columns = [
    { title: 'Status', text: (row: (typeof rows)[number]) => styled(screen, 'green', row.status) },
    { title: 'What', text: (row: (typeof rows)[number]) => row.what },
  ];
  assert.equal(
    tableText(screen, columns, rows),
    '\u001b[1mStatus  What\u001b[0m\n\u001b[32mpass\u001b[0m    one\n\u001b[32mfail\u001b[0m\n',
  );
});

test('on a narrow terminal titles take several lines', () => {
  const columns = [
    { title: 'Identity', text: () => 'alice@contoso.test' },
    { title: 'External access policy', text: () => 'Basic' },
    { title: 'Tenant', text: () => 'contoso' },
  ];
  assert.equal(
    tableText({ ...screen, env: { NO_COLOR: '1' }, columns: 40 }, columns, [{}]),
    '                    External\n                    access\nIdentity            policy    Tenant\nalice@contoso.test  Basic     contoso\n',
  );
});

test('on a narrow terminal the last column wraps, or rows become lines of their own; in a pipe a row is a line', () => {
  const columns = [
    { title: 'Check', text: () => 'FED-01' },
    { title: 'Finding', text: () => 'Federation is on for the deployment and for the tenant contoso.' },
  ];
  const plainScreen = { ...screen, env: { NO_COLOR: '1' } };
  assert.equal(
    tableText({ ...plainScreen, columns: 40 }, columns, [{}]),
    'Check   Finding\nFED-01  Federation is on for the\n        deployment and for the tenant\n        contoso.\n',
  );
  assert.equal(
    tableText({ ...plainScreen, columns: 20 }, columns, [{}, {}]),
    'Check    FED-01\nFinding  Federation is on for the deployment and for the tenant contoso.\n'
      .repeat(2)
      .replace('.\nCheck', '.\n\nCheck'),
  );
  assert.equal(
    tableText({ ...pipe, columns: 20 }, columns, [{}]),
    'Check   Finding\nFED-01  Federation is on for the deployment and for the tenant contoso.\n',
  );
});

test('a table may have very many rows', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `u${i}@contoso.test`);
  const text = tableText(pipe, [{ title: 'Identity', text: (row: string) => row }], rows);
  assert.equal(text.split('\n').length, 200_002);
});

test('a person reads the code of a failure and where it is explained, a pipe gets text and fix only', () => {
  for (const [terminal, expected] of [
    [{ ...screen, env: { NO_COLOR: '1' } }, 'Error: It is so.\nMend it.\nDOMAIN_BLOCKED: see docs/errors.md\n'],
    [pipe, 'Error: It is so.\nMend it.\n'],
  ] as const) {
    let said = '';
    const shown = { code: 'DOMAIN_BLOCKED', id: 'x', text: 'It is so.', fix: 'Mend it.' };
    printFailure({ ...terminal, error: text => void (said += text) }, shown, false);
    assert.equal(said, expected);
  }
});
