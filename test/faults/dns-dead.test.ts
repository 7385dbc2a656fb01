import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { DnsServer } from '../../src/lab/dns-server.ts';
import { parseZoneFile } from '../../src/lab/zone-file.ts';
import type { TenantConfiguration } from '../../src/model/configuration.ts';
import type { SipDomain } from '../../src/model/names.ts';
import { failureOfClass } from '../../src/policy/domain-class.ts';
import { refuseInside } from '../../src/policy/refusal.ts';
import type { FederationResolver } from '../../src/resolve/dns-answer.ts';
import { createFederationResolver } from '../../src/resolve/federation-resolver.ts';
import { DomainClassifier } from '../../src/routing/domain-classifier.ts';
import { sampleConfiguration, sampleTenant } from '../../src/testing/sample-configuration.ts';

const zone = `
_sipfederationtls._tcp.northwind.test  SRV 0 0 5061 sip.northwind.test
_sipfederationtls._tcp.southwind.test  SRV 0 0 5061 sip.southwind.test
sip.northwind.test  A 192.0.2.1
sip.southwind.test  A 192.0.2.2
`;
const northwind = 'northwind.test' as SipDomain;
const southwind = 'southwind.test' as SipDomain;
const never = 'eastwind.test' as SipDomain;
const minute = 60_000;
const day = 24 * 60 * minute;

const configuration = sampleConfiguration([northwind, southwind, never].map(identity => ({ kind: 'CsAllowedDomain', identity })));
const tenant = configuration.tenants.get(sampleTenant) as TenantConfiguration;
const records = parseZoneFile(zone, 'the test');
/** Only the time of the caches is the test's: DNS is asked over real sockets. */
let nowMs = 0;
const clock: Clock = { ...systemClock, monotonic: () => nowMs };
let server: DnsServer;
let address: { readonly host: string; readonly port: number };
let resolver: FederationResolver;
let classifier: DomainClassifier;

before(async () => {
  server = await startDns(0);
  resolver = createFederationResolver({ clock, servers: [`${address.host}:${address.port}`], timeoutMs: 50, tries: 1 });
  classifier = new DomainClassifier(resolver, () => 0);
});
after(() => server?.close());

async function startDns(port: number): Promise<DnsServer> {
  const started = new DnsServer({ clock: systemClock, host: '127.0.0.1', port });
  assert.ok(records.ok);
  started.setRecords(records.value);
  address = await started.start();
  return started;
}

/** What a domain is, asking DNS where that is needed. */
async function classify(domain: SipDomain) {
  for (;;) {
    const found = classifier.classify(configuration, tenant, domain);
    if (found.kind !== 'PENDING') return found;
    await found.lookUp();
  }
}

async function assertUnavailable(domain: SipDomain): Promise<void> {
  const refused = failureOfClass(await classify(domain));
  assert.ok(refused, `${domain} is refused`);
  assert.equal(refused.code, 'DNS_UNAVAILABLE');
  assert.equal(refuseInside(refused).diagnostics?.id, 1007);
}

test('without DNS established partners are reached for a day, all others are refused with 1007', async () => {
  const partner = await classify(northwind);
  assert.equal(partner.kind, 'ALLOWED_DOMAIN');
  await resolver.addresses('sip.northwind.test');
  // a message has gone through: its server has shown its certificate
  classifier.established(partner);
  assert.equal((await classify(southwind)).kind, 'ALLOWED_DOMAIN');
  await resolver.addresses('sip.southwind.test');

  await server.close();
  await assertUnavailable(never);
  for (const passedMs of [2 * minute, day / 2, day - minute]) {
    nowMs = passedMs;
    const stale = await classify(northwind);
    assert.ok('targets' in stale, `after ${passedMs} ms northwind.test is ${stale.kind}`);
    assert.deepEqual(stale.targets, [{ host: 'sip.northwind.test', port: 5061 }]);
    const found = await resolver.addresses('sip.northwind.test');
    assert.deepEqual(found.kind === 'found' && found.records.map(record => record.address), ['192.0.2.1']);
    await assertUnavailable(southwind);
    await assertUnavailable(never);
  }
  nowMs = day + minute;
  await assertUnavailable(northwind);
});

test('when DNS is back everybody is, within the life of a failed answer', async () => {
  server = await startDns(address.port);
  nowMs += 11_000;
  for (const domain of [northwind, southwind]) assert.equal((await classify(domain)).kind, 'ALLOWED_DOMAIN');
  assert.equal(failureOfClass(await classify(never))?.code, 'SRV_NOT_FOUND');
});
