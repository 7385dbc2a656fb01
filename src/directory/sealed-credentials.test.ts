import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { SealedCredential } from '../store/store.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { SealedCredentials } from './sealed-credentials.ts';
import type { UserListener } from './user-directory.ts';

const none: ReadonlySet<UserId> = new Set();
const idOf = (n: number) => `u${n}` as UserId;
const sealedAs = (text: string): SealedCredential => ({ keyId: 'k', box: Buffer.from(text) });

/** Users in memory, and a store that may be away. */
function world(count: number) {
  const users = new Map<UserId, User>();
  const stored = new Map<UserId, SealedCredential>();
  const listeners: UserListener[] = [];
  const state = { away: false, reads: 0 };
  const set = (id: UserId, credentialVersion: number) => {
    const before = users.get(id);
    const after = { id, credentialVersion } as User;
    users.set(id, after);
    stored.set(id, sealedAs(`${id} ${credentialVersion}`));
    for (const listener of listeners) listener(before, after);
  };
  for (let n = 0; n < count; n++) set(idOf(n), 1);
  const clock = new FakeClock();
  const store = {
    async readCredentials(ids: readonly UserId[]) {
      state.reads++;
      if (state.away) throw new Error('away');
      return new Map(ids.flatMap(id => (stored.has(id) ? [[id, stored.get(id) as SealedCredential] as const] : [])));
    },
  };
  const directory = {
    all: () => users.values(),
    get: (id: UserId) => users.get(id),
    onChanged: (listener: UserListener) => {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  const credentials = new SealedCredentials(store, directory, clock);
  /** Lets everything be read that is wanted. */
  const settle = async (ms = 1_000) => {
    for (let passed = 0; passed < ms; passed += 20) {
      clock.advance(20);
      await new Promise(resolve => setImmediate(resolve));
    }
  };
  const read = async (id: UserId, fresh = none) => {
    const found = (await credentials.read([id], fresh)).get(id);
    return found && Buffer.from(found.box).toString();
  };
  return { users, state, set, listeners, clock, credentials, settle, read };
}

test('a first sign-in needs no store: all are read soon after the start, a part at a time', async () => {
  const { state, credentials, settle, read } = world(1_200);
  await settle();
  assert.deepEqual([credentials.count, state.reads], [1_200, 3]);
  state.away = true;
  assert.equal(await read(idOf(7)), 'u7 1');
  await assert.rejects(read(idOf(7), new Set([idOf(7)])), /away/, 'who asks for the store gets its answer');
  assert.equal(await read('nobody' as UserId), undefined);
});

test('a new password is read, and the former one is not held against it', async () => {
  const { state, set, users, listeners, settle, read } = world(3);
  await settle();
  state.away = true;
  set(idOf(1), 2);
  await assert.rejects(read(idOf(1)), /away/);
  state.away = false;
  await settle(6_000);
  state.away = true;
  assert.equal(await read(idOf(1)), 'u1 2');
  const gone = users.get(idOf(2));
  users.delete(idOf(2));
  for (const listener of listeners) listener(gone, undefined);
  assert.equal(await read(idOf(2)), undefined);
});

test('a store that is away at the start is asked again, and nothing goes on after the end', async () => {
  const { state, clock, credentials, settle, listeners } = world(2);
  state.away = true;
  await settle();
  assert.equal(credentials.count, 0);
  state.away = false;
  await settle(6_000);
  assert.equal(credentials.count, 2);
  credentials.close();
  assert.deepEqual([clock.timers, listeners.length], [0, 0]);
});
