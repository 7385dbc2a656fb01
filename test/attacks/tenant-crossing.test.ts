import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { addProvenDomains } from '../support/proven-domains.ts';
import { until } from '../support/until.ts';
import { type BareClient, type BareMessage, bareResponse, headerOf } from '../torture/bare-client.ts';
import {
  credentialsFor,
  exchange,
  openClient,
  type RawRequest,
  registration,
  signIn,
  statusOf,
  valuesOf,
  verdictOf,
} from './attacker.ts';

/** Users of two customers of one provider. */
const bob = 'bob@fabrikam.test';
const sue = 'sue@fabrikam.test';
const lily = 'lily@litware.test';
const policy = 'BasicAccess';
const trust = 'ms-edge-proxy-message-trust';

let lab: LabUnderTest;
let bobClient: BareClient;
let lilyClient: BareClient;

before(async () => {
  lab = await LabUnderTest.start();
  const run = (command: string, parameters: Readonly<Record<string, unknown>>) =>
    lab.run('lynconline', command, { ...parameters, tenant: 'litware' });
  await lab.run('lynconline', 'New-CsTenant', { identity: 'litware' });
  await addProvenDomains(lab, 'lynconline', ['litware.test'], { tenant: 'litware' });
  await run('New-CsExternalAccessPolicy', { identity: policy, enableFederationAccess: true });
  await run('Enable-CsUser', { users: [{ identity: lily, password: 'pw-lily' }], externalAccessPolicy: policy });
  await run('Set-CsTenantFederationConfiguration', { allowFederatedUsers: true });
  const users = [{ identity: sue, password: 'pw-sue' }];
  await lab.run('lynconline', 'Enable-CsUser', { users, externalAccessPolicy: policy, tenant: 'fabrikam' });
  await lab.run('lynconline', 'Set-CsUser', { identity: sue, enabled: false });
  bobClient = await connect(bob);
  lilyClient = await connect(lily);
});
after(async () => {
  bobClient?.close();
  lilyClient?.close();
  await assertAtRest(lab);
  await lab?.stop();
});

async function connect(address: string): Promise<BareClient> {
  const client = await openClient(lab, 'lynconline');
  client.answer = request => bareResponse(request, 200, 'OK');
  await signIn(client, address);
  return client;
}

/** Sends something that must not arrive. */
async function refused(request: Omit<RawRequest, 'from'> & { readonly from?: string }): Promise<BareMessage> {
  const before = bobClient.received.length;
  const answer = await exchange(lilyClient, { from: lily, ...request });
  assert.ok(statusOf(answer) >= 400, `${JSON.stringify(request)}: ${answer.startLine}`);
  assert.equal(bobClient.received.length, before, JSON.stringify(request));
  return answer;
}

/** What one tenant's user may try to look like somebody of the other. */
const claims = [
  'P-Asserted-Identity: <sip:beth@fabrikam.test>',
  `${trust}: ms-source-type=AuthorizedServer;ms-source-verified-user=verified;ms-ep-fqdn=x;ms-remote-fqdn=fabrikam.test`,
  'ms-split-domain-info: ms-traffic-type=SplitIntra',
  'ms-asserted-verification-level: ms-source-verified-user=verified',
];

test('a tenant that was not let in does not get in, whatever it says', async () => {
  for (const lines of [[], ...claims.map(claim => [claim]), claims]) {
    assert.match(verdictOf(await refused({ to: bob, lines })), /^(403|404|504)/);
  }
});

test("nobody sends or signs in as a user of the other tenant on one's own word", async () => {
  assert.equal(verdictOf(await refused({ from: 'beth@fabrikam.test', to: bob })), '403 4004');
  assert.equal(verdictOf(await refused({ from: bob, to: bob })), '403 4004');
  const challenged = await exchange(lilyClient, registration(bob, randomToken(8), 1));
  assert.equal(statusOf(challenged), 401);
  // the realm is the tenant's domain: the name of the user alone proves nothing there
  const own = credentialsFor(challenged, lily, 'pw-lily').replace('"litware.test"', '"fabrikam.test"');
  assert.equal(statusOf(await exchange(lilyClient, registration(bob, randomToken(8), 2, own))), 401);
});

test('let in by both sides, a tenant is a partner and no more', async () => {
  const allow = (identity: string, tenant: string) =>
    lab.run('lynconline', 'Set-CsFederatedDomain', { identity: [identity], list: 'Allowed', tenant });
  await allow('litware.test', 'fabrikam');
  await allow('fabrikam.test', 'litware');
  for (const claim of claims) {
    const body = `crossing ${randomToken(6)}`;
    assert.equal(verdictOf(await exchange(lilyClient, { from: lily, to: bob, lines: [claim], body })), '200', claim);
    const arrived = await until('the message', () => bobClient.received.find(message => message.body === body));
    assert.match(headerOf(arrived, 'From') ?? '', new RegExp(`^<sip:${lily}>`));
    assert.deepEqual(valuesOf(arrived, 'P-Asserted-Identity'), [`<sip:${lily}>`], claim);
    for (const name of ['ms-split-domain-info', 'ms-asserted-verification-level']) {
      assert.deepEqual(valuesOf(arrived, name), [], claim);
    }
    assert.doesNotMatch(valuesOf(arrived, trust).join(), /AuthorizedServer|remote-fqdn=fabrikam\.test/, claim);
  }
});

test('who is unknown over there and who is suspended look the same from here', async () => {
  const shapes = new Set<string>();
  for (const to of ['nobody@fabrikam.test', sue]) {
    const answer = await refused({ to });
    const echoed = /^(via|from|to|call-id|cseq)$/i;
    const lines = answer.headers.map(([name, value]) => (echoed.test(name) ? name : `${name}: ${value}`));
    shapes.add([answer.startLine, ...lines, answer.body].join('\n'));
  }
  assert.equal(shapes.size, 1, [...shapes].join('\n\n'));
});

test('nothing of it was a fault of the server', () => {
  assert.doesNotMatch(lab.log('lynconline', 'frontend'), /"event":"fault/);
});
