import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor, Fqdn, SipDomain } from '../model/names.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import {
  otherTenant,
  type SampleObject,
  sampleConfiguration,
  sampleTenant,
  sampleUser,
} from '../testing/sample-configuration.ts';
import { classifyWithSrv } from './classify-domain.ts';
import {
  decideInboundPeer,
  decideInboundSource,
  decideInboundTenant,
  decideInboundUser,
  type InboundDelivery,
  type InboundRequest,
} from './inbound-decision.ts';

const fabrikam: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test' };
const shared = (body = {}): SampleObject => ({
  kind: 'CsHostingProvider',
  identity: 'Cloud',
  body: { proxyFqdn: 'sipfed.cloud.example', enabled: true, enabledSharedAddressSpace: true, hostsOcsUsers: true, ...body },
});
const northwind: readonly SampleObject[] = [
  { kind: 'CsTenant', identity: 'northwind', owner: otherTenant, body: { displayName: 'Northwind' } },
  { kind: 'CsSipDomain', identity: 'northwind.test', owner: otherTenant, body: { verified: true } },
];
const srv: SrvAnswer = { kind: 'found', records: [{ target: 'sip.fabrikam.test', port: 5061, priority: 0, weight: 0 }] };

const edgeCases: readonly (readonly [
  string,
  readonly SampleObject[],
  Partial<Record<keyof InboundRequest, unknown>>,
  string | undefined,
])[] = [
  ['allowed partner', [], {}, undefined],
  ['target elsewhere', [], { targetDomain: 'adatum.test' }, 'NO_TRANSIT'],
  ['asserted identity agrees', [], { assertedDomain: 'fabrikam.test' }, undefined],
  ['asserted identity differs', [], { assertedDomain: 'adatum.test' }, 'ASSERTED_DOMAIN_CONFLICT'],
  ['asserted identity is ours', [], { assertedDomain: 'contoso.test' }, 'ASSERTED_DOMAIN_CONFLICT'],
  ['From is ours', [], { fromDomain: 'contoso.test' }, 'ASSERTED_INTERNAL_DOMAIN'],
  ['From is ours, SplitIntra by anybody', [], { fromDomain: 'contoso.test', splitIntra: true }, 'ASSERTED_INTERNAL_DOMAIN'],
  ['From is another tenant', northwind, { fromDomain: 'northwind.test' }, 'ASSERTED_INTERNAL_DOMAIN'],
  [
    'From is ours, by the shared provider',
    [shared()],
    { fromDomain: 'contoso.test', splitIntra: true, peerNames: ['sipfed.cloud.example'] },
    undefined,
  ],
  [
    'shared provider without the mark',
    [shared()],
    { fromDomain: 'contoso.test', peerNames: ['sipfed.cloud.example'] },
    'ASSERTED_INTERNAL_DOMAIN',
  ],
  [
    'shared provider disabled',
    [shared({ enabled: false })],
    { fromDomain: 'contoso.test', splitIntra: true, peerNames: ['sipfed.cloud.example'] },
    'ASSERTED_INTERNAL_DOMAIN',
  ],
  [
    'provider without shared address space',
    [shared({ enabledSharedAddressSpace: false })],
    { fromDomain: 'contoso.test', splitIntra: true, peerNames: ['sipfed.cloud.example'] },
    'ASSERTED_INTERNAL_DOMAIN',
  ],
  ['shared provider vouches for third parties', [shared()], { splitIntra: true, peerNames: ['sipfed.cloud.example'] }, undefined],
  [
    'shared provider under a closed switch',
    [shared(), { kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { allowFederatedUsers: false } }],
    { splitIntra: true, peerNames: ['sipfed.cloud.example'] },
    'FEDERATION_SWITCHED_OFF',
  ],
  ['SplitIntra by a partner means nothing', [], { splitIntra: true }, undefined],
  ['wrong certificate', [], { peerNames: ['sip.evil.test'] }, 'PEER_CERTIFICATE_MISMATCH'],
  ['certificate of the domain itself', [], { peerNames: ['fabrikam.test'] }, 'PEER_CERTIFICATE_MISMATCH'],
  ['wildcards do not count', [], { peerNames: ['*.fabrikam.test'] }, 'PEER_CERTIFICATE_MISMATCH'],
  ['no names', [], { peerNames: [] }, 'PEER_CERTIFICATE_MISMATCH'],
  ['one name of several', [], { peerNames: ['www.fabrikam.test', 'sip.fabrikam.test'] }, undefined],
  ['request type', [], { method: 'REGISTER' }, 'REQUEST_TYPE_NOT_FEDERATED'],
  [
    'in a dialog nothing is skipped',
    [],
    { inDialog: true, method: 'BYE', peerNames: ['sip.evil.test'] },
    'PEER_CERTIFICATE_MISMATCH',
  ],
];

