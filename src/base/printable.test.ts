import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableJson, printableOutput } from './printable.ts';

test('nothing of somebody else steers the terminal: neither control characters of either set nor marks of direction', () => {
  for (let code = 0; code < 0xa0; code++) {
    const character = String.fromCharCode(code);
    const shown = printableOutput(`a${character}b`);
    const stays = (code >= 0x20 && code < 0x7f) || '\t\n\r'.includes(character);
    assert.equal(shown, stays ? `a${character}b` : `a\\u${code.toString(16).padStart(4, '0')}b`);
  }
  assert.equal(printableOutput('\u202eevil\u2066\u2028'), '\\u202eevil\\u2066\\u2028');
  assert.equal(printableOutput('\u001b]0;title\u0007\u001b[2J'), '\\u001b]0;title\\u0007\\u001b[2J');
});

test('what our own output has stays: lines, tabs, looks and the clearing of a line', () => {
  const own = '\r\u001b[K\u001b[1mbold\u001b[0m\tand\u001b[31m red\u001b[0m\n';
  assert.equal(printableOutput(own), own);
});

test('JSON means the same and steers nothing', () => {
  const value = { name: '\u0000\u001b\u007f\u0085\u009b31m\u202e\u2028ä"\\' };
  const json = printableJson(JSON.stringify(value));
  assert.match(json, /^[^\x00-\x1f\x7f-\x9f\u2028\u202e]*$/);
  assert.deepEqual(JSON.parse(json), value);
});
