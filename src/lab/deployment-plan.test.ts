import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LabPorts, labOrganisations, portCount, portsFromBase, portUses, standardPorts } from './deployment-plan.ts';

function listeners(ports: LabPorts): string[] {
  const servers = labOrganisations.flatMap(portUses).map(use => `${use.host}:${ports[use.organisation.name][use.role]}`);
  return [`127.0.0.1:${ports.dns}`, ...servers];
}

test('--port-base counts on without a gap', () => {
  const ports = portsFromBase(20_000);
  const numbers = listeners(ports).map(listener => Number(listener.split(':')[1]));
  assert.equal(numbers.length, portCount);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => 20_000 + i),
  );
});

test('no two listeners meet on the well-known ports', () => {
  const all = listeners(standardPorts());
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.includes('127.0.0.1:53'));
  assert.ok(all.includes('127.0.0.12:5061'), 'partners reach the Edge on 5061');
});

test('each server has an address of its own', () => {
  const hosts = labOrganisations.flatMap(({ frontEnd, edge }) => [frontEnd.host, edge.host]);
  assert.equal(new Set(hosts).size, 4);
});

test('each organisation allows the domains of the other', () => {
  const [contoso, lynconline] = labOrganisations;
  assert.deepEqual(contoso.allowedDomains, lynconline.tenant.domains);
  assert.deepEqual(lynconline.allowedDomains, contoso.tenant.domains);
  assert.equal(contoso.hostingProviders[0]?.proxyFqdn, lynconline.edge.externalFqdn);
});
