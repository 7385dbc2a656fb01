import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../base/failure.ts';
import type { Aor, SipDomain } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import { type SampleObject, sampleConfiguration, sampleTenant, sampleUser } from '../testing/sample-configuration.ts';
import { classifyWithSrv } from './classify-domain.ts';
import { isDiscovered } from './domain-class.ts';
import { decideInboundPeer, decideInboundSource, decideInboundUser, type InboundRequest } from './inbound-decision.ts';
import { decideOutboundEdge, decideOutboundUser } from './outbound-decision.ts';
import { type OutsidePeer, refuseInside, refuseOutside } from './refusal.ts';
import { describeEntry } from './trace-steps.ts';

/** The rows of the outcome matrix (specification 3.7): what is configured and in DNS, and the outcome with discovery off and on. */
interface Row {
  readonly name: string;
  readonly objects: readonly SampleObject[];
  readonly target: string | undefined;
  readonly off: string;
  readonly on: string;
}

const fabrikam = (body = {}): SampleObject => ({ kind: 'CsAllowedDomain', identity: 'fabrikam.test', body });
const cloud: SampleObject = {
  kind: 'CsHostingProvider',
  identity: 'Cloud',
  body: { proxyFqdn: 'sipfed.cloud.example', enabled: true },
};

const rows: readonly Row[] = [
  { name: 'absent, own SRV', objects: [], target: 'sip.fabrikam.test', off: '504 1005', on: 'DISCOVERED limited' },
  {
    name: 'absent, hosted by an enabled provider',
    objects: [cloud],
    target: 'sipfed.cloud.example',
    off: '504 1028',
    on: 'HOSTED limited',
  },
  { name: 'absent, hosted by an unknown provider', objects: [], target: 'sipfed.cloud.example', off: '504 1009', on: '504 1009' },
  { name: 'allowed, own SRV', objects: [fabrikam()], target: 'sip.fabrikam.test', off: 'ALLOWED_DOMAIN', on: 'ALLOWED_DOMAIN' },
  { name: 'allowed, no SRV', objects: [fabrikam()], target: undefined, off: '504 1008', on: '504 1008' },
  {
    name: 'allowed, pinned',
    objects: [fabrikam({ proxyFqdn: 'pin.test' })],
    target: undefined,
    off: 'ALLOWED_SERVER',
    on: 'ALLOWED_SERVER',
  },
  {
    name: 'allowed, hosted by an enabled provider',
    objects: [fabrikam(), cloud],
    target: 'sipfed.cloud.example',
    off: 'HOSTED',
    on: 'HOSTED',
  },
  {
    name: 'blocked',
    objects: [{ kind: 'CsBlockedDomain', identity: 'fabrikam.test' }],
    target: 'sip.fabrikam.test',
    off: '403 1005',
    on: '403 1005',
  },
];

/** Variants of the layers above the lists; `instead` replaces every outcome. */
const variants: readonly {
  readonly name: string;
  readonly objects: readonly SampleObject[];
  readonly recipient?: Partial<User>;
  readonly outbound?: string;
  readonly inbound?: string;
}[] = [
  { name: 'everything on', objects: [] },
  {
    name: 'deployment switch off',
    objects: [{ kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { allowFederatedUsers: false } }],
    outbound: '403 1012',
    inbound: '504',
  },
  {
    name: 'tenant switch off',
    objects: [{ kind: 'CsTenantFederationConfiguration', identity: 'global', body: { allowFederatedUsers: false } }],
    outbound: '403 1012',
    inbound: '504',
  },
  {
    name: 'every policy bit off',
    objects: [{ kind: 'CsExternalAccessPolicy', identity: 'global', body: { enableFederationAccess: false } }],
    outbound: '403 1012',
    inbound: '404',
  },
  {
    name: "sender on the recipient's block list",
    objects: [],
    recipient: { blockedSenders: ['bob@fabrikam.test' as Aor] },
    inbound: '480',
  },
  {
    name: "sender's domain on the recipient's block list",
    objects: [],
    recipient: { blockedSenders: ['fabrikam.test' as SipDomain] },
    inbound: '480',
  },
  {
    name: 'only the public bit on',
    objects: [
      {
        kind: 'CsExternalAccessPolicy',
        identity: 'global',
        body: { enableFederationAccess: false, enablePublicCloudAccess: true },
      },
    ],
    outbound: '403 1002',
    inbound: '404',
  },
];

