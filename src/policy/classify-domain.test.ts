import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipDomain } from '../model/names.ts';
import type { SrvAnswer, SrvRecord } from '../resolve/dns-answer.ts';
import { otherTenant, type SampleObject, sampleConfiguration, sampleTenant } from '../testing/sample-configuration.ts';
import { classifyWithoutDns, classifyWithSrv } from './classify-domain.ts';
import type { DomainClass } from './domain-class.ts';

const discovery: SampleObject = { kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { enablePartnerDiscovery: true } };
const allowedListOnly: SampleObject = {
  kind: 'CsTenantFederationConfiguration',
  identity: 'global',
  body: { allowedDomains: 'AllowedList' },
};
const defaultRoute = (body: object = { defaultRouteFqdn: 'hub.example' }): SampleObject => ({
  kind: 'CsAccessEdgeConfiguration',
  identity: 'global',
  body: { routingMethod: 'UseDefaultRouting', ...body },
});
const allow = (identity: string, body = {}): SampleObject => ({ kind: 'CsAllowedDomain', identity, body });
const block = (identity: string, body = {}): SampleObject => ({ kind: 'CsBlockedDomain', identity, body });
const hosting = (body = {}): SampleObject => ({
  kind: 'CsHostingProvider',
  identity: 'Cloud',
  body: { proxyFqdn: 'sipfed.cloud.example', enabled: true, ...body },
});
const publicProvider: SampleObject = {
  kind: 'CsPublicProvider',
  identity: 'Consumer',
  body: { proxyFqdn: 'gate.consumer.example', enabled: true },
};
const northwind: readonly SampleObject[] = [
  { kind: 'CsTenant', identity: 'northwind', owner: otherTenant, body: { displayName: 'Northwind' } },
  { kind: 'CsSipDomain', identity: 'northwind.test', owner: otherTenant, body: { verified: true } },
  { kind: 'CsSipDomain', identity: 'unproved.test', owner: otherTenant, body: { verified: false } },
];

const srv = (...records: (string | SrvRecord)[]): SrvAnswer => ({
  kind: 'found',
  records: records.map(r => (typeof r === 'string' ? { target: r, port: 5061, priority: 0, weight: 0 } : r)),
});
const record = (target: string, priority: number, weight = 0, port = 5061): SrvRecord => ({ target, port, priority, weight });
const own = srv('sip.fabrikam.test');
const nothing = (kind: 'nxdomain' | 'nodata' | 'servfail' | 'timeout'): SrvAnswer => ({ kind, detail: 'ENOTFOUND' });

function classify(objects: readonly SampleObject[], domain: string, answer: SrvAnswer): DomainClass {
  const configuration = sampleConfiguration(objects);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  return classifyWithSrv(configuration, tenant, domain as SipDomain, answer);
}

/** `KIND`, `KIND:code` for refusals, `KIND host:port …` for routable classes. */
function shown(c: DomainClass): string {
  if ('code' in c) return `${c.kind}:${c.code}`;
  return 'targets' in c ? `${c.kind} ${c.targets.map(t => `${t.host}:${t.port}`).join(' ')}` : c.kind;
}

