import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyTables } from './copy-tables.ts';

test('each table is copied once, however often it is named, and no other', () => {
  let copies = 0;
  class Counted extends Map<string, number> {
    override [Symbol.iterator]() {
      copies++;
      return super[Symbol.iterator]();
    }
  }
  const tables = new Map([
    ['a', new Counted([['x', 1]])],
    ['b', new Counted([['y', 2]])],
  ]);
  copies = 0;
  const copied = copyTables(tables, ['a', 'c', 'a', 'a']);
  assert.equal(copies, 1);
  assert.deepEqual(
    [...copied].map(([name, table]) => [name, [...table]]),
    [
      ['a', [['x', 1]]],
      ['c', []],
    ],
  );
  copied.get('a')?.set('x', 3);
  assert.equal(tables.get('a')?.get('x'), 1);
});