const request = { method: 'MESSAGE', inDialog: false } as const;

function setUp(row: Row, variant: (typeof variants)[number], discovery: boolean) {
  const configuration = sampleConfiguration([
    ...row.objects,
    ...variant.objects,
    {
      kind: 'CsAccessEdgeConfiguration',
      identity: 'global',
      body: {
        allowFederatedUsers: true,
        ...variant.objects.find(o => o.kind === 'CsAccessEdgeConfiguration')?.body,
        enablePartnerDiscovery: discovery,
      },
    },
  ]);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const srv: SrvAnswer = row.target
    ? { kind: 'found', records: [{ target: row.target, port: 5061, priority: 0, weight: 0 }] }
    : { kind: 'nxdomain', detail: 'ENOTFOUND' };
  const domainClass = classifyWithSrv(configuration, tenant, 'fabrikam.test' as SipDomain, srv);
  const reached = `${domainClass.kind}${isDiscovered(domainClass) ? ' limited' : ''}`;
  return { configuration, tenant, domainClass, reached };
}

function answerInside(refused: Failure): string {
  assert.doesNotMatch(refused.text + refused.fix, /[{}]/);
  const refusal = refuseInside(refused);
  return `${refusal.status} ${refusal.diagnostics?.id}`;
}

function answerOutside(refused: Failure, peer: OutsidePeer): string {
  const refusal = refuseOutside(refused, peer);
  assert.equal(refusal.diagnostics, undefined);
  return refusal.publicDiagnostics ? `${refusal.status} ${refusal.publicDiagnostics.id}` : `${refusal.status}`;
}

for (const row of rows) {
  for (const variant of variants) {
    for (const discovery of [false, true]) {
      const name = `${row.name}; discovery ${discovery ? 'on' : 'off'}; ${variant.name}`;
      const cell = discovery ? row.on : row.off;
      test(`outbound: ${name}`, () => {
        const { configuration, tenant, domainClass, reached } = setUp(row, variant, discovery);
        const trace = new DecisionTrace();
        const refused = decideOutboundUser({ configuration, tenant, sender: sampleUser() }, domainClass, request, trace);
        assert.equal(refused ? answerInside(refused) : reached, variant.outbound ?? cell);
        assert.equal(trace.failure, refused);
        assert.ok(trace.entries().every(entry => describeEntry(entry).endsWith('.')));
        // The Edge decides alike, except for what only the Front End knows: the user's policy.
        const atEdge = decideOutboundEdge(configuration, 'contoso.test' as SipDomain, domainClass, request, new DecisionTrace());
        const switchedOff = variant.name.endsWith('switch off');
        assert.equal(atEdge ? answerInside(atEdge) : reached, switchedOff ? '403 1012' : cell);
      });
      test(`inbound: ${name}`, () => {
        const { configuration, domainClass, reached } = setUp(row, variant, discovery);
        const inbound: InboundRequest = {
          ...request,
          targetDomain: 'contoso.test' as SipDomain,
          fromDomain: 'fabrikam.test' as SipDomain,
          splitIntra: false,
          peerNames: [row.target ?? 'pin.test'],
        };
        const refused =
          decideInboundSource(configuration, inbound, new DecisionTrace()) ??
          decideInboundPeer(configuration, inbound, domainClass, new DecisionTrace()) ??
          decideInboundUser(
            configuration,
            {
              recipient: 'alice@contoso.test',
              user: sampleUser(variant.recipient),
              sender: 'bob@fabrikam.test' as Aor,
              senderDomain: 'fabrikam.test',
              network: 'federation',
              verification: 'verified',
              isKnownSender: false,
              blockList: 'outside dialogs',
            },
            new DecisionTrace(),
          );
        const cellRefuses = /^\d/.test(cell);
        // A refusal by the lists comes before the user's policy and block list; either way a stranger gets a bare status.
        const wanted =
          /^4[08]/.test(variant.inbound ?? '') && cellRefuses ? '504' : (variant.inbound ?? (cellRefuses ? '504' : cell));
        assert.equal(refused ? answerOutside(refused, 'stranger') : reached, wanted);
      });
    }
  }
}
