import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Aor, parseAor, type UserId } from '../model/names.ts';
import { CredentialCache } from './credential-cache.ts';
import { CredentialSealer } from './credential-sealer.ts';
import { type SealedBox, SealKeys } from './seal-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-credentials-'));
after(() => rmSync(folder, { recursive: true }));
const keys = SealKeys.open(join(folder, 'keys.json'));
assert.ok(keys.ok);
const sealer = new CredentialSealer(keys.value);
const parsed = parseAor('alice@contoso.test');
assert.ok(parsed.ok);
const alice: { id: UserId; aor: Aor } = { id: 'a' as UserId, aor: parsed.value };

function cacheOver(answers: (() => ReadonlyMap<UserId, SealedBox>)[]) {
  const asked: (readonly UserId[])[] = [];
  const cache = new CredentialCache(async ids => {
    asked.push(ids);
    return (answers.shift() as () => ReadonlyMap<UserId, SealedBox>)();
  }, sealer);
  const settle = async (user: UserId, version: number) => {
    const isRead = cache.peek(user, version) !== undefined || (await cache.read(user, version));
    return isRead ? cache.peek(user, version) : 'unavailable';
  };
  return { cache, asked, settle };
}

test('everything asked for in one turn is read at once, and only once per credential version', async () => {
  const sealed = new Map([[alice.id, sealer.seal(alice, 'pw')]]);
  const { cache, asked, settle } = cacheOver([() => sealed, () => sealed]);
  void cache.read('b' as UserId, 1);
  const known = await settle(alice.id, 1);
  assert.deepEqual(asked, [['b', 'a']]);
  assert.ok(typeof known === 'object' && known.secrets?.MD5.alice);
  assert.deepEqual(cache.peek('b' as UserId, 1), { secrets: undefined });
  assert.equal(typeof (await settle(alice.id, 2)), 'object');
  assert.equal(asked.length, 2, 'a new password is read');
});

test('what is asked for while the store reads is read together afterwards', async () => {
  const { promise, resolve } = Promise.withResolvers<ReadonlyMap<UserId, SealedBox>>();
  const asked: (readonly UserId[])[] = [];
  const cache = new CredentialCache(ids => {
    asked.push(ids);
    return asked.length === 1 ? promise : Promise.resolve(new Map());
  }, sealer);
  const until = (user: string) => cache.read(user as UserId, 1);
  const first = until('a');
  await new Promise(setImmediate);
  const second = until('b');
  await new Promise(setImmediate);
  const third = until('c');
  assert.deepEqual(asked, [['a']]);
  resolve(new Map());
  await Promise.all([first, second, third]);
  assert.deepEqual(asked, [['a'], ['b', 'c']]);
});

test('that the store is away is told by one reading to all who waited for it; the next one has it asked again', async () => {
  const away = () => {
    throw new Error('away');
  };
  const { asked, settle } = cacheOver([away, () => new Map([[alice.id, sealer.seal(alice, 'pw')]])]);
  const waiting = Array.from({ length: 5 }, () => settle(alice.id, 1));
  assert.deepEqual(await Promise.all(waiting), Array(5).fill('unavailable'));
  assert.equal(asked.length, 1);
  assert.equal(typeof (await settle(alice.id, 1)), 'object');
});
