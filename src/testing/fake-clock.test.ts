import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';

test('timers fire in order of time, then of start, and see the time they were due', () => {
  const clock = new FakeClock(1_000);
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name}@${clock.now()}`);
  clock.after(20, note('b'));
  clock.after(10, note('a'));
  clock.after(20, note('c'));
  const periodic = clock.every(15, note('p'));
  clock.after(5, () => clock.after(5, note('nested'))).cancel();
  clock.after(30, () => periodic.cancel());
  clock.advance(100);
  assert.deepEqual(seen, ['a@1010', 'p@1015', 'b@1020', 'c@1020', 'p@1030']);
  assert.equal(clock.now(), 1_100);
  assert.equal(clock.timers, 0);
});

test('a jump of the wall clock moves no timer', () => {
  const clock = new FakeClock(0);
  let fired = false;
  clock.after(10, () => {
    fired = true;
  });
  clock.jump(1_000);
  assert.equal(clock.now(), 1_000);
  assert.equal(fired, false);
  assert.equal(clock.monotonic(), 0);
});
