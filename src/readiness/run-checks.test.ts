import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor, Fqdn, SipDomain } from '../model/names.ts';
import { type SampleObject, sampleConfiguration, sampleTenant, sampleUser } from '../testing/sample-configuration.ts';
import { type SampleWorld, sampleFacts } from '../testing/sample-readiness.ts';
import { Finding } from './finding.ts';
import type { AnswerTo, ProbeAnswer, ProbedSrv, ProbeJob } from './probe-job.ts';
import { readinessChecks, runChecks } from './run-checks.ts';

const found = (target: string, port = 5061): ProbedSrv => ({
  kind: 'found',
  records: [{ target, port, priority: 0, weight: 0 }],
});
const nothing = (kind: 'nxdomain' | 'servfail'): ProbedSrv => ({ kind, detail: 'E' });
const verified: AnswerTo<'peer-certificate'> = { kind: 'peer-certificate', outcome: 'verified', names: ['sip.fabrikam.test'] };
const untrusted: AnswerTo<'peer-certificate'> = {
  kind: 'peer-certificate',
  outcome: 'refused',
  names: [],
  failure: { code: 'CERTIFICATE_EXPIRED', text: 'The certificate expired.', fix: 'Renew it.' },
};
const silent: AnswerTo<'peer-certificate'> = {
  kind: 'peer-certificate',
  outcome: 'no-answer',
  names: [],
  failure: { code: 'PEER_UNREACHABLE', text: 'No connection.', fix: 'Check the firewall.' },
};

interface Outside {
  readonly partner?: ProbedSrv;
  readonly own?: ProbedSrv;
  readonly hosts?: AnswerTo<'own-srv'>['hosts'];
  readonly certificate?: AnswerTo<'peer-certificate'>;
}

/** An Edge that sees what a test says, and healthy answers otherwise. */
const sees =
  (outside: Outside = {}) =>
  (job: ProbeJob): ProbeAnswer => {
    if (job.kind === 'federation-srv') return { kind: job.kind, srv: outside.partner ?? found('sip.fabrikam.test') };
    if (job.kind === 'peer-certificate') return outside.certificate ?? verified;
    const hosts = outside.hosts ?? [{ host: 'sip.contoso.test', addresses: ['192.0.2.1'] }];
    return { kind: job.kind, srv: outside.own ?? found('sip.contoso.test'), hosts };
  };

const allowed: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test' };
const pinned: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test', body: { proxyFqdn: 'pin.test' } };
const blocked: SampleObject = { kind: 'CsBlockedDomain', identity: 'fabrikam.test' };
const discovery: SampleObject = { kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { enablePartnerDiscovery: true } };
const closedPolicy: SampleObject = {
  kind: 'CsExternalAccessPolicy',
  identity: 'global',
  body: { enableFederationAccess: false },
};
const provider = (enabled: boolean): SampleObject => ({
  kind: 'CsHostingProvider',
  identity: 'Cloud',
  body: { proxyFqdn: 'sipfed.cloud.example', enabled },
});
const consumer: SampleObject = {
  kind: 'CsPublicProvider',
  identity: 'C',
  body: { proxyFqdn: 'gate.consumer.example', enabled: true },
};
const secondDomain: SampleObject = { kind: 'CsSipDomain', identity: 'contoso.example', body: { verified: true } };
const movedEdge = (externalFqdn: string): SampleObject => ({
  kind: 'CsEdgeServer',
  identity: 'edge.contoso.test',
  body: { externalFqdn },
});

async function check(
  world: Partial<SampleWorld> & { objects?: readonly SampleObject[]; outside?: Outside; users?: SampleWorld['users'] },
) {
  const { objects = [allowed], outside, ...rest } = world;
  const configuration = world.configuration ?? sampleConfiguration(objects);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const facts = sampleFacts({ probe: sees(outside), ...rest, configuration });
  return runChecks(facts, { tenant, domains: ['fabrikam.test' as SipDomain], users: ['alice@contoso.test' as Aor] });
}

