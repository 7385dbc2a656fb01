import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Aor, domainOfAor } from '../model/names.ts';
import { otherTenant, type SampleObject, sampleConfiguration, sampleUser } from '../testing/sample-configuration.ts';
import { type SampleWorld, sampleFacts } from '../testing/sample-readiness.ts';
import { explain } from './explain.ts';
import type { ExplainedDirection } from './explanation.ts';
import type { ProbeAnswer, ProbedSrv, ProbeJob } from './probe-job.ts';

const alice = 'alice@contoso.test' as Aor;
const bob = 'bob@fabrikam.test' as Aor;
const allowed: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test' };
const found = (target: string): ProbedSrv => ({ kind: 'found', records: [{ target, port: 5061, priority: 0, weight: 0 }] });

const sees =
  (srv: ProbedSrv, names: readonly string[] = ['sip.fabrikam.test']) =>
  (job: ProbeJob): ProbeAnswer | undefined => {
    if (job.kind === 'federation-srv') return { kind: job.kind, srv };
    if (job.kind !== 'peer-certificate') return undefined;
    return { kind: job.kind, outcome: 'verified', names: [...names] };
  };

async function explained(
  objects: readonly SampleObject[],
  world: Omit<SampleWorld, 'configuration'> = {},
  pair: readonly [Aor, Aor] = [alice, bob],
): Promise<readonly [ExplainedDirection, ExplainedDirection]> {
  const facts = sampleFacts({ probe: sees(found('sip.fabrikam.test')), ...world, configuration: sampleConfiguration(objects) });
  const [there, back] = (await explain(...pair, facts)).directions;
  assert.ok(there && back);
  return [there, back];
}

const lines = (direction: ExplainedDirection) => direction.steps.map(s => `${s.status} ${s.where}: ${s.text}`);

test('an allowed partner, both ways, step by step', async () => {
  const [there, back] = await explained([allowed]);
  assert.equal(there.direction, 'outbound');
  assert.deepEqual(lines(there), [
    'pass front end: alice@contoso.test is an enabled user, governed by the external access policy global.',
    'pass front end: Federation is on for the deployment and for the tenant contoso.',
    'pass front end: The external access policy global allows people outside.',
    'pass front end: The policy global allows the network of this partner.',
    'pass front end: fabrikam.test is on the allowed list; its SRV record leads to sip.fabrikam.test:5061.',
    'pass front end: MESSAGE may cross between organisations.',
    'pass front end: Requests leave through the Edge pool edge.contoso.test.',
    'pass front end: Federation is on at the Edge pool edge.contoso.test.',
    'pass edge: contoso.test is a domain of this deployment.',
    'pass edge: Federation is on for the deployment and for the tenant contoso.',
    'pass edge: fabrikam.test is on the allowed list; its SRV record leads to sip.fabrikam.test:5061.',
    'pass edge: MESSAGE may cross between organisations.',
    'pass edge: Our Edge reaches sip.fabrikam.test:5061; its certificate holds sip.fabrikam.test.',
    'note partner: Whether fabrikam.test lets bob@fabrikam.test receive from alice@contoso.test is not visible from here; only its own admin can see that.',
  ]);
  assert.equal(back.direction, 'inbound');
  assert.deepEqual(lines(back), [
    'note partner: Whether fabrikam.test lets bob@fabrikam.test send to alice@contoso.test is not visible from here; only its own admin can see that.',
    'pass edge: contoso.test is a domain of this deployment: the request ends here.',
    'pass edge: The sender is asserted to be in fabrikam.test.',
    'pass edge: Federation is on for the deployment and for the tenant contoso.',
    'pass edge: fabrikam.test is on the allowed list; its SRV record leads to sip.fabrikam.test:5061.',
    'pass edge: The certificate of the peer holds the expected name sip.fabrikam.test.',
    'pass edge: MESSAGE may cross between organisations.',
    'pass front end: alice@contoso.test is an enabled user.',
    'pass front end: alice@contoso.test is homed here, on fe.contoso.test.',
    'pass front end: The external access policy global allows people outside.',
    'pass front end: The policy global allows the network of this partner.',
    'pass front end: alice@contoso.test has not blocked the sender.',
    'pass front end: The sender is verified by its organisation.',
    'note front end: fabrikam.test has to mark its senders as verified: unmarked ones do not get through.',
  ]);
  assert.ok(there.allowed && back.allowed);
});

