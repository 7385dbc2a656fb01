import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { storeReadiness } from './store-readiness.ts';

test('readiness follows the store and tells since when it is away', async () => {
  const clock = new FakeClock();
  let read: () => Promise<[]> = async () => [];
  const readiness = storeReadiness({ readRevisions: () => read() }, clock);
  assert.deepEqual(await readiness(), { ready: true, problems: [] });
  read = () => Promise.reject(new Error('The store is away.'));
  const first = await readiness();
  clock.advance(60_000);
  const later = await readiness();
  assert.equal(first.ready, false);
  assert.match(first.problems[0] as string, /^The store is away\. \(since \d{4}-/);
  assert.deepEqual(later, first);
  read = async () => [];
  assert.equal((await readiness()).ready, true);
});

test('a store that does not answer is not ready', async () => {
  const clock = new FakeClock();
  const readiness = storeReadiness({ readRevisions: () => new Promise(() => undefined) }, clock);
  const asked = readiness();
  clock.advance(2001);
  assert.match((await asked).problems[0] as string, /did not answer within 2 seconds/);
});
