import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { administrator, deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';

describe('user policies of any kind', () => {
  let fixture: ManagementFixture;
  const run = (name: string, parameters?: Record<string, unknown>) => fixture.run(name, parameters);
  const refused = (name: string, parameters?: Record<string, unknown>) => fixture.refused(name, parameters);
  const userOf = async (identity: string) => (await run('Get-CsUser', { identity })).objects[0];
  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
    await run('New-CsPresencePolicy', { identity: 'Quiet', maxCategorySubscription: 10 });
    await run('New-CsExternalAccessPolicy', { identity: 'Open', enableFederationAccess: true });
  });
  after(() => fixture.close());

  it('are granted at once and later, each kind by itself, and taken back', async () => {
    await run('Enable-CsUser', { identity: 'a@contoso.test', presencePolicy: 'quiet', externalAccessPolicy: 'Open' });
    await run('Enable-CsUser', { identity: ['b@contoso.test', 'c@contoso.test'] });
    await run('Grant-CsPresencePolicy', { identity: ['b@contoso.test', 'c'], policyName: 'tag:Quiet' });
    await run('Grant-CsPresencePolicy', { identity: 'a@contoso.test', policyName: null });
    const users = (await run('Get-CsUser')).objects.map(user => [user.presencePolicy, user.externalAccessPolicy]);
    assert.deepEqual(users, [
      [null, 'Open'],
      ['Quiet', null],
      ['Quiet', null],
    ]);
    assert.equal(await refused('Grant-CsPresencePolicy', { identity: 'b', policyName: 'Open' }), 'POLICY_UNKNOWN');
    assert.equal(await refused('Enable-CsUser', { identity: 'd@contoso.test', presencePolicy: 'No' }), 'POLICY_UNKNOWN');
    assert.equal(await refused('Grant-CsPresencePolicy', { policyName: 'Quiet' }), 'PARAMETER_MISSING');
  });

  it('give a site and the deployment their values, once or again, and take them back', async () => {
    const values = async () =>
      (await run('Get-CsPresencePolicy')).objects.map(policy => [policy.identity, policy.maxCategorySubscription]);
    await run('Grant-CsPresencePolicy', { identity: 'site:MAIN', policyName: 'Quiet' });
    await run('Grant-CsPresencePolicy', { global: true, policyName: 'Quiet' });
    assert.deepEqual(await values(), [
      ['global', 10],
      ['site:main', 10],
      ['tag:Quiet', 10],
    ]);
    await run('Set-CsPresencePolicy', { identity: 'Quiet', maxCategorySubscription: 20 });
    assert.equal((await run('Grant-CsPresencePolicy', { identity: 'site:main', policyName: 'Quiet' })).kind, 'changed');
    assert.equal((await run('Grant-CsPresencePolicy', { identity: 'site:main', policyName: 'Quiet' })).kind, 'unchanged');
    await run('Grant-CsPresencePolicy', { identity: 'Global', policyName: null });
    assert.deepEqual(await values(), [
      ['global', 1000],
      ['site:main', 20],
      ['tag:Quiet', 20],
    ]);
    assert.equal(await refused('Remove-CsSite', { identity: 'main' }), 'OBJECT_IN_USE');
    await run('Grant-CsPresencePolicy', { identity: 'site:main', policyName: null });
    assert.equal(await refused('Grant-CsPresencePolicy', { identity: 'site:main', policyName: null }), 'OBJECT_UNKNOWN');
    const mixed = { identity: ['site:main', 'b@contoso.test'], policyName: 'Quiet' };
    assert.equal(await refused('Grant-CsPresencePolicy', mixed), 'PARAMETER_CONFLICT');
    assert.equal(await refused('Grant-CsPresencePolicy', { identity: 'site:nowhere', policyName: 'Quiet' }), 'SITE_UNKNOWN');
  });

  it('who administers users changes no policy of a site or of all, and grants to users', async () => {
    const helper = { ...administrator, roles: ['CsUserAdministrator'] } as const;
    for (const scope of [{ identity: 'site:main' }, { identity: 'Global' }, { global: true }]) {
      for (const policyName of ['Quiet', null]) {
        const code = await fixture.refused('Grant-CsPresencePolicy', { ...scope, policyName }, helper);
        assert.equal(code, 'COMMAND_NOT_PERMITTED', JSON.stringify(scope));
      }
    }
    await fixture.run('Grant-CsPresencePolicy', { identity: 'b@contoso.test', policyName: 'Quiet' }, helper);
  });

  it('a policy that goes says whose it was', async () => {
    const removed = await run('Remove-CsPresencePolicy', { identity: 'Quiet' });
    assert.match(removed.notices.join(), /^2 users had it granted/);
    assert.equal((await userOf('b@contoso.test'))?.presencePolicy, 'Quiet', 'the grant is kept, without effect');
  });

  it('Get-CsEffectivePolicy names the one that governs, and a grant of one that is gone', async () => {
    await run('New-CsPresencePolicy', { identity: 'site:main' });
    const { objects, notices } = await run('Get-CsEffectivePolicy', { identity: 'b@contoso.test' });
    assert.deepEqual(
      [objects[0]?.identity, objects[0]?.presencePolicy, objects[0]?.externalAccessPolicy],
      ['b@contoso.test', 'site:main', 'global'],
    );
    assert.match(notices.join(), /^The presence policy Quiet was granted to b@contoso\.test and no longer exists\.$/);
    const [open] = (await run('Get-CsEffectivePolicy', { identity: 'a' })).objects;
    assert.equal(open?.externalAccessPolicy, 'tag:Open');
  });

  it('settings may be those of a site or of a pool', async () => {
    await run('New-CsRegistrarConfiguration', { identity: 'service:registrar:FE.contoso.test', maxEndpointsPerUser: 2 });
    await run('New-CsRegistrarConfiguration', { identity: 'site:main', maxEndpointsPerUser: 3 });
    assert.deepEqual(
      (await run('Get-CsRegistrarConfiguration')).objects.map(object => object.identity),
      ['global', 'service:Registrar:fe.contoso.test', 'site:main'],
    );
    const refusals = [
      ['New-CsRegistrarConfiguration', 'service:Registrar:no.contoso.test', 'POOL_UNKNOWN'],
      ['New-CsRegistrarConfiguration', 'Name', 'SCOPE_INVALID'],
      ['Set-CsProxyConfiguration', 'site:main', 'SCOPE_INVALID'],
      ['New-CsPresencePolicy', 'service:Registrar:fe.contoso.test', 'SCOPE_INVALID'],
      ['Remove-CsPool', 'fe.contoso.test', 'OBJECT_IN_USE'],
    ] as const;
    for (const [command, identity, code] of refusals) assert.equal(await refused(command, { identity }), code, identity);
  });
});
