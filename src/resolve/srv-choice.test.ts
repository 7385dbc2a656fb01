import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SrvRecord } from './dns-answer.ts';
import { orderSrvRecords } from './srv-choice.ts';
import { parentOf, passesStrictNameRule } from './strict-name.ts';

const record = (target: string, priority: number, weight: number): SrvRecord => ({ target, port: 5061, priority, weight });
const targets = (records: readonly SrvRecord[]) => records.map(({ target }) => target).join(' ');

/** Gives the numbers in turn, then 0. */
function scripted(...numbers: number[]): () => number {
  return () => numbers.shift() ?? 0;
}

describe('order of SRV records (rfc2782)', () => {
  const rows: readonly [string, readonly SrvRecord[], number[], string][] = [
    ['priority first', [record('b', 20, 0), record('a', 10, 0)], [], 'a b'],
    ['weight zero comes first on a draw of zero', [record('heavy', 0, 10), record('zero', 0, 0)], [0], 'zero heavy'],
    ['weight zero loses otherwise', [record('heavy', 0, 10), record('zero', 0, 0)], [0.5], 'heavy zero'],
    ['a low draw takes the first share', [record('a', 0, 10), record('b', 0, 90)], [0.05], 'a b'],
    ['a high draw takes the second share', [record('a', 0, 10), record('b', 0, 90)], [0.5], 'b a'],
    ['the highest draw stays in range', [record('a', 0, 1), record('b', 0, 1)], [0.999999, 0.999999], 'b a'],
    ['nothing', [], [], ''],
  ];
  for (const [what, records, numbers, expected] of rows) {
    test(what, () => assert.equal(targets(orderSrvRecords(records, scripted(...numbers))), expected));
  }

  test('every record comes up once and shares follow the weights', () => {
    const records = [record('a', 0, 1), record('b', 0, 3)];
    let first = 0;
    for (let i = 0; i < 5; i++) {
      const order = orderSrvRecords(records, () => i / 5);
      assert.deepEqual(
        [...order].sort((x, y) => x.weight - y.weight),
        records,
      );
      if (order[0]?.target === 'a') first += 1;
    }
    assert.equal(first, 2);
  });
});

describe('the strict name rule', () => {
  const rows: readonly [string, string, boolean][] = [
    ['expe.example.com', 'example.com', true],
    ['EXPE.Example.COM.', 'example.com', true],
    ['expe.example.com', 'Example.com.', true],
    ['expe.sub.example.com', 'example.com', false],
    ['expe.other.com', 'example.com', false],
    ['example.com', 'example.com', false],
    ['example.com', 'com', true],
    ['notexample.com', 'example.com', false],
    ['com', '', false],
    ['', '', false],
  ];
  for (const [target, domain, passes] of rows) {
    test(`${target} ${passes ? 'passes' : 'fails'} for ${domain}`, () =>
      assert.equal(passesStrictNameRule(target, domain), passes));
  }
  test('parentOf', () => {
    assert.equal(parentOf('a.b.c'), 'b.c');
    assert.equal(parentOf('a'), '');
  });
});
