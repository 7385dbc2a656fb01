import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecondIndex } from './second-index.ts';

test('a sweep finds what has ended since the last one, and nothing of what has not', () => {
  const index = new SecondIndex<string>(10_900);
  assert.equal(index.nextSecond, 11);
  for (const [second, item] of [
    [11, 'a'],
    [11, 'b'],
    [12, 'c'],
    [13, 'd'],
  ] as const) {
    index.add(second, item);
  }
  assert.deepEqual(index.sweep(10_999), []);
  assert.deepEqual(index.sweep(12_000), ['a', 'b', 'c']);
  assert.equal(index.nextSecond, 13);
  index.remove(13, 'd');
  index.remove(13, 'd');
  assert.deepEqual(index.sweep(20_000), []);
});

test('after a jump of the clock, forwards or back, everything is found in its time', () => {
  const index = new SecondIndex<string>(0);
  index.add(50, 'a');
  index.add(1_000_000, 'b');
  index.add(2_000_000, 'c');
  assert.deepEqual(index.sweep(1_500_000_000), ['a', 'b']);
  assert.deepEqual(index.sweep(0), []);
  index.add(60, 'd');
  assert.deepEqual(index.sweep(60_000), ['d']);
});
