import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import type { TenantId } from '../model/names.ts';
import { administrator, deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';
import { checkAdministrator } from './permission.ts';
import type { Principal } from './principal.ts';

describe('principal', () => {
  let fixture: ManagementFixture;
  let ofFabrikam: Principal;
  const helper: Principal = { ...administrator, name: 'helper', roles: ['CsUserAdministrator'] };

  before(async () => {
    fixture = await openManagement({ deployment: 'provider' });
    await deployContoso(fixture);
    await fixture.run('New-CsTenant', { identity: 'fabrikam' });
    const tenants = (await fixture.run('Get-CsTenant')).objects;
    const idOf = (name: string) => tenants.find(tenant => tenant.identity === name)?.tenantId as TenantId;
    ofFabrikam = { ...administrator, name: 'fay', scope: { kind: 'tenant', tenant: idOf('fabrikam') } };
    for (const [tenant, domain] of [
      ['contoso', 'contoso.test'],
      ['fabrikam', 'fabrikam.test'],
    ] as const) {
      if (tenant === 'fabrikam') await fixture.run('New-CsSipDomain', { identity: domain, tenant });
      const [added] = (await fixture.run('Get-CsSipDomain', { identity: domain, tenant })).objects;
      fixture.txt.set(`_parley-proof.${domain}`, [String(added?.proofToken)]);
      await fixture.run('Confirm-CsSipDomain', { identity: domain, tenant });
      await fixture.run('New-CsAllowedDomain', { identity: `partner.of.${tenant}.test`, tenant });
      await fixture.run('Enable-CsUser', { identity: `ann@${domain}` });
    }
  });
  after(() => fixture.close());

  it('history says who it was and from where', async () => {
    await fixture.run('Set-CsUser', { identity: 'ann@contoso.test', displayName: 'Ann' }, { ...helper, from: '198.51.100.7' });
    const [latest] = (await fixture.run('Get-CsRevision', { last: 1 })).objects;
    assert.deepEqual([latest?.author, latest?.from], ['helper', '198.51.100.7']);
  });

  it('a role permits the commands that declare it, and no other', async () => {
    await fixture.run('Get-CsUser', {}, helper);
    await fixture.run('Set-CsUser', { identity: 'ann@contoso.test', displayName: 'Ann Ames' }, helper);
    await fixture.run('Grant-CsExternalAccessPolicy', { identity: 'ann@contoso.test', policyName: null }, helper);
    for (const name of ['New-CsAllowedDomain', 'Set-CsAccessEdgeConfiguration', 'Get-CsRevision']) {
      assert.equal(await fixture.refused(name, { identity: 'global' }, helper), 'COMMAND_NOT_PERMITTED', name);
    }
    assert.equal(await fixture.refused('Get-CsUser', {}, { ...helper, roles: [] }), 'COMMAND_NOT_PERMITTED');
  });

  it('who has one tenant sees and changes nothing of another, and nothing of the deployment', async () => {
    const { run, refused } = fixture;
    const identities = async (name: string) => (await run(name, {}, ofFabrikam)).objects.map(object => object.identity);
    assert.deepEqual(await identities('Get-CsTenant'), ['fabrikam']);
    assert.deepEqual(await identities('Get-CsUser'), ['ann@fabrikam.test']);
    assert.deepEqual(await identities('Get-CsAllowedDomain'), ['partner.of.fabrikam.test']);
    // no tenant has to be named: there is one
    await run('New-CsAllowedDomain', { identity: 'northwind.test' }, ofFabrikam);
    assert.equal(await refused('Get-CsUser', { identity: 'ann@contoso.test' }, ofFabrikam), 'OBJECT_UNKNOWN');
    assert.equal(await refused('Set-CsUser', { identity: 'ann@contoso.test', enabled: false }, ofFabrikam), 'OBJECT_UNKNOWN');
    assert.equal(await refused('Enable-CsUser', { identity: 'eve@contoso.test' }, ofFabrikam), 'SIP_DOMAIN_UNKNOWN');
    assert.equal(await refused('Get-CsAllowedDomain', { tenant: 'contoso' }, ofFabrikam), 'TENANT_UNKNOWN');
    assert.equal(await refused('New-CsSipDomain', { identity: 'contoso.test' }, ofFabrikam), 'SIP_DOMAIN_TAKEN');
    for (const name of [
      'Get-CsPool',
      'Get-CsRevision',
      'New-CsTenant',
      'Set-CsAccessEdgeConfiguration',
      'Get-CsFederationDecision',
    ]) {
      assert.equal(await refused(name, {}, ofFabrikam), 'COMMAND_NOT_PERMITTED', name);
    }
  });
});

test('who has one tenant of an on-premises deployment proves its domains, as it is not the organisation itself', async t => {
  const fixture = await openManagement({ deployment: 'on-premises' });
  t.after(() => fixture.close());
  await deployContoso(fixture);
  await fixture.run('New-CsTenant', { identity: 'fabrikam' });
  const [fabrikam] = (await fixture.run('Get-CsTenant', { identity: 'fabrikam' })).objects;
  const scope = { kind: 'tenant', tenant: fabrikam?.tenantId as TenantId } as const;
  const [made] = (await fixture.run('New-CsSipDomain', { identity: 'somebody-elses.test' }, { ...administrator, scope })).objects;
  assert.equal(made?.verified, false);
  assert.equal((await fixture.run('Get-CsSipDomain', { identity: 'contoso.test' })).objects[0]?.verified, true);
});

test('what is of the whole deployment is for whoever has it with all commands', () => {
  const scope = { kind: 'tenant', tenant: '01J' as TenantId } as const;
  const permitted = (principal: Principal) => checkAdministrator(principal, 'a backup').ok;
  assert.deepEqual(
    [
      permitted(administrator),
      permitted({ ...administrator, scope }),
      permitted({ ...administrator, roles: ['CsUserAdministrator'] }),
    ],
    [true, false, false],
  );
});
