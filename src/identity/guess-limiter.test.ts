import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { GuessLimiter, GuessLimiters } from './guess-limiter.ts';

test('wrong passwords cost growing pauses, a right one clears them, memory is bounded', () => {
  const clock = new FakeClock();
  const limiter = new GuessLimiter(clock, { freeFailures: 2, firstPauseMs: 1000, longestPauseMs: 3000, maxEntries: 2 });
  limiter.failed('a');
  limiter.failed('a');
  assert.equal(limiter.pauseMs('a'), 0);
  limiter.failed('a');
  assert.equal(limiter.pauseMs('a'), 1000);
  limiter.failed('a');
  assert.equal(limiter.pauseMs('a'), 2000);
  limiter.failed('a');
  assert.equal(limiter.pauseMs('a'), 3000);
  clock.advance(3000);
  assert.equal(limiter.pauseMs('a'), 0);
  limiter.failed('a');
  limiter.succeeded('a');
  assert.equal(limiter.pauseMs('a'), 0);
  limiter.failed('x');
  limiter.failed('x');
  limiter.failed('x');
  limiter.failed('y');
  limiter.failed('z');
  assert.equal(limiter.pauseMs('x'), 0);
});

test('a client with an old password slows itself down, not its neighbours, and a stranger does not keep the owner out', () => {
  const clock = new FakeClock();
  const limiters = new GuessLimiters(clock);
  for (let i = 0; i < 8; i++) limiters.failed('alice', 'office');
  assert.ok(limiters.pauseMs('alice', 'office') > 0);
  assert.equal(limiters.pauseMs('adam', 'office'), 0);
  assert.equal(limiters.pauseMs('alice', 'home'), 0);
  for (let i = 0; i < 61; i++) limiters.failed(`user${i}`, 'scanner');
  assert.ok(limiters.pauseMs('another', 'scanner') > 0, 'many accounts from one source');
  for (let i = 0; i < 110; i++) limiters.failed('alice', `bot${i}`);
  assert.ok(limiters.pauseMs('alice', 'new bot') > 0, 'one account from many sources');
});

const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Wrong passwords for alice from that many places. */
function guessFromEverywhere(limiters: GuessLimiters, count: number): void {
  for (let i = 0; i < count; i++) limiters.failed('alice', `198.51.${i >> 8}.${i & 255}`);
}

test('failures are forgotten with time: one in each longest pause', () => {
  const clock = new FakeClock();
  const limiter = new GuessLimiter(clock, { freeFailures: 2, firstPauseMs: 1000, longestPauseMs: 10_000, maxEntries: 10 });
  for (let i = 0; i < 4; i++) limiter.failed('a');
  clock.advance(25_000);
  assert.equal(limiter.failures('a'), 1.5);
  clock.advance(15_000);
  assert.equal(limiter.failures('a'), 0);
  limiter.failed('a');
  limiter.failed('a');
  assert.equal(limiter.pauseMs('a'), 0, 'the free ones are free again');
});

test('a guess now and then, over years, never adds up to a pause of the owner', () => {
  const clock = new FakeClock();
  const limiters = new GuessLimiters(clock);
  for (let day = 0; day < 400; day++) {
    for (let i = 0; i < 24; i++) {
      limiters.failed('alice', `198.51.100.${i}`);
      clock.advance(hourMs);
      assert.equal(limiters.pauseMs('alice', '192.0.2.1'), 0);
    }
  }
});

test('who has signed in from a source lately is not paused there by guesses from elsewhere', () => {
  const clock = new FakeClock();
  const limiters = new GuessLimiters(clock);
  limiters.succeeded('alice', '192.0.2.1');
  clock.advance(7 * dayMs);
  guessFromEverywhere(limiters, 500);
  assert.ok(limiters.pauseMs('alice', '203.0.113.9') > 0, 'from somewhere new');
  assert.ok(limiters.pauseMs('alice', '203.0.113.9') <= 30 * secondMs, 'never for long');
  assert.equal(limiters.pauseMs('alice', '192.0.2.1'), 0);
  clock.advance(30 * dayMs);
  guessFromEverywhere(limiters, 500);
  assert.ok(limiters.pauseMs('alice', '192.0.2.1') > 0, 'that was long ago');
});

test('who stays signed in for longer than a source is remembered is not paused there by guesses from elsewhere', () => {
  const clock = new FakeClock();
  const told: boolean[] = [];
  const limiters = new GuessLimiters(clock, ({ isRight, isRefresh }) => isRight && told.push(isRefresh ?? false));
  limiters.succeeded('alice', 'office');
  for (let hour = 0; hour < 45 * 24; hour++) {
    clock.advance(hourMs);
    limiters.stays('alice', 'office');
  }
  assert.deepEqual(told, [false, ...Array<boolean>(45).fill(true)], 'other processes hear of it once a day');
  guessFromEverywhere(limiters, 200);
  assert.equal(limiters.pauseMs('alice', 'office'), 0);
  assert.ok(limiters.pauseMs('alice', 'home') > 0);
  // it is no password: what was guessed from there is not forgotten
  for (let i = 0; i < 8; i++) limiters.failed('alice', 'office');
  clock.advance(dayMs);
  for (let i = 0; i < 8; i++) limiters.failed('alice', 'office');
  const paused = limiters.pauseMs('alice', 'office');
  assert.ok(paused > 0);
  limiters.stays('alice', 'office');
  assert.equal(limiters.pauseMs('alice', 'office'), paused);
});

test('neighbours behind one address who guess slow down newcomers there, not those who sign in there', () => {
  const limiters = new GuessLimiters(new FakeClock());
  limiters.succeeded('alice', '192.0.2.1');
  for (let i = 0; i < 70; i++) limiters.failed(`user${i}`, '192.0.2.1');
  assert.equal(limiters.pauseMs('alice', '192.0.2.1'), 0);
  assert.ok(limiters.pauseMs('carol', '192.0.2.1') > 0);
});

test('a right password clears what that pair got wrong, not what its neighbours did', () => {
  const limiters = new GuessLimiters(new FakeClock());
  for (let i = 0; i < 70; i++) {
    limiters.failed(`user${i}`, '192.0.2.1');
    // an account of the guesser's own
    limiters.succeeded('mallory', '192.0.2.1');
  }
  assert.ok(limiters.pauseMs('carol', '192.0.2.1') > 0);
  for (let i = 0; i < 6; i++) limiters.failed('bob', '192.0.2.2');
  assert.ok(limiters.pauseMs('bob', '192.0.2.2') > 0);
  limiters.succeeded('bob', '192.0.2.2');
  assert.equal(limiters.pauseMs('bob', '192.0.2.2'), 0);
});

test('a sign-in from a clean source takes half of what others did to the account', () => {
  const limiters = new GuessLimiters(new FakeClock());
  guessFromEverywhere(limiters, 100);
  limiters.succeeded('alice', '192.0.2.1');
  guessFromEverywhere(limiters, 50);
  assert.equal(limiters.pauseMs('alice', '203.0.113.9'), 0);
  guessFromEverywhere(limiters, 1);
  assert.ok(limiters.pauseMs('alice', '203.0.113.9') > 0);
});

test('addresses that one IPv6 host can pick are one source', () => {
  const limiters = new GuessLimiters(new FakeClock());
  for (let i = 0; i < 6; i++) limiters.failed('alice', `2001:db8::${i}`);
  assert.ok(limiters.pauseMs('alice', '2001:db8::ffff') > 0);
  assert.equal(limiters.pauseMs('alice', '2001:db8:1::1'), 0);
});
