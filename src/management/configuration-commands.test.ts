import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FailureError, failure } from '../base/failure.ts';
import { err } from '../base/result.ts';
import { administrator, deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';

describe('commands on configuration', () => {
  let fixture: ManagementFixture;
  const run = (name: string, parameters?: Record<string, unknown>) => fixture.run(name, parameters);
  const refused = (name: string, parameters?: Record<string, unknown>) => fixture.refused(name, parameters);
  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
  });
  after(() => fixture.close());

  it('New fails if it exists, Set and Remove if not, Get by wildcard', async () => {
    await run('New-CsAllowedDomain', { identity: 'fabrikam.test', comment: 'one' });
    assert.equal(await refused('New-CsAllowedDomain', { identity: 'Fabrikam.test' }), 'OBJECT_EXISTS');
    assert.equal(await refused('Set-CsAllowedDomain', { identity: 'other.test', comment: 'x' }), 'OBJECT_UNKNOWN');
    assert.equal(await refused('Remove-CsAllowedDomain', { identity: 'other.test' }), 'OBJECT_UNKNOWN');
    assert.equal(await refused('Get-CsAllowedDomain', { identity: 'other.test' }), 'OBJECT_UNKNOWN');
    const set = await run('Set-CsAllowedDomain', { identity: 'fabrikam.test', proxyFqdn: 'sip.fabrikam.test' });
    assert.equal(set.objects[0]?.comment, 'one');
    assert.equal((await run('Get-CsAllowedDomain', { filter: 'fab*' })).objects.length, 1);
    assert.equal((await run('Get-CsAllowedDomain', { identity: 'x*' })).objects.length, 0);
    assert.equal((await run('Set-CsAllowedDomain', { identity: 'fabrikam.test' })).kind, 'unchanged');
  });

  it('a domain is on one list; Set-CsFederatedDomain moves it in one revision', async () => {
    assert.equal(await refused('New-CsBlockedDomain', { identity: 'fabrikam.test' }), 'DOMAIN_ON_OTHER_LIST');
    const moved = await run('Set-CsFederatedDomain', { identity: 'fabrikam.test', list: 'Blocked' });
    const [revision] = await fixture.store.readRevisions(1);
    assert.equal(revision?.number, moved.revision);
    assert.deepEqual(revision?.changes.map(change => [change.kind, change.before === null, change.after === null]).sort(), [
      ['CsAllowedDomain', false, true],
      ['CsBlockedDomain', true, false],
    ]);
    assert.equal(moved.objects[0]?.comment, 'one');
    assert.equal(revision?.author, 'tester');
    assert.match(revision?.summary ?? '', /^Set-CsFederatedDomain -Identity fabrikam.test -List Blocked/);
    assert.equal((await run('Set-CsFederatedDomain', { identity: 'fabrikam.test', list: 'Blocked' })).kind, 'unchanged');
    assert.equal(
      await refused('Set-CsFederatedDomain', { identity: 'f.test', list: 'Blocked', proxyFqdn: 'p.test' }),
      'PARAMETER_CONFLICT',
    );
  });

  it('providers: shapes, immutable proxy, names and proxies unique over both kinds', async () => {
    const provider = { identity: 'LyncOnline', proxyFqdn: 'sipfed.lynconline.test' };
    const shapes = [
      [false, false, true],
      [true, true, true],
      [true, false, true],
      [false, true, false],
    ] as const;
    for (const [shared, hosts, legal] of shapes) {
      const parameters = { ...provider, enabledSharedAddressSpace: shared, hostsOcsUsers: hosts, whatIf: true };
      if (legal) await run('New-CsHostingProvider', parameters);
      else assert.equal(await refused('New-CsHostingProvider', parameters), 'PROVIDER_SHAPE_INVALID');
    }
    await run('New-CsHostingProvider', provider);
    assert.equal(await refused('New-CsPublicProvider', { identity: 'lynconline', proxyFqdn: 'p.test' }), 'PROVIDER_NAME_TAKEN');
    assert.equal(await refused('New-CsPublicProvider', { ...provider, identity: 'Other' }), 'PROVIDER_PROXY_TAKEN');
    assert.equal(await refused('Set-CsHostingProvider', { ...provider, proxyFqdn: 'new.test' }), 'PARAMETER_IMMUTABLE');
    assert.equal((await run('Enable-CsHostingProvider', { identity: 'LYNCONLINE' })).objects[0]?.enabled, true);
    assert.equal((await run('Disable-CsHostingProvider', { identity: 'LyncOnline' })).objects[0]?.enabled, false);
  });

  it('the routing method and providers exclude each other', async () => {
    const set = 'Set-CsAccessEdgeConfiguration';
    const useDefault = { useDefaultRouting: true, defaultRouteFqdn: 'out.contoso.test' };
    assert.equal(await refused(set, useDefault), 'PROVIDERS_EXIST');
    await run('Remove-CsHostingProvider', { identity: 'LyncOnline' });
    assert.equal(await refused(set, { routingMethod: 'UseDefaultRouting' }), 'DEFAULT_ROUTE_MISSING');
    assert.equal(await refused(set, { ...useDefault, enablePartnerDiscovery: true }), 'ROUTING_ATTRIBUTE_MISMATCH');
    assert.equal(await refused(set, { defaultRouteFqdn: 'out.contoso.test' }), 'ROUTING_ATTRIBUTE_MISMATCH');
    await run(set, useDefault);
    assert.equal(await refused('New-CsHostingProvider', { identity: 'x', proxyFqdn: 'p.test' }), 'PROVIDERS_NEED_DNS_ROUTING');
    const back = await run(set, { useDnsSrvRouting: true, enablePartnerDiscovery: true, allowFederatedUsers: true });
    assert.match(back.notices.join(), /Limits for discovered partners do not exist yet/);
    assert.deepEqual(back.applied, { applied: 1, of: 2 });
    assert.match(back.message, /Saved, applied on 1 of 2 Edges/);
  });

  it('exactly one default SIP domain', async () => {
    assert.equal(await refused('Set-CsSipDomain', { identity: 'contoso.test', isDefault: false }), 'DEFAULT_SIP_DOMAIN_REQUIRED');
    await run('New-CsSipDomain', { identity: 'contoso.example', isDefault: true });
    const domains = (await run('Get-CsSipDomain')).objects;
    assert.deepEqual(
      domains.filter(domain => domain.isDefault).map(domain => domain.identity),
      ['contoso.example'],
    );
    assert.equal(await refused('Remove-CsSipDomain', { identity: 'contoso.example' }), 'DEFAULT_SIP_DOMAIN_REQUIRED');
    assert.equal(await refused('New-CsAdditionalInternalDomain', { identity: 'contoso.test' }), 'SIP_DOMAIN_TAKEN');
    await run('Enable-CsUser', { identity: 'eve@contoso.test' });
    assert.equal(await refused('Remove-CsSipDomain', { identity: 'contoso.test' }), 'OBJECT_IN_USE');
  });

  it('a further tenant proves its domains by DNS', async () => {
    await run('New-CsTenant', { identity: 'fabrikam' });
    assert.equal(await refused('Set-CsTenantFederationConfiguration', { allowFederatedUsers: true }), 'TENANT_REQUIRED');
    const federation = (await run('Get-CsTenantFederationConfiguration')).objects;
    assert.deepEqual(federation.map(({ tenant, allowFederatedUsers }) => [tenant, allowFederatedUsers]).sort(), [
      ['contoso', true],
      ['fabrikam', false],
    ]);
    assert.equal(await refused('New-CsSipDomain', { identity: 'contoso.test', tenant: 'fabrikam' }), 'SIP_DOMAIN_TAKEN');
    const added = await run('New-CsSipDomain', { identity: 'northwind.test', Tenant: 'Fabrikam' });
    const { proofToken, verified } = added.objects[0] as { proofToken?: string; verified?: boolean } & object;
    assert.equal(verified, false);
    assert.equal(await refused('Enable-CsUser', { identity: 'n@northwind.test' }), 'SIP_DOMAIN_NOT_VERIFIED');
    const confirm = { identity: 'northwind.test', tenant: 'fabrikam' };
    assert.equal(await refused('Confirm-CsSipDomain', confirm), 'SIP_DOMAIN_PROOF_MISSING');
    fixture.txt.set('_parley-proof.northwind.test', ['something else']);
    assert.equal(await refused('Confirm-CsSipDomain', confirm), 'SIP_DOMAIN_PROOF_MISSING');
    fixture.txt.set('_parley-proof.northwind.test', ['something else', proofToken as string]);
    await run('Confirm-CsSipDomain', confirm);
    await run('Enable-CsUser', { identity: 'n@northwind.test' });
    assert.equal(await refused('Get-CsUser', { identity: 'eve@contoso.test', tenant: 'fabrikam' }), 'OBJECT_UNKNOWN');
    assert.equal(await refused('Enable-CsUser', { identity: 'spy@contoso.test', tenant: 'fabrikam' }), 'SIP_DOMAIN_UNKNOWN');
    assert.equal(await refused('Remove-CsTenant', { identity: 'fabrikam', confirm: false }), 'TENANT_IN_USE');
    await run('Disable-CsUser', { identity: 'n@northwind.test', confirm: false });
    await run('Remove-CsTenant', { identity: 'fabrikam', confirm: false });
    assert.equal((await run('Get-CsTenant')).objects.length, 1);
    await run('New-CsAdditionalInternalDomain', { identity: 'northwind.test' });
  });

  it('topology: references are checked both ways', async () => {
    const edge = {
      identity: 'edge.contoso.test',
      site: 'main',
      externalFqdn: 'sip.contoso.test',
      computers: 'edge.contoso.test',
      registrar: 'fe.contoso.test',
      federationEnabled: true,
    };
    assert.equal(await refused('New-CsEdgeServer', { ...edge, registrar: 'no.contoso.test' }), 'POOL_UNKNOWN');
    assert.equal(await refused('New-CsEdgeServer', { ...edge, site: 'nowhere' }), 'SITE_UNKNOWN');
    await run('New-CsEdgeServer', edge);
    assert.equal(await refused('New-CsEdgeServer', { ...edge, identity: 'e2.contoso.test' }), 'FEDERATION_EDGE_TAKEN');
    assert.equal(await refused('Set-CsSite', { identity: 'main', federationRoute: 'no.contoso.test' }), 'EDGE_UNKNOWN');
    await run('Set-CsSite', { identity: 'main', federationRoute: 'edge.contoso.test' });
    assert.equal(await refused('Remove-CsEdgeServer', { identity: 'edge.contoso.test' }), 'OBJECT_IN_USE');
    assert.equal(await refused('Remove-CsPool', { identity: 'fe.contoso.test' }), 'OBJECT_IN_USE');
    assert.equal(await refused('Remove-CsSite', { identity: 'main' }), 'OBJECT_IN_USE');
  });

  it('policies: the global one exists and is reset, one of a site needs the site', async () => {
    assert.equal(await refused('New-CsExternalAccessPolicy', { identity: 'Global' }), 'OBJECT_EXISTS');
    assert.equal(await refused('New-CsExternalAccessPolicy', { identity: 'site:nowhere' }), 'SITE_UNKNOWN');
    assert.equal((await run('New-CsExternalAccessPolicy', { identity: 'site:MAIN' })).objects[0]?.identity, 'site:main');
    const set = await run('Set-CsExternalAccessPolicy', { enableOutsideAccess: true });
    assert.equal(set.objects[0]?.identity, 'global');
    const reset = await run('Remove-CsExternalAccessPolicy', { identity: 'global' });
    assert.match(reset.message, /defaults again/);
    const shown = await run('Get-CsExternalAccessPolicy', { identity: 'Global' });
    assert.deepEqual([shown.objects[0]?.version, shown.objects[0]?.enableOutsideAccess], [0, false]);
    assert.equal((await run('Remove-CsExternalAccessPolicy', { identity: 'global' })).kind, 'unchanged');
  });

  it('settings: ranges and order of values', async () => {
    const set = 'Set-CsRegistrarConfiguration';
    assert.equal(await refused(set, { maxEndpointsPerUser: 65 }), 'PARAMETER_INVALID');
    assert.equal(await refused(set, { minEndpointExpiration: 900 }), 'PARAMETER_INVALID');
    const first = await run(set, { maxEndpointsPerUser: 4, expectedVersion: 0 });
    assert.equal(await refused(set, { maxEndpointsPerUser: 5, expectedVersion: 0 }), 'VERSION_STALE');
    await run(set, { maxEndpointsPerUser: 5, expectedVersion: first.objects[0]!.version });
  });

  it('commands at once do not conflict, and another writer of the store is met by validating again', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `d${i}.example`);
    await Promise.all(names.map(identity => run('New-CsAllowedDomain', { identity })));
    const document = await fixture.store.readConfiguration();
    const owner = document.objects.find(object => object.kind === 'CsTenant')!.owner;
    const body = { includeSubdomains: false, comment: '' };
    const other = run('New-CsAllowedDomain', { identity: 'mine.example' });
    await fixture.store.commit({
      author: 'other node',
      summary: 'x',
      basedOn: document.version,
      objects: [{ kind: 'CsBlockedDomain', owner, identity: 'theirs.example', expectedVersion: null, body }],
      users: [],
    });
    await other;
    assert.equal(await refused('New-CsAllowedDomain', { identity: 'theirs.example' }), 'DOMAIN_ON_OTHER_LIST');
    assert.equal((await run('Get-CsAllowedDomain', { filter: '*.example' })).objects.length, 41);
  });

  it('of two Sets with the same version one wins', async () => {
    const { version } = (await run('Get-CsAllowedDomain', { identity: 'mine.example' })).objects[0]!;
    const attempts = ['a', 'b'].map(comment =>
      fixture.management.execute(
        {
          verb: 'Set',
          noun: 'CsAllowedDomain',
          parameters: { identity: 'mine.example', comment, expectedVersion: version },
        },
        { ...administrator, name: comment },
      ),
    );
    const results = await Promise.all(attempts);
    assert.deepEqual(results.map(result => (result.ok ? 'ok' : result.error.code)).sort(), ['VERSION_STALE', 'ok']);
  });

  it('history shows before and after', async () => {
    const { objects } = await run('Get-CsRevision', { last: 1 });
    const [change] = objects[0]?.changes as { before: { comment: string }; after: { comment: string } }[];
    assert.deepEqual([change?.before.comment, change?.after.comment], ['', objects[0]?.author]);
  });

  it('a change is read once, and a store that is away keeps from nobody what this server decides by', async () => {
    const away = await openManagement();
    const { store } = away;
    const unavailable = () => Promise.reject(new FailureError(failure('STORE_UNAVAILABLE', { reason: 'test' })));
    const { readConfigurationChange, readUsers, commit } = store;
    let reads = 0;
    store.readConfigurationChange = since => {
      reads++;
      return readConfigurationChange(since);
    };
    try {
      await deployContoso(away);
      assert.equal(reads, 4, 'for four changes');
      store.readConfigurationChange = unavailable;
      store.readUsers = unavailable;
      assert.equal((await away.run('Get-CsPool')).objects.length, 1);
      store.commit = async () => err(failure('STORE_UNAVAILABLE', { reason: 'test' }));
      assert.equal(await away.refused('New-CsTenant', { identity: 'fabrikam' }), 'STORE_UNAVAILABLE');
      store.commit = commit;
      const enabled = await away.run('Enable-CsUser', { identity: 'a@contoso.test', generatePassword: true });
      assert.ok(enabled.items?.[0]?.password, 'what is committed is reported, though it could not be read back');
      assert.match(enabled.notices.join(), /saved/);
      assert.equal(await away.refused('Get-CsUser'), 'STORE_UNAVAILABLE', 'what is known to be old is not shown');
      store.readConfigurationChange = readConfigurationChange;
      store.readUsers = readUsers;
      assert.equal((await away.run('Get-CsUser')).objects.length, 1);
    } finally {
      store.readUsers = readUsers;
      await away.close();
    }
  });

  it('checks, decisions and replication go through their ports', async () => {
    assert.equal((await run('Test-CsFederation', { domain: 'fabrikam.test' })).objects[0]?.target, 'fabrikam.test');
    const decision = await run('Get-CsFederationDecision', { from: 'sip:a@contoso.test', to: 'b@fabrikam.test' });
    assert.equal(decision.objects[0]?.identity, 'a@contoso.test to b@fabrikam.test');
    const [replica] = (await run('Get-CsManagementStoreReplicationStatus')).objects;
    assert.equal(replica?.configuration, '1.1');
    assert.equal(replica?.lastRefusalCode, 'SNAPSHOT_OLDER');
    assert.equal(replica?.lastRefusalTime, '1970-01-01T00:00:00.000Z');
    assert.equal(await refused('Get-CsManagementStoreReplicationStatus', { identity: 'no.test' }), 'OBJECT_UNKNOWN');
    await run('Invoke-CsManagementStoreReplication');
  });
});
