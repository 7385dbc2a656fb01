import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceOf } from './advice.ts';

const command = 'parley access-edge set --federation on';
const rows: readonly [what: string, finding: Readonly<Record<string, unknown>>, advice: string][] = [
  ['a command that the fix does not name', { fix: 'Switch it on.', fixCommand: command }, `Switch it on: ${command}.`],
  ['a command that it names', { fix: `Switch it on: ${command}.`, fixCommand: command }, `Switch it on: ${command}.`],
  ['no command', { fix: 'Ask the partner.' }, 'Ask the partner.'],
  ['nothing to do', { fix: '' }, ''],
];
for (const [what, finding, advice] of rows) test(what, () => assert.equal(adviceOf(finding), advice));
