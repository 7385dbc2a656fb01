import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FailureError, failure } from '../../base/failure.ts';
import { startApi } from '../../testing/api-fixture.ts';
import { type ManagementFixture, openManagement } from '../../testing/management-fixture.ts';
import type { ManagementApi } from './management-api.ts';

let fixture: ManagementFixture;
let api: ManagementApi;
let lines: () => AsyncGenerator<string>;

before(async () => {
  fixture = await openManagement();
  api = await startApi(fixture.management, { backup: () => lines() });
});
after(async () => {
  await api.close();
  await fixture.close();
});

const get = (token = 'the-token') => fetch(`${api.url}/api/v1/backup`, { headers: { authorization: `Bearer ${token}` } });

test('a backup is for those with a token, and nobody on the way keeps it', async () => {
  lines = async function* () {
    yield 'one';
    yield 'two';
  };
  assert.equal((await get('another')).status, 401);
  const answer = await get();
  assert.equal(await answer.text(), 'one\ntwo\n');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('a store that is away is said, and one that goes away later leaves an answer that breaks off', async () => {
  const away = () => new FailureError(failure('STORE_UNAVAILABLE', { reason: 'the disk is gone' }));
  lines = async function* () {
    yield await Promise.reject<string>(away());
  };
  const refused = await get();
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /the disk is gone/);
  lines = async function* () {
    yield 'one';
    throw away();
  };
  await assert.rejects(get().then(answer => answer.text()));
});
