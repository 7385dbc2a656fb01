import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerHeaders, type HeaderTable, headerBorders, requestHeaders } from '../../src/routing/header-ownership.ts';
import { root } from './page.ts';

/** A table of who owns which header, as the page shows it. */
function render(table: HeaderTable): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['Header', ...headerBorders]),
    row(['Header', ...headerBorders].map(() => '---')),
    ...Object.entries(table).map(([name, rules]) => row([`\`${name}\``, ...rules])),
  ].join('\n');
}

const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
for (const [what, table] of [
  ['requests', requestHeaders],
  ['answers', answerHeaders],
] as const) {
  test(`the page shows who owns which header of ${what}, as the servers have it`, () => {
    const rendered = render(table);
    assert.ok(page.includes(rendered), `docs/security.md has to hold:\n${rendered}`);
  });
}
