import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { systemClock } from '../../src/base/clock.ts';
import type { Result } from '../../src/base/result.ts';
import { CredentialSealer } from '../../src/identity/credential-sealer.ts';
import { computeHa1 } from '../../src/identity/digest.ts';
import { SealKeys } from '../../src/identity/seal-keys.ts';
import { performRestore, planRestore } from '../../src/server/backup/restore-backup.ts';
import { parseConfiguration } from '../../src/server/configuration-file.ts';
import { databaseFile, openStore } from '../../src/server/open-store.ts';
import type { FrontEndServerConfiguration } from '../../src/server/server-configuration.ts';
import type { Store } from '../../src/store/store.ts';
import { openManagement } from '../../src/testing/management-fixture.ts';
import { PostgresCluster, postgresMissing } from '../../src/testing/postgres-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-upgrade-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const fixture = (name: string) => join(import.meta.dirname, name);
const passphraseFile = join(folder, 'passphrase');
writeFileSync(passphraseFile, 'a passphrase of the upgrade test\n', { mode: 0o600 });

/** A Front End that keeps its data in a folder of the test. */
function configuration(name: string, store?: object): FrontEndServerConfiguration {
  const keyPair = { certificateFile: 'c.pem', keyFile: 'k.pem' };
  const text = stringify({
    role: 'frontend',
    name: 'fe1.contoso.test',
    pool: 'fe.contoso.test',
    dataFolder: name,
    internal: { ...keyPair, authorityFile: 'ca.pem' },
    client: { port: 5061, ...keyPair },
    trunk: { port: 5065 },
    api: { port: 8080, tokenFile: 'api-token' },
    ...(store ? { store } : {}),
  });
  return must(parseConfiguration(text, join(folder, 'server.yaml'))) as FrontEndServerConfiguration;
}

function must<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.text);
  return result.value;
}

/** What Get-CsUser shows of each user, as far as an upgrade must not change it. */
const users = [
  { identity: 'alice@contoso.test', displayName: 'Alice Ämes', blockedSenders: ['litware.test', 'mallory@northwind.test'] },
  { identity: 'bob@fabrikam.test', displayName: 'bob', tenant: 'fabrikam' },
  { identity: 'dan@contoso.test', displayName: 'dan', enabled: false, registrarPool: 'fe.dublin.test' },
  { identity: 'gus@contoso.test', displayName: 'gus', externalAccessPolicy: 'Gone' },
  { identity: 'kim@contoso.test', displayName: 'kim', hostingProviderProxyFqdn: 'sipfed.lynconline.test' },
  { identity: 'sue@contoso.test', displayName: 'sue', externalAccessPolicy: 'Sales' },
].map(user => ({
  enabled: true,
  registrarPool: 'fe.contoso.test',
  hostingProviderProxyFqdn: 'SRV:',
  externalAccessPolicy: null,
  blockedSenders: [],
  tenant: 'contoso',
  ...user,
}));

/** Attributes of some objects of every kind, as a command shows them. */
const objects: readonly (readonly [noun: string, identity: string, shown: object])[] = [
  ['CsTenant', 'contoso', { displayName: 'Contoso Ltd', domains: ['contoso.test', 'unproven.test'] }],
  ['CsTenantFederationConfiguration', 'global', { allowFederatedUsers: true, allowedDomains: 'AllKnown' }],
  ['CsSipDomain', 'contoso.test', { verified: true, isDefault: true }],
  ['CsSipDomain', 'unproven.test', { verified: false }],
  ['CsAdditionalInternalDomain', 'contoso.example', { comment: 'routing only' }],
  ['CsAllowedDomain', 'northwind.test', { proxyFqdn: 'sip.northwind.test', comment: 'Contract 17' }],
  ['CsBlockedDomain', 'litware.test', { includeSubdomains: true }],
  ['CsHostingProvider', 'LyncOnline', { proxyFqdn: 'sipfed.lynconline.test', enabled: true, hostsOcsUsers: true }],
  ['CsPublicProvider', 'Messenger', { proxyFqdn: 'federation.messenger.test', enabled: false }],
  ['CsExternalAccessPolicy', 'global', { enableFederationAccess: true }],
  ['CsExternalAccessPolicy', 'site:Dublin', { enableFederationAccess: false, enablePublicCloudAccess: true }],
  ['CsExternalAccessPolicy', 'tag:Sales', { enablePublicCloudAccess: true, description: 'people who sell' }],
  ['CsAccessEdgeConfiguration', 'global', { allowFederatedUsers: true, enablePartnerDiscovery: true }],
  ['CsRegistrarConfiguration', 'global', { maxEndpointsPerUser: 4 }],
  ['CsProxyConfiguration', 'global', { outgoingTlsCount: 2 }],
  ['CsSite', 'Redmond', { description: 'äöü "quoted"', federationRoute: 'edge.contoso.test' }],
  ['CsPool', 'fe.contoso.test', { site: 'Redmond', kind: 'EnterpriseFrontEnd' }],
  ['CsEdgeServer', 'edge.contoso.test', { externalFqdn: 'sip.contoso.test', federationEnabled: true }],
];