const cases: readonly (readonly [
  name: string,
  objects: readonly SampleObject[],
  domain: string,
  answer: SrvAnswer,
  wanted: string,
])[] = [
  ['own domain', [], 'contoso.test', own, 'INTERNAL'],
  [
    'additional internal domain',
    [{ kind: 'CsAdditionalInternalDomain', identity: 'cloud.contoso.test' }],
    'cloud.contoso.test',
    own,
    'INTERNAL',
  ],
  ['own domain on the blocked list is still ours', [block('contoso.test')], 'contoso.test', own, 'INTERNAL'],
  ['blocked', [block('fabrikam.test')], 'fabrikam.test', own, 'BLOCKED:DOMAIN_BLOCKED'],
  ['blocked under discovery', [block('fabrikam.test'), discovery], 'fabrikam.test', own, 'BLOCKED:DOMAIN_BLOCKED'],
  ['blocked under default routing', [block('fabrikam.test'), defaultRoute()], 'fabrikam.test', own, 'BLOCKED:DOMAIN_BLOCKED'],
  [
    'block of a parent alone',
    [block('fabrikam.test'), discovery],
    'x.fabrikam.test',
    srv('sip.x.fabrikam.test'),
    'DISCOVERED sip.x.fabrikam.test:5061',
  ],
  [
    'block of a parent with sub-domains',
    [block('fabrikam.test', { includeSubdomains: true }), discovery],
    'a.x.fabrikam.test',
    own,
    'BLOCKED:DOMAIN_BLOCKED',
  ],
  [
    'allowed inside a blocked tree',
    [block('fabrikam.test', { includeSubdomains: true }), allow('x.fabrikam.test')],
    'x.fabrikam.test',
    srv('sip.x.fabrikam.test'),
    'ALLOWED_DOMAIN sip.x.fabrikam.test:5061',
  ],
  [
    'blocked inside an allowed tree',
    [allow('fabrikam.test', { includeSubdomains: true }), block('x.fabrikam.test')],
    'x.fabrikam.test',
    srv('sip.x.fabrikam.test'),
    'BLOCKED:DOMAIN_BLOCKED',
  ],
  [
    'a suffix is not a parent',
    [block('fabrikam.test', { includeSubdomains: true }), discovery],
    'notfabrikam.test',
    srv('sip.notfabrikam.test'),
    'DISCOVERED sip.notfabrikam.test:5061',
  ],
  [
    'allow of a parent with sub-domains',
    [allow('fabrikam.test', { includeSubdomains: true })],
    'x.fabrikam.test',
    srv('sip.x.fabrikam.test'),
    'ALLOWED_DOMAIN sip.x.fabrikam.test:5061',
  ],
  [
    'allow of a parent alone',
    [allow('fabrikam.test')],
    'x.fabrikam.test',
    srv('sip.x.fabrikam.test'),
    'NOT_ALLOWED:DOMAIN_NOT_ALLOWED',
  ],
  [
    'pinned parent with sub-domains',
    [allow('fabrikam.test', { includeSubdomains: true, proxyFqdn: 'edge.fabrikam.test' })],
    'x.fabrikam.test',
    nothing('timeout'),
    'ALLOWED_SERVER edge.fabrikam.test:5061',
  ],

  ['default route', [defaultRoute()], 'fabrikam.test', nothing('timeout'), 'DEFAULT_ROUTE hub.example:5061'],
  [
    'default route, tenant keeps to its list',
    [defaultRoute(), allowedListOnly],
    'fabrikam.test',
    own,
    'NOT_ALLOWED:DOMAIN_NOT_ALLOWED',
  ],
  [
    'default route, tenant keeps to its list, listed',
    [defaultRoute(), allowedListOnly, allow('fabrikam.test', { proxyFqdn: 'edge.fabrikam.test' })],
    'fabrikam.test',
    own,
    'DEFAULT_ROUTE hub.example:5061',
  ],
  ['default route not set', [defaultRoute({})], 'fabrikam.test', own, 'UNROUTABLE:DEFAULT_ROUTE_NOT_SET'],
  [
    'default route is our own edge',
    [defaultRoute({ defaultRouteFqdn: 'sip.contoso.test' })],
    'fabrikam.test',
    own,
    'UNROUTABLE:TARGET_IS_OWN_EDGE',
  ],

  [
    'pinned',
    [allow('fabrikam.test', { proxyFqdn: 'edge.elsewhere.example' })],
    'fabrikam.test',
    nothing('nxdomain'),
    'ALLOWED_SERVER edge.elsewhere.example:5061',
  ],
  [
    'pinned to an enabled provider',
    [allow('fabrikam.test', { proxyFqdn: 'sipfed.cloud.example' }), hosting()],
    'fabrikam.test',
    nothing('nxdomain'),
    'ALLOWED_SERVER sipfed.cloud.example:5061',
  ],
  [
    'pinned to a disabled provider',
    [allow('fabrikam.test', { proxyFqdn: 'sipfed.cloud.example' }), hosting({ enabled: false })],
    'fabrikam.test',
    own,
    'UNROUTABLE:PROVIDER_DISABLED',
  ],
  [
    'pinned to our own edge',
    [allow('fabrikam.test', { proxyFqdn: 'sip.contoso.test' })],
    'fabrikam.test',
    own,
    'UNROUTABLE:TARGET_IS_OWN_EDGE',
  ],

  ['no SRV, listed', [allow('fabrikam.test')], 'fabrikam.test', nothing('nxdomain'), 'UNROUTABLE:SRV_NOT_FOUND'],
  ['no SRV, discovery', [discovery], 'fabrikam.test', nothing('nodata'), 'UNROUTABLE:SRV_NOT_FOUND'],
  ['no SRV, neither', [], 'fabrikam.test', nothing('nodata'), 'NOT_ALLOWED:DOMAIN_NOT_ALLOWED'],
  ['DNS down, listed', [allow('fabrikam.test')], 'fabrikam.test', nothing('servfail'), 'TEMPORARY:DNS_UNAVAILABLE'],
  ['DNS down is no policy answer', [], 'fabrikam.test', nothing('timeout'), 'TEMPORARY:DNS_UNAVAILABLE'],
  ['DNS down does not unblock', [block('fabrikam.test')], 'fabrikam.test', nothing('servfail'), 'BLOCKED:DOMAIN_BLOCKED'],

  [
    'hosted, listed',
    [allow('fabrikam.test'), hosting()],
    'fabrikam.test',
    srv('sipfed.cloud.example'),
    'HOSTED sipfed.cloud.example:5061',
  ],
  ['hosted, discovery', [discovery, hosting()], 'fabrikam.test', srv('sipfed.cloud.example'), 'HOSTED sipfed.cloud.example:5061'],
  ['hosted, neither', [hosting()], 'fabrikam.test', srv('sipfed.cloud.example'), 'NOT_ALLOWED:HOSTED_DOMAIN_NOT_ALLOWED'],
  [
    'hosted, provider disabled',
    [allow('fabrikam.test'), hosting({ enabled: false })],
    'fabrikam.test',
    srv('sipfed.cloud.example'),
    'UNROUTABLE:PROVIDER_DISABLED',
  ],
  [
    'hosted, provider missing',
    [allow('fabrikam.test')],
    'fabrikam.test',
    srv('sipfed.cloud.example'),
    'UNROUTABLE:SRV_NAME_CONFLICT',
  ],
  [
    'public needs no entry',
    [publicProvider],
    'consumer.example',
    srv('gate.consumer.example'),
    'PUBLIC gate.consumer.example:5061',
  ],
  [
    'public disabled',
    [{ ...publicProvider, body: { proxyFqdn: 'gate.consumer.example' } }],
    'consumer.example',
    srv('gate.consumer.example'),
    'UNROUTABLE:PROVIDER_DISABLED',
  ],

  [
    'listed',
    [allow('fabrikam.test')],
    'fabrikam.test',
    srv(record('sip.fabrikam.test', 0, 0, 5999)),
    'ALLOWED_DOMAIN sip.fabrikam.test:5999',
  ],
  ['discovered', [discovery], 'fabrikam.test', own, 'DISCOVERED sip.fabrikam.test:5061'],
  ['discovery needs the tenant too', [discovery, allowedListOnly], 'fabrikam.test', own, 'NOT_ALLOWED:DOMAIN_NOT_ALLOWED'],
  ['tenant taking all known needs discovery too', [], 'fabrikam.test', own, 'NOT_ALLOWED:DOMAIN_NOT_ALLOWED'],
  [
    'strict name: deeper',
    [allow('fabrikam.test')],
    'fabrikam.test',
    srv('sip.deep.fabrikam.test'),
    'UNROUTABLE:SRV_NAME_CONFLICT',
  ],
  ['strict name: other', [discovery], 'fabrikam.test', srv('sip.evil.test'), 'UNROUTABLE:SRV_NAME_CONFLICT'],
  ['strict name: the domain itself', [discovery], 'fabrikam.test', srv('fabrikam.test'), 'UNROUTABLE:SRV_NAME_CONFLICT'],
  ['SRV to our own edge', [allow('fabrikam.test')], 'fabrikam.test', srv('sip.contoso.test'), 'UNROUTABLE:TARGET_IS_OWN_EDGE'],

  [
    'several: bad ones dropped before ordering',
    [allow('fabrikam.test')],
    'fabrikam.test',
    srv(record('sip.evil.test', 0), record('b.fabrikam.test', 9), record('a.fabrikam.test', 5)),
    'ALLOWED_DOMAIN a.fabrikam.test:5061 b.fabrikam.test:5061',
  ],
  [
    'several: heaviest of a priority first',
    [allow('fabrikam.test')],
    'fabrikam.test',
    srv(record('a.fabrikam.test', 1, 1), record('b.fabrikam.test', 1, 9)),
    'ALLOWED_DOMAIN b.fabrikam.test:5061 a.fabrikam.test:5061',
  ],
  [
    'several: all bad, the first in order is the reason',
    [allow('fabrikam.test'), hosting({ enabled: false })],
    'fabrikam.test',
    srv(record('sip.evil.test', 9), record('sipfed.cloud.example', 1)),
    'UNROUTABLE:PROVIDER_DISABLED',
  ],
  [
    'several: one way only',
    [allow('fabrikam.test'), hosting()],
    'fabrikam.test',
    srv(record('sip.fabrikam.test', 9), record('sipfed.cloud.example', 1)),
    'HOSTED sipfed.cloud.example:5061',
  ],

  ['other tenant, listed', [...northwind, allow('northwind.test')], 'northwind.test', nothing('timeout'), 'TENANT'],
  ['other tenant, discovery', [...northwind, discovery], 'northwind.test', nothing('timeout'), 'TENANT'],
  ['other tenant, neither', northwind, 'northwind.test', own, 'NOT_ALLOWED:DOMAIN_NOT_ALLOWED'],
  ['other tenant, blocked', [...northwind, discovery, block('northwind.test')], 'northwind.test', own, 'BLOCKED:DOMAIN_BLOCKED'],
  [
    'a domain not proved belongs to nobody',
    [...northwind, discovery],
    'unproved.test',
    srv('sip.unproved.test'),
    'DISCOVERED sip.unproved.test:5061',
  ],
];

