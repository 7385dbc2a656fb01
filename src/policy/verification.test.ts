import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipDomain } from '../model/names.ts';
import { type SampleObject, sampleConfiguration, sampleTenant } from '../testing/sample-configuration.ts';
import { classifyWithSrv } from './classify-domain.ts';
import { sourceTypeOf, verificationOf } from './verification.ts';

const levels = ['AlwaysVerifiable', 'AlwaysUnverifiable', 'UseSourceVerification'] as const;
const edge = (body: object): SampleObject => ({ kind: 'CsAccessEdgeConfiguration', identity: 'global', body });

/** How each class gets its level: the objects that make the class with that level, and the SRV target of fabrikam.test. */
const classes: Readonly<
  Record<string, readonly [(level: string) => readonly SampleObject[], target: string, sourceType: string]>
> = {
  ALLOWED_SERVER: [
    verificationLevel => [
      { kind: 'CsAllowedDomain', identity: 'fabrikam.test', body: { proxyFqdn: 'pin.test', verificationLevel } },
    ],
    'sip.fabrikam.test',
    'DirectPartner',
  ],
  ALLOWED_DOMAIN: [
    verificationLevel => [{ kind: 'CsAllowedDomain', identity: 'fabrikam.test', body: { verificationLevel } }],
    'sip.fabrikam.test',
    'AutoFederation',
  ],
  DISCOVERED: [
    level => [edge({ enablePartnerDiscovery: true, discoveredPartnerVerificationLevel: level })],
    'sip.fabrikam.test',
    'AutoFederation',
  ],
  HOSTED: [
    verificationLevel => [
      { kind: 'CsHostingProvider', identity: 'P', body: { proxyFqdn: 'p.test', enabled: true, verificationLevel } },
      { kind: 'CsAllowedDomain', identity: 'fabrikam.test', body: { verificationLevel: 'UseSourceVerification' } },
    ],
    'p.test',
    'AuthorizedServer',
  ],
  PUBLIC: [
    verificationLevel => [
      { kind: 'CsPublicProvider', identity: 'P', body: { proxyFqdn: 'p.test', enabled: true, verificationLevel } },
    ],
    'p.test',
    'AuthorizedServer',
  ],
  DEFAULT_ROUTE: [
    verificationLevel => [edge({ routingMethod: 'UseDefaultRouting', defaultRouteFqdn: 'hub.test', verificationLevel })],
    'sip.fabrikam.test',
    'DirectPartner',
  ],
};

function classified(objects: readonly SampleObject[], target: string) {
  const configuration = sampleConfiguration(objects);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const domainClass = classifyWithSrv(configuration, tenant, 'fabrikam.test' as SipDomain, {
    kind: 'found',
    records: [{ target, port: 5061, priority: 0, weight: 0 }],
  });
  return { configuration, tenant, domainClass };
}

for (const [kind, [objects, target, sourceType]] of Object.entries(classes)) {
  for (const level of levels) {
    test(`verification of ${kind} with ${level}`, () => {
      const { configuration, tenant, domainClass } = classified(objects(level), target);
      assert.equal(domainClass.kind, kind);
      assert.equal(sourceTypeOf(domainClass), sourceType);
      const verdicts = (['verified', 'unverified', undefined] as const).map(statement =>
        verificationOf(configuration, tenant, domainClass, statement),
      );
      const wanted = {
        AlwaysVerifiable: ['verified', 'verified', 'verified'],
        AlwaysUnverifiable: ['unverified', 'unverified', 'unverified'],
        UseSourceVerification: ['verified', 'unverified', 'unverified'],
      }[level];
      assert.deepEqual(verdicts, wanted);
    });
  }
}

test('a tenant may distrust every discovered partner, and only those', () => {
  const distrust: SampleObject = {
    kind: 'CsTenantFederationConfiguration',
    identity: 'global',
    body: { treatDiscoveredPartnersAsUnverified: true },
  };
  const discovered = classified(
    [distrust, edge({ enablePartnerDiscovery: true, discoveredPartnerVerificationLevel: 'AlwaysVerifiable' })],
    'sip.fabrikam.test',
  );
  assert.equal(verificationOf(discovered.configuration, discovered.tenant, discovered.domainClass, 'verified'), 'unverified');
  const listed = classified([distrust, { kind: 'CsAllowedDomain', identity: 'fabrikam.test' }], 'sip.fabrikam.test');
  assert.equal(verificationOf(listed.configuration, listed.tenant, listed.domainClass, 'verified'), 'verified');
});
