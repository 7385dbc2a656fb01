import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { createFederationResolver } from '../resolve/federation-resolver.ts';
import { dnsHost, labOrganisations, portsFromBase } from './deployment-plan.ts';
import { DnsServer } from './dns-server.ts';
import { labRecords } from './lab-dns.ts';

test('both sides find each other, and the zone file adds partners', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-lab-dns-'));
  const zoneFile = join(folder, 'zone');
  await writeFile(
    zoneFile,
    '_sipfederationtls._tcp.northwind.test SRV 0 0 5061 edge.northwind.test\nedge.northwind.test A 127.0.0.31\n',
  );
  const dns = new DnsServer({ clock: systemClock, host: dnsHost, port: 0, zoneFile });
  try {
    const { host, port } = await dns.start();
    const ports = portsFromBase(30_000);
    dns.setRecords(labRecords(ports, [{ domain: 'fabrikam.test', token: 'a-token' }]));
    const resolver = createFederationResolver({ clock: systemClock, servers: [`${host}:${port}`] });
    for (const { name, tenant, edge, frontEnd } of labOrganisations) {
      for (const domain of tenant.domains) {
        const srv = await resolver.srv(domain);
        assert.equal(srv.kind, 'found', domain);
        assert.deepEqual(srv.kind === 'found' && [srv.records[0]?.target, srv.records[0]?.port], [
          edge.externalFqdn,
          ports[name].federation,
        ]);
      }
      for (const [fqdn, address] of [
        [frontEnd.pool, frontEnd.host],
        [frontEnd.fqdn, frontEnd.host],
        [edge.internalFqdn, edge.host],
        [edge.externalFqdn, edge.host],
      ] as const) {
        const found = await resolver.addresses(fqdn);
        assert.deepEqual(found.kind === 'found' && found.records.map(record => record.address), [address], fqdn);
      }
    }
    assert.equal((await resolver.srv('northwind.test')).kind, 'found');
  } finally {
    await dns.close();
    await rm(folder, { recursive: true });
  }
});

test('the proof of a domain is a TXT record under the name the provider asks for', () => {
  const records = labRecords(portsFromBase(30_000), [{ domain: 'fabrikam.test', token: 'a-token' }]);
  assert.deepEqual(
    records.filter(record => record.type === 'TXT'),
    [{ type: 'TXT', name: '_parley-proof.fabrikam.test', data: 'a-token' }],
  );
});
