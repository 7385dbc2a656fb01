import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { TimerWheel, WheelEntry } from './timer-wheel.ts';

class Note extends WheelEntry {
  readonly #action: () => void;
  constructor(action: () => void) {
    super();
    this.#action = action;
  }
  onTime(): void {
    this.#action();
  }
}

for (const delayMs of [1, 499, 500, 501, 32_000, 127_500, 128_000, 128_500, 300_000]) {
  test(`an entry of ${delayMs} ms fires once, not early and at most two ticks late`, () => {
    const clock = new FakeClock(0);
    const wheel = new TimerWheel(clock, 500);
    clock.advance(730);
    const fired: number[] = [];
    const started = clock.monotonic();
    wheel.start(new Note(() => fired.push(clock.monotonic() - started)), delayMs);
    clock.advance(1_000_000);
    assert.equal(fired.length, 1);
    const [at] = fired as [number];
    assert.ok(at >= delayMs && at <= delayMs + 1_000, `fired after ${at}`);
  });
}

test('stopping and starting again, also from within another entry of the same tick', () => {
  const clock = new FakeClock(0);
  const wheel = new TimerWheel(clock, 500);
  const fired: string[] = [];
  const stopped = new Note(() => fired.push('stopped'));
  const moved = new Note(() => fired.push(`moved@${clock.monotonic()}`));
  const first = new Note(() => {
    fired.push('first');
    wheel.stop(stopped);
    wheel.start(moved, 1_000);
  });
  wheel.start(first, 500);
  wheel.start(stopped, 500);
  wheel.start(moved, 500);
  clock.advance(1_000);
  assert.deepEqual(fired, ['first']);
  clock.advance(10_000);
  assert.deepEqual(fired, ['first', 'moved@2500']);
});

test('nothing fires after close', () => {
  const clock = new FakeClock(0);
  const wheel = new TimerWheel(clock, 500);
  let fired = false;
  wheel.start(
    new Note(() => {
      fired = true;
    }),
    500,
  );
  wheel.close();
  clock.advance(10_000);
  assert.equal(fired, false);
  assert.equal(clock.timers, 0);
});
