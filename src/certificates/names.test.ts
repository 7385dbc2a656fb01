import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesPeerName, requirePeerName } from './names.ts';

const rows: readonly [readonly string[], string, boolean][] = [
  [['edge.contoso.test'], 'edge.contoso.test', true],
  [['edge.contoso.test'], 'EDGE.Contoso.test.', true],
  [['a.test', 'edge.contoso.test'], 'edge.contoso.test', true],
  [['contoso.test'], 'edge.contoso.test', false],
  [['edge.contoso.test'], 'contoso.test', false],
  [['*.contoso.test'], 'edge.contoso.test', false],
  [['*.contoso.test'], '*.contoso.test', false],
  [['edge.contoso.test\0.evil.test'], 'edge.contoso.test', false],
  [['xedge.contoso.test'], 'edge.contoso.test', false],
  [[], 'edge.contoso.test', false],
  [[''], '', false],
];
for (const [names, expected, matches] of rows) {
  test(`${JSON.stringify(names)} ${matches ? 'matches' : 'does not match'} ${expected}`, () => {
    assert.equal(matchesPeerName(names, expected), matches);
  });
}

test('one of several expected names is enough, none is never enough', () => {
  assert.deepEqual(requirePeerName(['b.test'], ['a.test', 'B.test']), { ok: true, value: 'b.test' });
  assert.equal(requirePeerName(['b.test'], []).ok, false);
});