for (const [name, objects, overrides, wanted] of edgeCases) {
  test(`inbound at the Edge: ${name}`, () => {
    const configuration = sampleConfiguration([fabrikam, ...objects]);
    const tenant = configuration.tenants.get(sampleTenant);
    assert.ok(tenant);
    const request = {
      method: 'MESSAGE',
      inDialog: false,
      targetDomain: 'contoso.test',
      fromDomain: 'fabrikam.test',
      splitIntra: false,
      peerNames: ['sip.fabrikam.test'],
      ...overrides,
    } as InboundRequest;
    const domainClass = classifyWithSrv(configuration, tenant, request.fromDomain, srv);
    const trace = new DecisionTrace();
    const refused =
      decideInboundSource(configuration, request, trace) ?? decideInboundPeer(configuration, request, domainClass, trace);
    assert.equal(refused?.code, wanted);
    assert.doesNotMatch(`${refused?.text}${refused?.fix}`, /[{}]/);
    assert.equal(trace.entries().at(-1)?.failure?.code, wanted);
  });
}

const closed: SampleObject = { kind: 'CsExternalAccessPolicy', identity: 'global', body: { enableFederationAccess: false } };
const alice = sampleUser();
const bob = 'bob@fabrikam.test' as Aor;

const userCases: readonly (readonly [string, readonly SampleObject[], Partial<InboundDelivery>, string | undefined])[] = [
  ['delivered', [], {}, undefined],
  ['unknown', [], { user: undefined }, 'USER_UNKNOWN'],
  ['suspended', [], { user: { ...alice, enabled: false } }, 'RECIPIENT_SUSPENDED'],
  ['policy closed', [closed], {}, 'NOT_AUTHORISED_OUTSIDE'],
  [
    'homed elsewhere: the provider decides',
    [closed],
    { user: { ...alice, hostingProviderProxyFqdn: 'sipfed.cloud.example' as Fqdn } },
    undefined,
  ],
  ['public network', [], { network: 'publiccloud' }, 'NOT_AUTHORISED_PUBLIC'],
  ['blocked by the user', [], { user: { ...alice, blockedSenders: [bob] }, isKnownSender: true }, 'SENDER_BLOCKED_BY_USER'],
  [
    'blocked, inside a dialog',
    [],
    { user: { ...alice, blockedSenders: [bob] }, blockList: 'inside a dialog' },
    'DIALOG_BLOCKED_BY_USER',
  ],
  ['blocked, but asked for', [], { user: { ...alice, blockedSenders: [bob] }, blockList: 'nowhere' }, undefined],
  ['the policy comes before the block list', [closed], { user: { ...alice, blockedSenders: [bob] } }, 'NOT_AUTHORISED_OUTSIDE'],
  [
    'blocked under another asserted address',
    [],
    { user: { ...alice, blockedSenders: [bob] }, sender: 'robert@fabrikam.test' as Aor, assertedSenders: [bob] },
    'SENDER_BLOCKED_BY_USER',
  ],
  ['unverified stranger', [], { verification: 'unverified' }, 'SENDER_UNVERIFIED'],
  ['unverified contact', [], { verification: 'unverified', isKnownSender: true }, undefined],
];

for (const [name, objects, overrides, wanted] of userCases) {
  test(`inbound user: ${name}`, () => {
    const delivery: InboundDelivery = {
      recipient: 'alice@contoso.test',
      user: alice,
      sender: bob,
      senderDomain: 'fabrikam.test',
      network: 'federation',
      verification: 'verified',
      isKnownSender: false,
      blockList: 'outside dialogs',
      ...overrides,
    };
    assert.equal(decideInboundUser(sampleConfiguration(objects), delivery, new DecisionTrace())?.code, wanted);
  });
}

test('between tenants the recipient tenant decides by its own switch and lists', () => {
  const decide = (objects: readonly SampleObject[]) => {
    const configuration = sampleConfiguration([...northwind, ...objects]);
    const tenant = configuration.tenants.get(sampleTenant);
    assert.ok(tenant);
    const domainClass = classifyWithSrv(configuration, tenant, 'northwind.test' as SipDomain, srv);
    return decideInboundTenant(configuration, tenant, domainClass, { method: 'MESSAGE', inDialog: false }, new DecisionTrace())
      ?.code;
  };
  assert.equal(decide([]), 'DOMAIN_NOT_ALLOWED');
  assert.equal(decide([{ kind: 'CsAllowedDomain', identity: 'northwind.test' }]), undefined);
  assert.equal(decide([{ kind: 'CsBlockedDomain', identity: 'northwind.test' }]), 'DOMAIN_BLOCKED');
  assert.equal(
    decide([{ kind: 'CsTenantFederationConfiguration', identity: 'global', body: { allowFederatedUsers: false } }]),
    'TENANT_FEDERATION_SWITCHED_OFF',
  );
});
