import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../base/clock.ts';
import { AnswerCache, type AnswerCacheLimits } from './answer-cache.ts';
import type { FoundRecords, NoRecords } from './dns-answer.ts';

type Answer = FoundRecords<string> | NoRecords;

const limits: AnswerCacheLimits = {
  foundMs: 60_000,
  notFoundMs: 10_000,
  refreshMs: 600_000,
  staleMs: 86_400_000,
  maxEntries: 3,
  maxInFlight: 2,
};
const found = (...records: string[]): Answer => ({ kind: 'found', records });
const none = (kind: NoRecords['kind']): Answer => ({ kind, detail: 'test' });

/** A cache over scripted answers, with the time in the test's hands. */
function makeCache(overrides: Partial<AnswerCacheLimits> = {}) {
  const state = { nowMs: 0, asked: [] as string[], answer: found('one') };
  const clock: Clock = { ...systemClock, monotonic: () => state.nowMs };
  const cache = new AnswerCache<string>(clock, { ...limits, ...overrides }, async name => {
    state.asked.push(name);
    return state.answer;
  });
  return { state, cache };
}

test('a found answer is kept for 60 s, any other for 10 s', async () => {
  for (const [answer, lifeMs] of [
    [found('one'), 60_000],
    [none('nxdomain'), 10_000],
    [none('nodata'), 10_000],
    [none('servfail'), 10_000],
    [none('timeout'), 10_000],
  ] as const) {
    const { state, cache } = makeCache();
    state.answer = answer;
    assert.equal(cache.peek('a'), undefined);
    assert.deepEqual(await cache.get('a'), answer);
    state.nowMs = lifeMs - 1;
    assert.deepEqual(cache.peek('a'), answer);
    await cache.get('a');
    assert.equal(state.asked.length, 1);
    state.nowMs = lifeMs;
    assert.equal(cache.peek('a'), undefined);
    await cache.get('a');
    assert.equal(state.asked.length, 2);
  }
});

test('callers for one name share one look-up', async () => {
  const { state, cache } = makeCache();
  const answers = await Promise.all([cache.get('a'), cache.get('a'), cache.get('a')]);
  assert.deepEqual(answers, [found('one'), found('one'), found('one')]);
  assert.deepEqual(state.asked, ['a']);
});

test('the number of kept answers and of look-ups under way is bounded', async () => {
  const { state, cache } = makeCache();
  for (const name of ['a', 'b', 'c', 'd']) await cache.get(name);
  assert.equal(cache.peek('a'), undefined, 'the oldest made room');
  assert.notEqual(cache.peek('d'), undefined);
  const [, , third] = await Promise.all([cache.get('x'), cache.get('y'), cache.get('z')]);
  assert.equal(third.kind, 'servfail');
  assert.ok(!state.asked.includes('z'));
  assert.deepEqual(await cache.get('z'), found('one'), 'the refusal is not kept');
});

test('an answer of an established partner is asked for anew while it goes on being used; any other is not', async () => {
  const { state, cache } = makeCache({ maxInFlight: 3 });
  for (const name of ['a', 'b']) await cache.get(name);
  cache.keepLastGood('a');
  state.answer = found('two');
  state.nowMs = 60_000;
  assert.equal(cache.peek('b'), undefined);
  assert.deepEqual(cache.peek('a'), found('one'));
  assert.deepEqual(cache.peek('a'), found('one'));
  assert.deepEqual(state.asked, ['a', 'b', 'a'], 'once');
  assert.deepEqual(await cache.get('a'), found('two'), 'who waits gets the new one');
  assert.deepEqual(cache.peek('a'), found('two'));
  state.nowMs = 119_999 + 600_000;
  assert.deepEqual(cache.peek('a'), found('two'));
  await cache.get('a');
  state.nowMs += 660_000;
  assert.equal(cache.peek('a'), undefined, 'nobody has asked for long');
  state.answer = none('nxdomain');
  await cache.get('a');
  state.nowMs += 10_000;
  assert.equal(cache.peek('a'), undefined, 'gone is gone');
});

test('the last good answer of an established partner outlives a failure of DNS for a day', async () => {
  for (const kind of ['servfail', 'timeout'] as const) {
    const { state, cache } = makeCache();
    await cache.get('a');
    cache.keepLastGood('a');
    state.answer = none(kind);
    state.nowMs = 100_000;
    assert.deepEqual(await cache.get('a'), { kind: 'found', records: ['one'], staleMs: 100_000 });
    assert.deepEqual(cache.peek('a'), { kind: 'found', records: ['one'], staleMs: 100_000 });
    state.nowMs = 110_000;
    assert.deepEqual(cache.peek('a'), { kind: 'found', records: ['one'], staleMs: 100_000 });
    assert.equal(state.asked.length, 3, 'asked again soon');
    await cache.get('a');
    state.nowMs = 86_400_001;
    assert.deepEqual(await cache.get('a'), none(kind));
  }
});

test('nothing stale for others, nor against an answer of DNS', async () => {
  const { state, cache } = makeCache();
  await cache.get('stranger');
  state.answer = none('servfail');
  state.nowMs = 100_000;
  assert.deepEqual(await cache.get('stranger'), none('servfail'));

  const second = makeCache();
  await second.cache.get('a');
  second.cache.keepLastGood('a');
  second.state.answer = none('nxdomain');
  second.state.nowMs = 100_000;
  assert.deepEqual(await second.cache.get('a'), none('nxdomain'), 'the records are gone');
  second.state.answer = none('servfail');
  second.state.nowMs = 200_000;
  assert.deepEqual(await second.cache.get('a'), none('servfail'), 'and stay gone');
});

test('a fresh answer replaces the last good one; strangers cannot push it out', async () => {
  const { state, cache } = makeCache();
  await cache.get('a');
  cache.keepLastGood('a');
  state.nowMs = 100_000;
  state.answer = found('two');
  await cache.get('a');
  for (const name of ['b', 'c', 'd', 'e']) await cache.get(name);
  state.answer = none('timeout');
  state.nowMs = 200_000;
  assert.deepEqual(await cache.get('a'), { kind: 'found', records: ['two'], staleMs: 100_000 });
});