for (const [name, objects, domain, answer, wanted] of cases) {
  test(`class of a domain: ${name}`, () => assert.equal(shown(classify(objects, domain, answer)), wanted));
}

test('only domains that configuration does not decide need their SRV record', () => {
  const configuration = sampleConfiguration([
    allow('pinned.test', { proxyFqdn: 'x.y.test' }),
    allow('plain.test'),
    block('bad.test'),
  ]);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const kinds = ['contoso.test', 'pinned.test', 'bad.test', 'plain.test', 'any.test'].map(
    domain => classifyWithoutDns(configuration, tenant, domain as SipDomain).kind,
  );
  assert.deepEqual(kinds, ['INTERNAL', 'ALLOWED_SERVER', 'BLOCKED', 'NEEDS_SRV', 'NEEDS_SRV']);
});

test('a hosted domain without an entry is discovered, and the lot decides the order among equals', () => {
  const c = classify([discovery, hosting()], 'fabrikam.test', srv('sipfed.cloud.example'));
  assert.ok(c.kind === 'HOSTED' && c.allowed === undefined);
  const configuration = sampleConfiguration([allow('fabrikam.test')]);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const answer = srv(record('a.fabrikam.test', 1, 50), record('b.fabrikam.test', 1, 50));
  const firsts = [0, 0.999].map(lot => {
    const drawn = classifyWithSrv(configuration, tenant, 'fabrikam.test' as SipDomain, answer, () => lot);
    return 'targets' in drawn ? drawn.targets[0]?.host : undefined;
  });
  assert.deepEqual(firsts, ['a.fabrikam.test', 'b.fabrikam.test']);
});

test('of many servers that a domain names a few are connected to, and each may speak for it', () => {
  const many = Array.from({ length: 30 }, (_, i) => record(`sip${i}.fabrikam.test`, i));
  const found = classify([discovery], 'fabrikam.test', srv(...many));
  assert.ok(found.kind === 'DISCOVERED');
  assert.deepEqual(
    found.targets.map(({ host }) => host),
    ['sip0.fabrikam.test', 'sip1.fabrikam.test', 'sip2.fabrikam.test', 'sip3.fabrikam.test'],
  );
  assert.equal(found.expected.length, 30);
});