const closed: SampleObject = { kind: 'CsExternalAccessPolicy', identity: 'tag:Closed' };
const switchOff: SampleObject = { kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { allowFederatedUsers: false } };
const edgeClosed: SampleObject = { kind: 'CsEdgeServer', identity: 'edge.contoso.test', body: { federationEnabled: false } };
const revoked = [sampleUser({ policies: { CsExternalAccessPolicy: 'Closed' } })];

/** Where each direction ends: code, answer to the sender's side, and the fix. */
const refusals: readonly (readonly [
  string,
  readonly SampleObject[],
  Omit<SampleWorld, 'configuration'>,
  there: readonly [string | undefined, string | undefined],
  back: readonly [string | undefined, string | undefined],
  fix: RegExp,
])[] = [
  [
    'blocked',
    [{ kind: 'CsBlockedDomain', identity: 'fabrikam.test' }],
    {},
    ['DOMAIN_BLOCKED', '403, ms-diagnostics 1005'],
    ['DOMAIN_BLOCKED', '504'],
    /parley domain remove fabrikam\.test/,
  ],
  [
    'not allowed',
    [],
    {},
    ['DOMAIN_NOT_ALLOWED', '504, ms-diagnostics 1005'],
    ['DOMAIN_NOT_ALLOWED', '504'],
    /parley domain allow fabrikam\.test/,
  ],
  [
    'policy revoked',
    [allowed, closed],
    { users: revoked },
    ['NOT_AUTHORISED_OUTSIDE', '403, ms-diagnostics 1012'],
    ['NOT_AUTHORISED_OUTSIDE', '404'],
    /parley policy grant NAME alice@contoso\.test/,
  ],
  [
    'switch off',
    [allowed, switchOff],
    {},
    ['FEDERATION_SWITCHED_OFF', '403, ms-diagnostics 1012'],
    ['FEDERATION_SWITCHED_OFF', '504'],
    /parley access-edge set/,
  ],
  [
    'Edge pool without federation',
    [allowed, edgeClosed],
    {},
    ['EDGE_FEDERATION_SWITCHED_OFF', '504, ms-diagnostics 1005'],
    ['FEDERATION_EDGE_MISSING', undefined],
    /parley Set-CsEdgeServer -Identity \S+ -FederationEnabled true/,
  ],
  [
    'SRV missing',
    [allowed],
    { probe: sees({ kind: 'nxdomain', detail: 'E' }) },
    ['SRV_NOT_FOUND', '504, ms-diagnostics 1008'],
    ['SRV_NOT_FOUND', '504'],
    /--proxy /,
  ],
  [
    'provider missing',
    [allowed],
    { probe: sees(found('sipfed.cloud.example')) },
    ['SRV_NAME_CONFLICT', '504, ms-diagnostics 1009'],
    ['SRV_NAME_CONFLICT', '504'],
    /parley provider add NAME sipfed\.cloud\.example/,
  ],
  [
    'DNS down',
    [allowed],
    { probe: sees({ kind: 'servfail', detail: 'E' }) },
    ['DNS_UNAVAILABLE', '504, ms-diagnostics 1007'],
    ['DNS_UNAVAILABLE', '504'],
    /name servers/,
  ],
  [
    'user suspended',
    [allowed],
    { users: [sampleUser({ enabled: false })] },
    ['USER_SUSPENDED', '403, ms-diagnostics 4141'],
    ['RECIPIENT_SUSPENDED', '404'],
    /parley user resume/,
  ],
  [
    'user unknown',
    [allowed],
    { users: [] },
    ['USER_UNKNOWN', '404, ms-diagnostics 4005'],
    ['USER_UNKNOWN', '404'],
    /parley user enable/,
  ],
];

for (const [name, objects, world, wantedThere, wantedBack, fix] of refusals) {
  test(`explained refusal: ${name}`, async () => {
    const [there, back] = await explained(objects, world);
    for (const [direction, [code, answer]] of [
      [there, wantedThere],
      [back, wantedBack],
    ] as const) {
      const last = direction.steps.at(-1);
      assert.doesNotMatch(`${last?.text}${last?.fix}`, /[{}]/);
      assert.deepEqual([direction.verdict, last?.status, last?.code, direction.answer], ['refused', 'refuse', code, answer]);
    }
    assert.match(there.steps.at(-1)?.fix ?? '', fix);
  });
}