test('a healthy organisation passes every check, each with evidence in the form of a finding', async () => {
  const findings = await check({});
  assert.deepEqual(
    findings.map(f => `${f.id} ${f.target} ${f.status}`),
    [
      'SRV-01 deployment pass',
      'USR-01 contoso pass',
      'EDG-01 edge.contoso.test pass',
      'EDG-02 edge.contoso.test pass',
      'FED-01 contoso pass',
      'FED-02 main pass',
      'FED-06 contoso.test pass',
      'FED-03 fabrikam.test pass',
      'FED-09 fabrikam.test pass',
      'FED-11 fabrikam.test pass',
      'FED-16 fabrikam.test skipped',
      'POL-01 contoso pass',
      'POL-02 alice@contoso.test pass',
    ],
  );
  for (const f of findings) Finding.parse(f);
  assert.equal(findings[0]?.measuredAt, '2026-01-01T00:00:00.000Z');
});

test('nothing passes that could not be looked at', async () => {
  const findings = await check({ users: null, edges: null, probe: null });
  const unknown = findings.filter(f => f.status === 'unknown').map(f => f.id);
  assert.deepEqual(unknown, ['USR-01', 'EDG-01', 'EDG-02', 'FED-06', 'FED-09', 'FED-11', 'FED-16', 'POL-01', 'POL-02']);
  assert.ok(findings.filter(f => f.status === 'unknown').every(f => f.message.startsWith('Could not be checked: ')));
});

const late = { replicaFqdn: 'edge.contoso.test', running: true, version: { epoch: 1, number: 0 } };
const current = { ...late, version: { epoch: 1, number: 1 } };
const start = Date.UTC(2026, 0, 1);

