import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Aor, SipDomain } from '../../model/names.ts';
import {
  addUser,
  binding,
  changeUser,
  codeOf,
  commit,
  fresh,
  mustCommit,
  otherTenant,
  type StoreUnderTest,
  user,
  userId,
} from './samples.ts';

/** Users and their sealed credentials. */
export function userSuite(open: () => Promise<StoreUnderTest>): void {
  describe('users', () => {
    const context = fresh(open);
    const box = Uint8Array.from({ length: 300 }, (_, i) => i % 256);

    it('keeps users with sealed credentials; configuration does not move', async () => {
      const committed = await mustCommit(context.store(), {
        users: [{ ...addUser(1), sealedCredential: { keyId: 'k1', box } }, addUser(2, { tenant: otherTenant, enabled: false })],
      });
      assert.deepEqual(committed, { revision: 1, configuration: { epoch: 1, number: 0 } });
      const users = await context.store().readUsers();
      assert.deepEqual(users, [user(1, { version: 1 }), user(2, { tenant: otherTenant, enabled: false, version: 1 })]);
      assert.deepEqual(await context.store().readUsers({ tenant: otherTenant }), [users[1]]);
      const credentials = await context.store().readCredentials([userId(1), userId(2)]);
      assert.deepEqual([...credentials], [[userId(1), { keyId: 'k1', box }]]);
    });

    it('keeps the credential when only the user changes, and never writes it into the history', async () => {
      await mustCommit(context.store(), { users: [changeUser(user(1, { version: 1 }), { displayName: 'New' })] });
      assert.equal((await context.store().readCredentials([userId(1)])).get(userId(1))?.keyId, 'k1');
      const revisions = JSON.stringify(await context.store().readRevisions(10));
      assert.ok(revisions.includes('"displayName":"New"'));
      assert.ok(!revisions.includes('k1'));
    });

    it('keeps block list, grants and attributes with their user, in the history before and after, and takes them off', async () => {
      const blockedSenders = ['fabrikam.test' as SipDomain, "o'hara@northwind.test" as Aor];
      const read = async () => (await context.store().readUsers({ ids: [userId(2)] }))[0]!;
      const before = await read();
      const change = {
        blockedSenders,
        policies: { CsPresencePolicy: 'Quiet', Other: 'a.b c' },
        attributes: { title: 'Ä "quoted"' },
      };
      const { revision } = await mustCommit(context.store(), { users: [changeUser(before, change)] });
      await context.reopen();
      const listed = await read();
      assert.deepEqual(listed, { ...before, ...change, version: revision });
      const [latest] = await context.store().readRevisions(1);
      assert.deepEqual(latest?.changes, [{ kind: 'CsUser', owner: otherTenant, identity: before.aor, before, after: listed }]);
      const { blockedSenders: _, attributes: __, version: ___, ...user } = { ...listed, policies: {} };
      await mustCommit(context.store(), { users: [{ id: user.id, expectedVersion: listed.version, user }] });
      const after = await read();
      assert.deepEqual(['blockedSenders' in after, 'attributes' in after, after.policies], [false, false, {}]);
    });

    it('refuses a stale change', async () => {
      const stale = changeUser(user(1, { version: 1 }), { enabled: false });
      assert.equal(codeOf(await commit(context.store(), { users: [stale] })), 'STORE_CONFLICT');
    });

    it('removes a user with credential, address and bindings', async () => {
      await context.store().writeBindings([binding()], []);
      const [found] = await context.store().readUsers({ ids: [userId(1)] });
      await mustCommit(context.store(), { users: [{ id: userId(1), expectedVersion: found?.version ?? null, user: null }] });
      assert.deepEqual(await context.store().readUsers({ ids: [userId(1)] }), []);
      assert.equal((await context.store().readCredentials([userId(1)])).size, 0);
      assert.deepEqual(await context.store().readBindings(), []);
      await mustCommit(context.store(), { users: [addUser(5, { aor: 'u1@contoso.test' as Aor })] });
    });

    it('takes more users in one change than fit one statement, and all are there after a restart', async () => {
      const users = Array.from({ length: 1000 }, (_, i) => addUser(100 + i));
      await mustCommit(context.store(), { users });
      await context.reopen();
      assert.equal((await context.store().readUsers()).length, 1002);
      const ids = users.map(change => change.id);
      assert.equal((await context.store().readUsers({ ids })).length, 1000);
    });
  });
}