test('what cannot be looked at is unknown, and never allowed', async () => {
  const [there, back] = await explained([allowed], { probe: null });
  assert.deepEqual([there.verdict, back.verdict], ['unknown', 'unknown']);
  assert.equal(there.allowed || back.allowed, false);
  const [away] = await explained([allowed], { users: null });
  assert.equal(away.verdict, 'unknown');
});

test('a peer without the expected name is refused on the way in', async () => {
  const [, back] = await explained([allowed], { probe: sees(found('sip.fabrikam.test'), ['sip.evil.test']) });
  assert.equal(back.steps.at(-1)?.code, 'PEER_CERTIFICATE_MISMATCH');
});

test('a user who blocked the sender', async () => {
  const adam = 'adam@contoso.test' as Aor;
  const users = [sampleUser({ blockedSenders: [adam, domainOfAor(bob)] }), sampleUser({ aor: adam })];
  const [there, back] = await explained([allowed], { users });
  assert.ok(there.allowed);
  assert.deepEqual([back.steps.at(-1)?.code, back.answer], ['SENDER_BLOCKED_BY_USER', '480']);
  assert.equal(
    back.steps.at(-1)?.text,
    'alice@contoso.test has blocked bob@fabrikam.test by the entry fabrikam.test of their own block list, and looks offline from there.',
  );
  const [toColleague, fromColleague] = await explained([], { users }, [alice, adam]);
  assert.ok(toColleague.allowed);
  assert.deepEqual(
    [fromColleague.steps.at(-1)?.step, fromColleague.steps.at(-1)?.code, fromColleague.answer],
    ['block list of the recipient', 'SENDER_BLOCKED_BY_USER', '480'],
  );
});

test('colleagues, strangers, and two tenants of one deployment', async () => {
  const adam = sampleUser({ aor: 'adam@contoso.test' as Aor });
  const [local] = await explained([], { users: [sampleUser(), adam] }, [alice, adam.aor]);
  assert.deepEqual([local.direction, local.allowed], ['local', true]);
  const [gone] = await explained([], {}, [alice, 'nobody@contoso.test' as Aor]);
  assert.equal(gone.steps.at(-1)?.code, 'USER_UNKNOWN');
  const [foreign] = await explained([], {}, [bob, 'eve@adatum.test' as Aor]);
  assert.deepEqual([foreign.direction, foreign.steps.at(-1)?.code], ['foreign', 'NO_TRANSIT']);

  const nora = sampleUser({ aor: 'nora@northwind.test' as Aor, tenant: otherTenant });
  const northwind: readonly SampleObject[] = [
    { kind: 'CsTenant', identity: 'northwind', owner: otherTenant, body: { displayName: 'Northwind' } },
    { kind: 'CsSipDomain', identity: 'northwind.test', owner: otherTenant, body: { verified: true } },
    { kind: 'CsTenantFederationConfiguration', identity: 'global', owner: otherTenant, body: { allowFederatedUsers: true } },
    { kind: 'CsExternalAccessPolicy', identity: 'global', owner: otherTenant, body: { enableFederationAccess: true } },
    { kind: 'CsAllowedDomain', identity: 'northwind.test' },
  ];
  const users = [sampleUser(), nora];
  const [oneSided, back] = await explained(northwind, { users, probe: null }, [alice, nora.aor]);
  assert.deepEqual(
    [oneSided.direction, oneSided.steps.at(-1)?.code, oneSided.answer],
    ['between tenants', 'DOMAIN_NOT_ALLOWED', '504'],
  );
  assert.deepEqual([back.steps.at(-1)?.code, back.answer], ['DOMAIN_NOT_ALLOWED', '504, ms-diagnostics 1005']);
  const both = [...northwind, { kind: 'CsAllowedDomain', identity: 'contoso.test', owner: otherTenant } as const];
  const [there, again] = await explained(both, { users, probe: null }, [alice, nora.aor]);
  assert.ok(there.allowed && again.allowed);
});
