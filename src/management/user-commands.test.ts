import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';

describe('commands on users', () => {
  let fixture: ManagementFixture;
  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
    await fixture.run('New-CsExternalAccessPolicy', { identity: 'Basic', enableFederationAccess: true });
  });
  after(() => fixture.close());

  it('enables with a generated password that is shown once and kept nowhere', async () => {
    const result = await fixture.run('Enable-CsUser', { identity: 'sip:Alice@Contoso.test', generatePassword: true });
    const password = result.items?.[0]?.password;
    assert.match(password ?? '', /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    assert.equal(fixture.sealed.get('alice@contoso.test'), password);
    assert.equal(result.objects[0]?.registrarPool, 'fe.contoso.test');
    const history = JSON.stringify(await fixture.store.readRevisions(100));
    assert.ok(!history.includes(password as string));
    const [user] = await fixture.store.readUsers();
    assert.equal((await fixture.store.readCredentials([user!.id])).size, 1);
  });

  it('keeps a given password out of answer and history', async () => {
    const secret = 'correct horse battery';
    const result = await fixture.run('Enable-CsUser', { identity: 'adam@contoso.test', password: secret });
    const set = await fixture.run('Set-CsUserPassword', { identity: 'adam@contoso.test', password: `${secret} 2` });
    assert.ok(!JSON.stringify([result, set]).includes(secret));
    assert.ok(!JSON.stringify(await fixture.store.readRevisions(100)).includes(secret));
    assert.equal(fixture.sealed.get('adam@contoso.test'), `${secret} 2`);
    const adam = (await fixture.store.readUsers()).find(user => user.aor === 'adam@contoso.test');
    assert.equal(adam?.credentialVersion, 2);
  });

  it('refuses, naming what is wrong', async () => {
    const enable = (parameters: Record<string, unknown>) => fixture.refused('Enable-CsUser', parameters);
    assert.equal(await enable({ identity: 'alice@contoso.test' }), 'OBJECT_EXISTS');
    assert.equal(await enable({ identity: 'x@elsewhere.test' }), 'SIP_DOMAIN_UNKNOWN');
    assert.equal(await enable({ identity: 'not an address' }), 'ADDRESS_INVALID');
    assert.equal(await enable({ identity: 'x@contoso.test', registrarPool: 'no.contoso.test' }), 'POOL_UNKNOWN');
    assert.equal(await enable({ identity: 'x@contoso.test', externalAccessPolicy: 'None' }), 'POLICY_UNKNOWN');
    assert.equal(await enable({ identity: 'x@contoso.test', hostingProviderProxyFqdn: 'p.test' }), 'HOME_UNKNOWN');
    assert.equal(await enable({ identity: 'x@contoso.test', password: 'a\nb' }), 'PASSWORD_UNUSABLE');
    assert.equal(await enable({ identity: 'x@contoso.test', password: 'a', generatePassword: true }), 'PARAMETER_CONFLICT');
    assert.equal(await enable({}), 'PARAMETER_MISSING');
    assert.equal(await fixture.refused('Set-CsUser', { identity: 'nobody@contoso.test', enabled: false }), 'OBJECT_UNKNOWN');
    assert.equal(await fixture.refused('Set-CsUserPassword', { identity: 'alice@contoso.test' }), 'PARAMETER_MISSING');
  });

  it('keeps what is known of a person, for one or many, and takes it away', async () => {
    const users = [
      { identity: 'dora@contoso.test', title: 'Head', externalId: 'S-1-5-21-7' },
      { identity: 'emil@contoso.test', department: 'Sales' },
    ];
    await fixture.run('Enable-CsUser', { users, department: 'Research', city: 'Dublin' });
    const known = async (identity: string) => {
      const [user] = (await fixture.run('Get-CsUser', { identity })).objects;
      return [user?.title, user?.department, user?.city, user?.externalId];
    };
    assert.deepEqual(await known('dora@contoso.test'), ['Head', 'Research', 'Dublin', 'S-1-5-21-7']);
    assert.deepEqual(await known('emil@contoso.test'), [undefined, 'Sales', 'Dublin', undefined]);
    await fixture.run('Set-CsUser', { identity: 'dora@contoso.test', title: null, city: '', department: ' Board ' });
    assert.deepEqual(await known('dora@contoso.test'), [undefined, 'Board', undefined, 'S-1-5-21-7']);
    await fixture.run('Set-CsUser', { identity: 'emil@contoso.test', city: null, department: '$null' });
    const stored = (await fixture.store.readUsers()).find(user => user.aor === 'emil@contoso.test');
    assert.ok(stored && !('attributes' in stored));
    assert.equal((await fixture.run('Set-CsUser', { identity: 'emil@contoso.test', city: null })).kind, 'unchanged');
    assert.equal(await fixture.refused('Set-CsUser', { identity: 'emil@contoso.test', city: 'a\nb' }), 'PARAMETER_INVALID');
    assert.equal(
      await fixture.refused('Set-CsUser', { identity: 'emil@contoso.test', city: 'x'.repeat(257) }),
      'PARAMETER_INVALID',
    );
  });

  it('says what is to be made first where there is nothing yet', async () => {
    const empty = await openManagement();
    try {
      assert.equal(await empty.refused('Enable-CsUser', { identity: 'x@contoso.test' }), 'DEPLOYMENT_EMPTY');
      assert.equal(await empty.refused('New-CsAllowedDomain', { identity: 'fabrikam.test' }), 'DEPLOYMENT_EMPTY');
      await empty.run('New-CsTenant', { identity: 'contoso' });
      await empty.run('New-CsSipDomain', { identity: 'contoso.test' });
      assert.equal(await empty.refused('Enable-CsUser', { identity: 'x@contoso.test' }), 'POOL_MISSING');
    } finally {
      await empty.close();
    }
  });

  it('suspends and resumes, keeping everything', async () => {
    await fixture.run('Grant-CsExternalAccessPolicy', { identity: 'alice@contoso.test', policyName: 'tag:basic' });
    const suspended = await fixture.run('Set-CsUser', { identity: 'alice@contoso.test', enabled: false });
    assert.equal(suspended.objects[0]?.enabled, false);
    assert.equal(suspended.objects[0]?.externalAccessPolicy, 'Basic');
    const again = await fixture.run('Set-CsUser', { identity: 'alice@contoso.test', enabled: false });
    assert.equal(again.kind, 'unchanged');
    const resumed = await fixture.run('Set-CsUser', { identity: 'alice', enabled: true });
    assert.equal(resumed.objects[0]?.enabled, true);
  });

  it('a grant of $Null is Automatic; removing a granted policy tells how many fall back', async () => {
    const removal = await fixture.run('Remove-CsExternalAccessPolicy', { identity: 'Basic', whatIf: true });
    assert.match(removal.notices.join(), /1 user had it granted/);
    const result = await fixture.run('Grant-CsExternalAccessPolicy', { identity: 'alice@contoso.test', policyName: null });
    assert.equal(result.objects[0]?.externalAccessPolicy, null);
    assert.equal(
      await fixture.refused('Grant-CsExternalAccessPolicy', { identity: 'alice@contoso.test', policyName: 'global' }),
      'POLICY_UNKNOWN',
    );
  });

  it('removes only when confirmed', async () => {
    await fixture.run('Enable-CsUser', { identity: 'gone@contoso.test' });
    assert.equal(await fixture.refused('Disable-CsUser', { identity: 'gone@contoso.test' }), 'CONFIRMATION_REQUIRED');
    assert.equal(
      await fixture.refused('Disable-CsUser', { identity: 'gone@contoso.test', confirm: true }),
      'CONFIRMATION_REQUIRED',
    );
    assert.equal((await fixture.run('Disable-CsUser', { identity: 'gone@contoso.test', whatIf: true })).kind, 'whatIf');
    await fixture.run('Disable-CsUser', { identity: 'gone@contoso.test', confirm: false });
    assert.equal(await fixture.refused('Get-CsUser', { identity: 'gone@contoso.test' }), 'OBJECT_UNKNOWN');
  });

  it('bulk: one outcome per item, whatever happens to the others', async () => {
    const result = await fixture.run('Enable-CsUser', {
      identity: ['b1@contoso.test', 'alice@contoso.test', 'b2@elsewhere.test', '', 'b1@CONTOSO.test', 'b3@contoso.test'].filter(
        Boolean,
      ),
    });
    assert.deepEqual(
      result.items?.map(item => [item.identity, item.status, item.failure?.code]),
      [
        ['b1@contoso.test', 'done', undefined],
        ['alice@contoso.test', 'failed', 'OBJECT_EXISTS'],
        ['b2@elsewhere.test', 'failed', 'SIP_DOMAIN_UNKNOWN'],
        ['b1@contoso.test', 'failed', 'IDENTITY_REPEATED'],
        ['b3@contoso.test', 'done', undefined],
      ],
    );
  });

  it('bulk in revisions of 1,000', async () => {
    const users = Array.from({ length: 2500 }, (_, i) => ({ identity: `u${i}@contoso.test`, password: `pw-u${i}` }));
    const before = (await fixture.store.readRevisions(1))[0]?.number ?? 0;
    const result = await fixture.run('Enable-CsUser', { users });
    assert.equal(result.items?.filter(item => item.status === 'done').length, 2500);
    assert.equal(result.revision, before + 3);
    assert.match(result.message, /^2,500 users enabled/);
    const listed = await fixture.run('Get-CsUser', { filter: 'u*@contoso.test', resultSize: 10 });
    assert.equal(listed.objects.length, 10);
    assert.match(listed.message, /2,500 users, the first 10/);
  });

  it('what-if of a bulk shows before and after and writes nothing', async () => {
    const before = (await fixture.store.readRevisions(1))[0]?.number;
    const result = await fixture.run('Set-CsUser', {
      identity: ['u1@contoso.test', 'u2@contoso.test'],
      displayName: 'Same',
      whatIf: true,
    });
    assert.deepEqual(
      result.changes?.map(change => [change.before?.displayName, change.after?.displayName]),
      [
        ['u1', 'Same'],
        ['u2', 'Same'],
      ],
    );
    assert.equal((await fixture.store.readRevisions(1))[0]?.number, before);
  });

  it('a stale version is a conflict, also against another writer of the store', async () => {
    const seen = (await fixture.run('Get-CsUser', { identity: 'u1@contoso.test' })).objects[0]!;
    await fixture.run('Set-CsUser', { identity: 'u1@contoso.test', displayName: 'First', expectedVersion: seen.version });
    const stale = { identity: 'u1@contoso.test', displayName: 'Second', expectedVersion: seen.version };
    assert.equal(await fixture.refused('Set-CsUser', stale), 'VERSION_STALE');
  });
});