type World = Parameters<typeof check>[0];
const cases: readonly (readonly [name: string, id: string, status: string, world: World, message: RegExp])[] = [
  ['no pool', 'SRV-01', 'fail', { configuration: noPool() }, /No Standard Edition server/],
  ['nobody enabled', 'USR-01', 'fail', { users: [sampleUser({ enabled: false })] }, /No user account is enabled/],
  [
    'everybody homed elsewhere',
    'USR-01',
    'fail',
    { users: [sampleUser({ hostingProviderProxyFqdn: 'p.test' as Fqdn })] },
    /No user account/,
  ],
  ['no Edge', 'EDG-01', 'fail', { configuration: noEdge() }, /No Edge Server is deployed/],
  [
    'Edge down',
    'EDG-01',
    'fail',
    { edges: [{ ...late, running: false, problem: 'connection refused.' }] },
    /is down on edge\.contoso\.test: connection refused/,
  ],
  ['Edge never reported', 'EDG-01', 'unknown', { edges: [] }, /has not reported/],
  ['old report', 'EDG-01', 'unknown', { edges: [{ ...late, lastStatusReportMs: start - 600_000 }] }, /600 s old/],
  ['replica a little behind', 'EDG-02', 'pass', { edges: [{ ...late, lastUpdateCreationMs: start - 5000 }] }, /5 s old/],
  [
    'replica far behind',
    'EDG-02',
    'fail',
    { edges: [{ ...late, lastUpdateCreationMs: start - 3_600_000 }] },
    /has configuration 1\.0, the store has 1\.1/,
  ],
  ['replica unknown', 'EDG-02', 'unknown', { edges: [] }, /never reported/],
  [
    'replica that refused a snapshot lately',
    'EDG-02',
    'warn',
    { edges: [{ ...current, lastRefusal: { code: 'SNAPSHOT_OLDER', text: 'It is older.', atMs: start - 60_000 } }] },
    /has the current configuration \(1\.1\), but refused another 60 s ago\. It is older\./,
  ],
  [
    'replica that refused a snapshot long ago',
    'EDG-02',
    'pass',
    { edges: [{ ...current, lastRefusal: { code: 'SNAPSHOT_OLDER', text: 'It is older.', atMs: start - 100_000_000 } }] },
    /has the current configuration/,
  ],
  [
    'deployment switch',
    'FED-01',
    'fail',
    { objects: [{ kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { allowFederatedUsers: false } }] },
    /whole deployment/,
  ],
  [
    'tenant switch',
    'FED-01',
    'fail',
    { objects: [{ kind: 'CsTenantFederationConfiguration', identity: 'global', body: { allowFederatedUsers: false } }] },
    /tenant contoso/,
  ],
  [
    'no federation edge',
    'FED-02',
    'fail',
    { objects: [{ kind: 'CsEdgeServer', identity: 'edge.contoso.test', body: { federationEnabled: false } }] },
    /No Edge pool is published/,
  ],
  [
    'no route',
    'FED-02',
    'fail',
    { objects: [{ kind: 'CsSite', identity: 'main', body: { federationRoute: null } }] },
    /main has no federation route/,
  ],
  [
    'wrong route',
    'FED-02',
    'fail',
    { objects: [{ kind: 'CsSite', identity: 'main', body: { federationRoute: 'old.contoso.test' } }] },
    /routed to old\.contoso\.test/,
  ],

  ['own record missing', 'FED-06', 'fail', { outside: { own: nothing('nxdomain') } }, /do not find us/],
  ['own record, DNS down', 'FED-06', 'unknown', { outside: { own: nothing('servfail') } }, /DNS did not answer/],
  [
    'own record elsewhere',
    'FED-06',
    'fail',
    { outside: { own: found('sip.other.test') } },
    /not a host directly in contoso\.test/,
  ],
  [
    'own record, other port',
    'FED-06',
    'fail',
    { outside: { own: found('sip.contoso.test', 5999) } },
    /port 5999, the Edge listens on 5061/,
  ],
  ['own record, no address', 'FED-06', 'fail', { outside: { hosts: [] } }, /sip\.contoso\.test has no address/],
  [
    'own record, another machine',
    'FED-06',
    'fail',
    {
      outside: {
        own: found('old.contoso.test'),
        hosts: [
          { host: 'sip.contoso.test', addresses: ['192.0.2.1'] },
          { host: 'old.contoso.test', addresses: ['192.0.2.9'] },
        ],
      },
    },
    /192\.0\.2\.9, which is not that of our Edge/,
  ],
  [
    'own record by another name',
    'FED-06',
    'pass',
    {
      outside: {
        own: found('edge.contoso.test'),
        hosts: [
          { host: 'sip.contoso.test', addresses: ['192.0.2.1'] },
          { host: 'edge.contoso.test', addresses: ['192.0.2.1'] },
        ],
      },
    },
    /Partners find contoso\.test/,
  ],
  [
    'hosted customer',
    'FED-06',
    'pass',
    {
      objects: [movedEdge('sipfed.cloud.example')],
      outside: { own: found('sipfed.cloud.example'), hosts: [{ host: 'sipfed.cloud.example', addresses: ['192.0.2.1'] }] },
    },
    /at sipfed\.cloud\.example:5061/,
  ],
  [
    'hosted customer pointing elsewhere',
    'FED-06',
    'fail',
    { objects: [movedEdge('sipfed.cloud.example')] },
    /not to the proxy sipfed\.cloud\.example/,
  ],

  ['not permitted', 'FED-03', 'fail', { objects: [] }, /neither allowed nor discoverable/],
  ['discoverable', 'FED-03', 'pass', { objects: [discovery] }, /may be discovered/],
  ['blocked', 'FED-03', 'fail', { objects: [blocked] }, /blocked/],
  [
    'public provider',
    'FED-03',
    'pass',
    { objects: [consumer], outside: { partner: found('gate.consumer.example') } },
    /public provider/,
  ],
  ['perhaps public, Edge away', 'FED-03', 'unknown', { objects: [consumer], probe: null }, /Could not be checked/],

  ['no record', 'FED-09', 'fail', { outside: { partner: nothing('nxdomain') } }, /publishes no record/],
  [
    'no record, not allowed either',
    'FED-09',
    'fail',
    { objects: [], outside: { partner: nothing('nxdomain') } },
    /publishes no record/,
  ],
  ['DNS down', 'FED-09', 'unknown', { outside: { partner: nothing('servfail') } }, /answered servfail/],
  ['strict name rule', 'FED-09', 'fail', { outside: { partner: found('sip.evil.test') } }, /sip\.evil\.test, which is neither/],
  ['our own Edge', 'FED-09', 'fail', { outside: { partner: found('sip.contoso.test') } }, /an Edge of this deployment/],
  ['not allowed, but well published', 'FED-09', 'pass', { objects: [] }, /leads to sip\.fabrikam\.test:5061/],
  ['pinned', 'FED-09', 'skipped', { objects: [pinned] }, /pinned to the server pin\.test/],

  ['untrusted certificate', 'FED-11', 'fail', { outside: { certificate: untrusted } }, /expired/],
  ['unreachable', 'FED-11', 'unknown', { outside: { certificate: silent } }, /No connection/],
  ['no server to ask', 'FED-11', 'skipped', { objects: [blocked] }, /No server to ask/],

  [
    'provider defined',
    'FED-16',
    'pass',
    { objects: [allowed, provider(true)], outside: { partner: found('sipfed.cloud.example') } },
    /hosted by the provider Cloud/,
  ],
  [
    'provider defined, domain not allowed',
    'FED-16',
    'pass',
    { objects: [provider(true)], outside: { partner: found('sipfed.cloud.example') } },
    /is defined and enabled/,
  ],
  [
    'provider disabled',
    'FED-16',
    'fail',
    { objects: [allowed, provider(false)], outside: { partner: found('sipfed.cloud.example') } },
    /disabled/,
  ],
  [
    'provider missing',
    'FED-16',
    'fail',
    { outside: { partner: found('sipfed.cloud.example') } },
    /no hosting provider with that proxy/,
  ],

  ['policy denies everybody', 'POL-01', 'fail', { objects: [closedPolicy] }, /nobody can use it/],
  ['policy denies the user', 'POL-02', 'fail', { objects: [closedPolicy] }, /governed by global, which denies/],
  ['user unknown', 'POL-02', 'fail', { users: [] }, /not an enabled user/],
  ['user suspended', 'POL-02', 'fail', { users: [sampleUser({ enabled: false })] }, /suspended/],
  [
    'granted policy is gone',
    'POL-02',
    'warn',
    { users: [sampleUser({ policies: { CsExternalAccessPolicy: 'Gone' } })] },
    /Gone, which no longer exists/,
  ],
];

