import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { maxBlockedSenders } from '../model/user.ts';
import { deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';

const alice = 'alice@contoso.test';

describe("commands on a user's own block list", () => {
  let fixture: ManagementFixture;
  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
    await fixture.run('Enable-CsUser', { identity: [alice, 'adam@contoso.test'] });
  });
  after(() => fixture.close());

  const set = (parameters: Record<string, unknown>) => fixture.run('Set-CsUserBlockList', { identity: alice, ...parameters });
  const refused = (parameters: Record<string, unknown>) =>
    fixture.refused('Set-CsUserBlockList', { identity: alice, ...parameters });
  const list = async (identity = alice) =>
    (await fixture.run('Get-CsUserBlockList', { identity })).objects.map(object => object.blockedSenders)[0];

  it('adds canonical entries, once each, and takes them off', async () => {
    assert.deepEqual(await list(), []);
    const added = await set({ add: ['sip:Mallory@Fabrikam.test', 'Northwind.test.', 'mallory@fabrikam.test'] });
    assert.equal(added.message, 'alice@contoso.test blocks mallory@fabrikam.test, northwind.test, mallory@fabrikam.test.');
    assert.deepEqual(await list(), ['mallory@fabrikam.test', 'northwind.test']);
    assert.equal((await set({ add: 'NORTHWIND.test' })).kind, 'unchanged');
    await set({ add: 'adatum.test', remove: 'northwind.test' });
    assert.deepEqual(await list(), ['adatum.test', 'mallory@fabrikam.test']);
    assert.equal((await set({ remove: 'bob@fabrikam.test' })).kind, 'unchanged');
    await set({ blockedSenders: ['eve@fabrikam.test'] });
    assert.deepEqual(await list(), ['eve@fabrikam.test']);
    await set({ blockedSenders: null });
    const [stored] = (await fixture.store.readUsers()).filter(user => user.aor === alice);
    assert.ok(stored && !('blockedSenders' in stored));
  });

  it('is of the user: shown with it, kept by other changes, in the history with its author', async () => {
    await set({ add: 'mallory@fabrikam.test' });
    const changed = await fixture.run('Set-CsUser', { identity: alice, displayName: 'Alice A.' });
    assert.deepEqual(changed.objects[0]?.blockedSenders, ['mallory@fabrikam.test']);
    await set({ remove: 'mallory@fabrikam.test' });
    const [latest] = await fixture.store.readRevisions(1);
    assert.match(latest?.summary ?? '', /^Set-CsUserBlockList -Identity alice@contoso.test -Remove mallory@fabrikam.test/);
    assert.ok(latest?.author);
    const [change] = latest?.changes ?? [];
    assert.deepEqual((change?.before as { blockedSenders?: unknown }).blockedSenders, ['mallory@fabrikam.test']);
    assert.ok(!('blockedSenders' in (change?.after as object)));
  });

  it('what if shows before and after and changes nothing', async () => {
    const would = await set({ add: 'mallory@fabrikam.test', whatIf: true });
    assert.deepEqual(
      would.changes?.map(change => [change.before?.blockedSenders, change.after?.blockedSenders]),
      [[[], ['mallory@fabrikam.test']]],
    );
    assert.deepEqual(await list(), []);
  });

  it('of several users at once', async () => {
    const result = await set({ identity: [alice, 'adam@contoso.test', 'nobody@contoso.test'], add: 'fabrikam.test' });
    assert.deepEqual(
      result.items?.map(item => item.status),
      ['done', 'done', 'failed'],
    );
    assert.deepEqual(await list('adam@contoso.test'), ['fabrikam.test']);
  });

  it('refuses, naming what is wrong', async () => {
    assert.equal(await refused({}), 'PARAMETER_MISSING');
    assert.equal(await refused({ add: 'a@b.test', blockedSenders: ['c.test'] }), 'PARAMETER_CONFLICT');
    assert.equal(await refused({ add: 'a b@c.test' }), 'ADDRESS_INVALID');
    assert.equal(await refused({ add: '*.fabrikam.test' }), 'NAME_INVALID');
    assert.equal(await refused({ add: '*@fabrikam.test' }), 'BLOCK_LIST_PATTERN');
    assert.equal(await refused({ add: 'sip:Alice@contoso.test' }), 'BLOCK_LIST_OWN_ADDRESS');
    assert.equal(await refused({ identity: 'nobody@contoso.test', add: 'a.test' }), 'OBJECT_UNKNOWN');
    assert.equal(await refused({ add: 'a.test', tenant: 'nowhere' }), 'TENANT_UNKNOWN');
    const { version } = (await fixture.run('Get-CsUserBlockList', { identity: alice })).objects[0]!;
    assert.equal(await refused({ add: 'a.test', expectedVersion: version - 1 }), 'VERSION_STALE');
  });

  it('has a limit', async () => {
    const full = Array.from({ length: maxBlockedSenders }, (_, i) => `m${i}@fabrikam.test`);
    await set({ blockedSenders: full });
    assert.equal(await refused({ add: 'one-more@fabrikam.test' }), 'BLOCK_LIST_FULL');
    await set({ add: 'fabrikam.test', remove: full });
    assert.deepEqual(await list(), ['fabrikam.test']);
  });

  it('a tenant cannot touch the users of another', async () => {
    await fixture.run('New-CsTenant', { identity: 'northwind' });
    assert.equal(await refused({ add: 'a.test', tenant: 'northwind' }), 'OBJECT_UNKNOWN');
    assert.equal(await fixture.refused('Get-CsUserBlockList', { identity: alice, tenant: 'northwind' }), 'OBJECT_UNKNOWN');
  });
});
