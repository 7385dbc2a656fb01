import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipDomain } from '../model/names.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import {
  otherTenant,
  type SampleObject,
  sampleConfiguration,
  sampleTenant,
  sampleUser,
} from '../testing/sample-configuration.ts';
import { classifyWithSrv } from './classify-domain.ts';
import type { FederatedRequest } from './method-permission.ts';
import { decideOutboundEdge, decideOutboundUser } from './outbound-decision.ts';
import { describeEntry } from './trace-steps.ts';

const policy = (body: object): SampleObject => ({ kind: 'CsExternalAccessPolicy', identity: 'global', body });
const consumer: SampleObject = {
  kind: 'CsPublicProvider',
  identity: 'Consumer',
  body: { proxyFqdn: 'gate.consumer.example', enabled: true },
};
const fabrikam: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test' };
const northwind: readonly SampleObject[] = [
  { kind: 'CsTenant', identity: 'northwind', owner: otherTenant, body: { displayName: 'Northwind' } },
  { kind: 'CsSipDomain', identity: 'northwind.test', owner: otherTenant, body: { verified: true } },
  { kind: 'CsAllowedDomain', identity: 'northwind.test' },
];
const noRoute: SampleObject = { kind: 'CsSite', identity: 'main', body: { federationRoute: null } };
const message: FederatedRequest = { method: 'MESSAGE', inDialog: false };
const call: FederatedRequest = { method: 'INVITE', inDialog: false, offersAudioVideo: true };

const cases: readonly (readonly [string, readonly SampleObject[], string, string, FederatedRequest, string | undefined])[] = [
  ['partner', [fabrikam], 'fabrikam.test', 'sip.fabrikam.test', message, undefined],
  ['own organisation is not decided here', [policy({ enableFederationAccess: false })], 'contoso.test', '', message, undefined],
  ['public, bit missing', [consumer], 'consumer.example', 'gate.consumer.example', message, 'NOT_AUTHORISED_PUBLIC'],
  [
    'public, bit set',
    [consumer, policy({ enableFederationAccess: false, enablePublicCloudAccess: true })],
    'consumer.example',
    'gate.consumer.example',
    message,
    undefined,
  ],
  [
    'public call, bit missing',
    [consumer, policy({ enablePublicCloudAccess: true })],
    'consumer.example',
    'gate.consumer.example',
    call,
    'PUBLIC_AUDIO_VIDEO_DENIED',
  ],
  [
    'public call, bit set',
    [consumer, policy({ enablePublicCloudAccess: true, enablePublicCloudAudioVideoAccess: true })],
    'consumer.example',
    'gate.consumer.example',
    call,
    undefined,
  ],
  [
    'only XMPP on',
    [fabrikam, policy({ enableFederationAccess: false, enableXmppAccess: true })],
    'fabrikam.test',
    'sip.fabrikam.test',
    message,
    'NOT_AUTHORISED_FEDERATION',
  ],
  [
    'policy before lists',
    [policy({ enableFederationAccess: false, enableXmppAccess: true })],
    'fabrikam.test',
    'sip.fabrikam.test',
    message,
    'NOT_AUTHORISED_FEDERATION',
  ],
  [
    'request type',
    [fabrikam],
    'fabrikam.test',
    'sip.fabrikam.test',
    { method: 'PUBLISH', inDialog: false },
    'REQUEST_TYPE_NOT_FEDERATED',
  ],
  ['no route', [fabrikam, noRoute], 'fabrikam.test', 'sip.fabrikam.test', message, 'NO_FEDERATION_ROUTE'],
  ['other tenant needs no route', [...northwind, noRoute], 'northwind.test', '', message, undefined],
  [
    'other tenant needs the policy',
    [...northwind, policy({ enableFederationAccess: false, enablePublicCloudAccess: true })],
    'northwind.test',
    '',
    message,
    'NOT_AUTHORISED_FEDERATION',
  ],
];

for (const [name, objects, domain, target, request, wanted] of cases) {
  test(`outbound user: ${name}`, () => {
    const configuration = sampleConfiguration(objects);
    const tenant = configuration.tenants.get(sampleTenant);
    assert.ok(tenant);
    const domainClass = classifyWithSrv(configuration, tenant, domain as SipDomain, {
      kind: 'found',
      records: [{ target, port: 5061, priority: 0, weight: 0 }],
    });
    const trace = new DecisionTrace();
    assert.equal(decideOutboundUser({ configuration, tenant, sender: sampleUser() }, domainClass, request, trace)?.code, wanted);
    assert.equal(trace.entries().at(-1)?.failure?.code, wanted);
  });
}

test('the granted policy decides, and the refusal names it', () => {
  const configuration = sampleConfiguration([fabrikam, { kind: 'CsExternalAccessPolicy', identity: 'tag:Closed' }]);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const sender = sampleUser({ policies: { CsExternalAccessPolicy: 'Closed' } });
  const domainClass = classifyWithSrv(configuration, tenant, 'fabrikam.test' as SipDomain, {
    kind: 'timeout',
    detail: 'ETIMEOUT',
  });
  const trace = new DecisionTrace();
  const refused = decideOutboundUser({ configuration, tenant, sender }, domainClass, message, trace);
  assert.equal(refused?.code, 'NOT_AUTHORISED_OUTSIDE');
  assert.match(refused?.text ?? '', /alice@contoso\.test is governed by the external access policy tag:Closed/);
  assert.deepEqual(trace.entries().map(describeEntry), [
    'Federation is on for the deployment and for the tenant contoso.',
    refused?.text,
  ]);
});

test('the Edge sends neither for strangers nor to our own domains', () => {
  const configuration = sampleConfiguration([fabrikam]);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const inside = { kind: 'INTERNAL', domain: 'contoso.test' as SipDomain } as const;
  const trace = () => new DecisionTrace();
  assert.equal(
    decideOutboundEdge(configuration, 'evil.test' as SipDomain, inside, message, trace())?.code,
    'SENDER_DOMAIN_UNKNOWN',
  );
  assert.equal(
    decideOutboundEdge(configuration, 'contoso.test' as SipDomain, inside, message, trace())?.code,
    'INTERNAL_DOMAIN_AT_EDGE',
  );
});
