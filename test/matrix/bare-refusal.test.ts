import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { PartnerConnection, type PartnerMessage, type WireAnswer } from '../support/partner-connection.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const zone = [
  '_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test',
  '_sipfederationtls._tcp.astray.test SRV 0 0 5061 sip.northwind.test',
  '_sipfederationtls._tcp.hosted.test SRV 0 0 5061 sipfed.lynconline.test',
  '_sipfederationtls._tcp.servfail.test SERVFAIL',
];
const partner = 'nora@northwind.test';
const recipient = 'alice@contoso.test';
const text = 'Is anybody there?';
const accessEdge = 'Set-CsAccessEdgeConfiguration';
const onList = (list: 'Allowed' | 'Blocked', identity = 'northwind.test') =>
  ['Set-CsFederatedDomain', { identity: [identity], list }] as const;

type Change = readonly [command: string, parameters: Readonly<Record<string, unknown>>];

/** A reason to refuse a request from outside: what contoso has set up for it, what is sent, and under which code the Edge logs it. */
interface Reason {
  readonly code: string;
  readonly setUp?: readonly Change[];
  readonly undo?: readonly Change[];
  readonly message?: Partial<PartnerMessage>;
}

const reasons: readonly Reason[] = [
  { code: 'DOMAIN_NOT_ALLOWED' },
  {
    code: 'DOMAIN_BLOCKED',
    setUp: [onList('Blocked')],
    undo: [['Remove-CsFederatedDomain', { identity: ['northwind.test'] }]],
  },
  {
    code: 'FEDERATION_SWITCHED_OFF',
    setUp: [[accessEdge, { allowFederatedUsers: false }]],
    undo: [[accessEdge, { allowFederatedUsers: true }]],
  },
  {
    code: 'SRV_NOT_FOUND',
    setUp: [onList('Allowed', 'silent.test')],
    message: { from: 'nora@silent.test' },
  },
  { code: 'SRV_NAME_CONFLICT', message: { from: 'nora@astray.test' } },
  { code: 'HOSTED_DOMAIN_NOT_ALLOWED', message: { from: 'nora@hosted.test' } },
  {
    code: 'PROVIDER_DISABLED',
    setUp: [['Set-CsHostingProvider', { identity: 'LyncOnline', enabled: false }]],
    undo: [['Set-CsHostingProvider', { identity: 'LyncOnline', enabled: true }]],
    message: { from: 'nora@hosted.test' },
  },
  { code: 'DNS_UNAVAILABLE', message: { from: 'nora@servfail.test' } },
  // an allowed domain, but not this server's
  { code: 'PEER_CERTIFICATE_MISMATCH', message: { from: 'bob@fabrikam.test' } },
  { code: 'ASSERTED_INTERNAL_DOMAIN', message: { from: 'adam@contoso.test' } },
  { code: 'ASSERTED_DOMAIN_CONFLICT', message: { headers: ['P-Asserted-Identity: <sip:bob@fabrikam.test>'] } },
  { code: 'NO_TRANSIT', message: { to: 'bob@fabrikam.test' } },
];

let lab: LabUnderTest;
let alice: TestEndpoint;
let connection: PartnerConnection;
let shape: string | undefined;

before(async () => {
  lab = await LabUnderTest.start(zone);
  alice = await lab.signIn('contoso', recipient);
  const { fqdn, host, federationPort } = lab.organisation('contoso').edge;
  connection = await PartnerConnection.open(lab.issue('sip.northwind.test'), { fqdn, host, port: federationPort });
});
after(async () => {
  connection?.close();
  await lab?.stop();
});

for (const { code, setUp = [], undo = [], message } of reasons) {
  test(`${code}: a bare 504 that looks like every other`, async () => {
    for (const [command, parameters] of setUp) await lab.run('contoso', command, parameters);
    try {
      await expectBareRefusal(code, { from: partner, to: recipient, text, ...message });
    } finally {
      for (const [command, parameters] of undo) await lab.run('contoso', command, parameters);
    }
  });
}

test('an allowed partner reaches the user, and the answer tells nothing of our servers', async () => {
  await lab.run('contoso', ...onList('Allowed'));
  // what only our own servers may say is not believed from outside
  const headers = ['ms-edge-proxy-message-trust: ms-source-type=InternetUser;ms-source-verified-user=verified'];
  const trusted = { headers: [...headers, 'ms-asserted-verification-level: ms-source-verified-user=verified'] };
  const answer = await connection.exchange({ from: partner, to: recipient, text: 'Delivered', ...trusted });
  assert.equal(answer.statusLine, 'SIP/2.0 200 OK');
  assert.equal((await alice.waitForMessage('Delivered', 5_000))?.from, partner);
  assertNothingInternal(answer);
});

test('a user who may not talk to partners looks like one who does not exist', async () => {
  const unknown = await connection.exchange({ from: partner, to: 'nobody@contoso.test', text });
  await lab.run('contoso', 'Set-CsExternalAccessPolicy', { identity: 'BasicAccess', enableFederationAccess: false });
  const denied = await connection.exchange({ from: partner, to: recipient, text });
  assert.equal(unknown.statusLine, 'SIP/2.0 404 Not Found');
  assert.equal(shapeOf(denied), shapeOf(unknown));
});

async function expectBareRefusal(code: string, message: PartnerMessage): Promise<void> {
  const before = edgeRefusals().length;
  const answer = await connection.exchange(message);
  assert.equal(answer.statusLine, 'SIP/2.0 504 Server time-out');
  shape ??= shapeOf(answer);
  assert.equal(shapeOf(answer), shape);
  const logged = await until('the reason in the log', () => edgeRefusals()[before]);
  assert.equal(logged.code, code);
  assert.equal(await alice.waitForMessage(text, 0), undefined);
}

function edgeRefusals() {
  return refusalsIn(lab.log('contoso', 'edge'));
}

/** The answer without what it repeats of the request: all that could tell one reason from another. */
function shapeOf(answer: WireAnswer): string {
  assertNothingInternal(answer);
  const echoed = /^(via|from|to|call-id|cseq)$/i;
  const lines = answer.headers.map(([name, value]) => (echoed.test(name) ? name : `${name}: ${value}`));
  const toTag = answer.headers.find(([name]) => name.toLowerCase() === 'to')?.[1].replace(/.*;tag=/, '') ?? '';
  return [answer.statusLine, ...lines, `a tag of ${toTag.length} characters`, answer.body].join('\n');
}

function assertNothingInternal({ headers }: WireAnswer): void {
  const names = headers.map(([name]) => name.toLowerCase());
  assert.deepEqual(
    names.filter(name => name.startsWith('ms-') || name === 'warning' || name === 'record-route'),
    [],
  );
  assert.equal(names.filter(name => name === 'via').length, 1);
  assert.doesNotMatch(headers.map(([, value]) => value).join('\n'), /edge-int|fe1?\.contoso\.test|127\.0\.0\.1[12]/);
}
