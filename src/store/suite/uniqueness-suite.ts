import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostingProvider } from '../../model/kinds/provider.ts';
import type { Aor } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { ObjectChange } from '../store.ts';
import {
  addUser,
  allow,
  block,
  changeUser,
  codeOf,
  commit,
  fresh,
  mustCommit,
  otherTenant,
  type StoreUnderTest,
  tenant,
  userId,
} from './samples.ts';

/** Keys that may be held once. */
export function uniquenessSuite(open: () => Promise<StoreUnderTest>): void {
  describe('uniqueness', () => {
    const context = fresh(open);
    const provider = (kind: 'CsHostingProvider' | 'CsPublicProvider', identity: string, proxyFqdn: string): ObjectChange => {
      const body = HostingProvider.parse({ proxyFqdn });
      return { kind, owner: tenant, identity, expectedVersion: null, body };
    };

    it('keeps a domain on one list, names what is in the way, and lets it move in one change', async () => {
      await mustCommit(context.store(), { objects: [allow('a.example', null)] });
      const second = await commit(context.store(), { objects: [block('a.example')] });
      assert.ok(!second.ok);
      assert.equal(second.error.code, 'ALREADY_EXISTS');
      assert.equal(second.error.details.holder, 'CsAllowedDomain a.example');
      await mustCommit(context.store(), { objects: [{ ...allow('a.example', 1), body: null }, block('a.example')] });
      await mustCommit(context.store(), { objects: [{ ...allow('a.example', null), owner: otherTenant }] });
    });

    it('keeps names and proxies of both kinds of provider apart', async () => {
      await mustCommit(context.store(), { objects: [provider('CsHostingProvider', 'Online', 'sipfed.online.test')] });
      const sameName = await commit(context.store(), { objects: [provider('CsPublicProvider', 'ONLINE', 'other.test')] });
      const sameProxy = await commit(context.store(), { objects: [provider('CsPublicProvider', 'Other', 'sipfed.online.test')] });
      assert.deepEqual([codeOf(sameName), codeOf(sameProxy)], ['ALREADY_EXISTS', 'ALREADY_EXISTS']);
      const both = [provider('CsPublicProvider', 'P', 'p.test'), provider('CsHostingProvider', 'p', 'q.test')];
      assert.equal(codeOf(await commit(context.store(), { objects: both })), 'ALREADY_EXISTS');
    });

    it('gives an address to one user over all tenants', async () => {
      await mustCommit(context.store(), { users: [addUser(1), addUser(2)] });
      const clash = addUser(3, { aor: 'u1@contoso.test' as Aor, tenant: otherTenant });
      assert.equal(codeOf(await commit(context.store(), { users: [clash] })), 'ALREADY_EXISTS');
      const users = await context.store().readUsers();
      const swapped = users.map((user, i) => changeUser(user, { aor: (users[1 - i] as User).aor }));
      await mustCommit(context.store(), { users: swapped });
      const [first] = await context.store().readUsers({ ids: [userId(1)] });
      assert.equal(first?.aor, 'u2@contoso.test');
    });
  });
}