const deploymentNouns = new Set([
  'CsTenant',
  'CsAccessEdgeConfiguration',
  'CsRegistrarConfiguration',
  'CsProxyConfiguration',
  'CsSite',
  'CsPool',
  'CsEdgeServer',
]);

function partOf(whole: object | undefined, wanted: object): object {
  return Object.fromEntries(Object.keys(wanted).map(name => [name, (whole as Record<string, unknown> | undefined)?.[name]]));
}

/** Everything is there, and can be changed as ever. */
async function assertWhole(store: Store, dataFolder: string): Promise<void> {
  const { run, refused, management, close } = await openManagement({ store, deployment: 'provider' });
  try {
    const shown = (await run('Get-CsUser')).objects;
    assert.deepEqual(
      shown.map((user, i) => partOf(user, users[i] ?? {})),
      users,
    );
    for (const [noun, identity, wanted] of objects) {
      const tenant = deploymentNouns.has(noun) ? {} : { tenant: 'contoso' };
      const [object] = (await run(`Get-${noun}`, { ...tenant, ...(identity === 'global' ? {} : { identity }) })).objects;
      assert.deepEqual(partOf(object, wanted), wanted, `${noun} ${identity}`);
    }
    const [created] = (await run('Get-CsRevision', { identity: 1 })).objects;
    assert.match(String(created?.summary), /^New-CsTenant -Identity contoso/);
    assert.equal((await store.readRevisions(1000)).filter(({ author }) => author === 'tester').length, 39);
    await assertPasswords(store, dataFolder);
    assert.equal(await refused('New-CsAllowedDomain', { tenant: 'contoso', identity: 'litware.test' }), 'DOMAIN_ON_OTHER_LIST');
    assert.equal(await refused('Enable-CsUser', { identity: 'sue@contoso.test' }), 'OBJECT_EXISTS');
    await run('Grant-CsExternalAccessPolicy', { identity: 'gus@contoso.test', policyName: 'Sales' });
    const granted = (await run('Get-CsUser')).objects.filter(user => user.externalAccessPolicy === 'Sales');
    assert.deepEqual(
      granted.map(user => user.identity),
      ['gus@contoso.test', 'sue@contoso.test'],
    );
  } finally {
    management.close();
    await close();
  }
}

async function assertPasswords(store: Store, dataFolder: string): Promise<void> {
  const sealer = new CredentialSealer(must(SealKeys.open(join(dataFolder, 'secrets', 'seal-keys.json'))));
  const all = await store.readUsers();
  const passwords = { 'alice@contoso.test': 'pw-alice', 'bob@fabrikam.test': 'pw-bob', 'sue@contoso.test': 'pw-sue-2' };
  const credentials = await store.readCredentials(all.map(({ id }) => id));
  assert.equal(credentials.size, 3);
  for (const [address, password] of Object.entries(passwords)) {
    const user = all.find(({ aor }) => aor === address);
    const sealed = user && credentials.get(user.id);
    assert.ok(sealed);
    const domain = address.slice(address.indexOf('@') + 1);
    assert.equal(must(sealer.unseal(user.id, sealed)).MD5[address], computeHa1('MD5', address, domain, password));
  }
}

/** Restores the backup where the configuration says, and looks. */
async function assertRestored(target: FrontEndServerConfiguration): Promise<void> {
  const order = { file: fixture('0002-blocked-senders.parley-backup'), configuration: target, passphraseFile };
  const plan = must(await planRestore({ ...order, withoutSecrets: true, acceptUnsealed: false }));
  must(await performRestore(plan, systemClock));
  const store = must(await openStore(target, systemClock));
  try {
    await assertWhole(store, target.dataFolder);
  } finally {
    await store.close();
  }
}

describe('a store of schema 0002', () => {
  it('is opened by the present program with everything in it', async () => {
    const target = configuration('database');
    const { dataFolder } = target;
    mkdirSync(join(dataFolder, 'secrets'), { recursive: true });
    const key = Buffer.alloc(32, 'upgrade-test').toString('base64');
    writeFileSync(join(dataFolder, 'secrets', 'seal-keys.json'), JSON.stringify({ active: 'seal1', keys: { seal1: key } }), {
      mode: 0o600,
    });
    const file = new DatabaseSync(databaseFile(dataFolder));
    file.exec(readFileSync(fixture('0002-blocked-senders.sql'), 'utf8'));
    file.close();
    for (let start = 0; start < 2; start++) {
      const store = must(await openStore(target, systemClock));
      assert.equal((await store.readBindings()).length, 1);
      if (start === 0) await assertWhole(store, dataFolder);
      await store.close();
    }
  });

  it('is restored from its backup', () => assertRestored(configuration('restored')));

  it('is restored from its backup on PostgreSQL', { skip: postgresMissing() }, async () => {
    const cluster = await PostgresCluster.start();
    try {
      await assertRestored(configuration('on-postgres', { url: cluster.createDatabase('upgraded') }));
    } finally {
      await cluster.remove();
    }
  });
});
