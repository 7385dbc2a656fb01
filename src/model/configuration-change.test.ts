import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigurationDifference, joinDifferences } from './configuration-change.ts';
import type { ConfigurationObject } from './configuration-object.ts';

function set(identity: string, version: number, kind = 'CsAllowedDomain'): ConfigurationDifference {
  return { changed: [{ kind, owner: '01J', identity, version, body: {} } as ConfigurationObject], removed: [] };
}

function remove(identity: string): ConfigurationDifference {
  return { changed: [], removed: [{ kind: 'CsAllowedDomain', owner: '01J', identity }] };
}

describe('differences that follow each other', () => {
  const rows: readonly (readonly [string, readonly ConfigurationDifference[], string])[] = [
    ['none', [], ''],
    ['of different objects', [set('a', 1), remove('b'), set('c', 2)], 'a:1 c:2 -b'],
    ['of one object: the last counts', [set('a', 1), set('a', 2)], 'a:2'],
    ['made and removed', [set('a', 1), remove('a')], '-a'],
    ['removed and made again', [remove('a'), set('a', 2)], 'a:2'],
    ['of the same name on two lists', [remove('a'), set('a', 2, 'CsBlockedDomain')], 'a:2 -a'],
  ];
  for (const [name, differences, expected] of rows) {
    it(name, () => {
      const { changed, removed } = joinDifferences(differences);
      const words = [
        ...changed.map(({ identity, version }) => `${identity}:${version}`),
        ...removed.map(key => `-${key.identity}`),
      ];
      assert.equal(words.join(' '), expected);
    });
  }
});