for (const [name, id, status, world, message] of cases) {
  test(`${id}: ${name}`, async () => {
    const f = (await check(world)).find(each => each.id === id);
    assert.ok(f);
    assert.equal(f.status, status, f.message);
    assert.match(f.message, message);
    if (status === 'fail') assert.notEqual(f.fix, '');
    assert.doesNotMatch(f.message + f.fix, /[{}]/);
  });
}

test('FED-06 looks at every verified domain; a wrong record beside a right one is a warning', async () => {
  const records = [
    { target: 'sip.contoso.test', port: 5061, priority: 0, weight: 0 },
    { target: 'sip.evil.test', port: 5061, priority: 9, weight: 0 },
  ];
  const findings = await check({ objects: [secondDomain], outside: { own: { kind: 'found', records } } });
  assert.deepEqual(
    findings.filter(f => f.id === 'FED-06').map(f => `${f.target} ${f.status}`),
    ['contoso.test warn', 'contoso.example fail'],
  );
});

test('the Edge is asked each question once', async () => {
  const jobs: string[] = [];
  const look = sees();
  await check({
    probe: job => {
      jobs.push(job.kind);
      return look(job);
    },
  });
  assert.deepEqual(jobs.sort(), ['federation-srv', 'own-srv', 'peer-certificate']);
});

test('the order of the list has every check once', () => {
  assert.equal(new Set(readinessChecks.map(c => c.id)).size, readinessChecks.length);
});

function noPool() {
  return { ...sampleConfiguration([allowed]), pools: new Map() };
}

function noEdge() {
  return { ...sampleConfiguration([allowed]), edgeServers: new Map() };
}
