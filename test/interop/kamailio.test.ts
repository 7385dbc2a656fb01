import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { issueCertificate } from '../../src/certificates/issue.ts';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import type { PartnerConnection, PartnerMessage, WireAnswer } from '../support/partner-connection.ts';
import { statusOf } from '../support/presence-client.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';
import { issueFiles, Kamailio, kamailioObstacle, planKamailio, zoneOf } from './kamailio.ts';
import type { IdentityFiles } from './kamailio-config.ts';
import { programsRequired } from './namespace.ts';

const arrivalMs = 5_000;
const obstacle = kamailioObstacle();
if (obstacle === undefined) defineTests();
else if (programsRequired) test(`Kamailio: ${obstacle}`, () => Promise.reject(new Error(obstacle)));
else test('Kamailio', { skip: obstacle });

function defineTests(): void {
  let lab: LabUnderTest;
  let northwind: Kamailio;
  let tailspin: Kamailio;
  let wingtip: Kamailio;
  let alice: TestEndpoint;
  let nora: TestEndpoint;
  let relay: PartnerConnection;

  before(async () => {
    const plans = await Promise.all(['northwind.test', 'tailspin.test', 'wingtip.test'].map(planKamailio));
    lab = await LabUnderTest.start(plans.flatMap(zoneOf));
    const [usual, serverOnly, selfSigned] = plans as [(typeof plans)[0], (typeof plans)[0], (typeof plans)[0]];
    northwind = await Kamailio.start(lab, usual, issueFiles(lab, 'sip.northwind.test', 'both'));
    tailspin = await Kamailio.start(lab, serverOnly, issueFiles(lab, 'sip.tailspin.test', 'server'));
    wingtip = await Kamailio.start(lab, selfSigned, await selfSignedFiles(lab, 'sip.wingtip.test'));
    alice = await lab.signIn('contoso', 'alice@contoso.test');
    nora = await northwind.signIn('nora');
    relay = await northwind.openRelay();
  });
  after(async () => {
    relay?.close();
    await Promise.all([northwind, tailspin, wingtip].map(kamailio => kamailio?.stop()));
    await lab?.stop();
  });

  const onList = (list: 'Allowed' | 'Blocked', domain: string) =>
    lab.run('contoso', 'Set-CsFederatedDomain', { identity: [domain], list });
  /** It marks nobody as verified; an admin who trusts its sign-in says so. */
  const allow = (domain: string) =>
    lab.run('contoso', 'Set-CsFederatedDomain', { identity: [domain], list: 'Allowed', verificationLevel: 'AlwaysVerifiable' });
  const offList = (domain: string) => lab.run('contoso', 'Remove-CsFederatedDomain', { identity: [domain] });
  const edgeRefusals = () => refusalsIn(lab.log('contoso', 'edge'));

  /** Kamailio passes this on to contoso's Edge, which has to answer it barely, log this reason, and deliver nothing. */
  async function expectBareRefusal(code: string, message: Omit<PartnerMessage, 'to' | 'text'>, to = alice): Promise<void> {
    const text = `Refused as ${code}`;
    const refusedBefore = edgeRefusals().length;
    const answer = await relay.exchange({ to: to.address, text, ...message });
    assert.equal(answer.statusLine, 'SIP/2.0 504 Server time-out');
    assertBare(answer);
    const logged = await until('the reason in the log', () => edgeRefusals()[refusedBefore]);
    assert.equal(logged.code, code);
    assert.equal(await to.waitForMessage(text, 0), undefined);
  }

  test('Kamailio: a domain on no list is refused in both directions', async () => {
    await expectBareRefusal('DOMAIN_NOT_ALLOWED', { from: 'nora@northwind.test' });
    assert.deepEqual(await statusAndId(alice, nora), [504, '1005']);
  });

  test('Kamailio: messages both ways while the domain is allowed', async () => {
    await onList('Allowed', 'northwind.test');
    assert.deepEqual(await statusAndId(alice, nora), [200, undefined]);
    assert.deepEqual(await statusAndId(nora, alice), [480, undefined], 'a sender whom nobody calls verified is a stranger');
    await allow('northwind.test');
    assert.deepEqual(await statusAndId(nora, alice), [200, undefined]);
  });

  for (const [who, callerOf, calleeOf] of [
    ['alice calls nora', () => alice, () => nora],
    ['nora calls alice', () => nora, () => alice],
  ] as const) {
    for (const ending of ['caller', 'callee'] as const) {
      test(`Kamailio: ${who} through its Record-Route, and the ${ending} hangs up`, async () => {
        const [caller, callee] = [callerOf(), calleeOf()];
        const placed = await caller.call(callee.address);
        assert.ok(placed.ok);
        const { callId, final } = placed.value;
        assert.equal(final.status, 200, final.get('ms-diagnostics'));
        assert.ok(await callee.waitForCall(callId, 'confirmed', arrivalMs), 'the ACK arrives');
        const [first, other] = ending === 'caller' ? [caller, callee] : [callee, caller];
        assert.equal(statusOf(await first.hangUp(callId)), 200);
        assert.ok(await other.waitForCall(callId, 'ended', arrivalMs), 'the BYE arrives');
      });
    }
  }

  test('Kamailio: whoever it cannot find is 404 for our user', async () => {
    const sent = await alice.sendMessage('nobody@northwind.test', 'Hello?');
    assert.ok(sent.ok);
    assert.deepEqual([sent.value.status, sent.value.diagnostics?.slice(0, 5)], [404, '1034;']);
  });

  test('Kamailio: nobody speaks for a domain that its certificate does not cover', async () => {
    const adam = await lab.signIn('contoso', 'adam@contoso.test');
    await expectBareRefusal('ASSERTED_INTERNAL_DOMAIN', { from: 'alice@contoso.test' }, adam);
    // a partner of ours, but another one
    await expectBareRefusal('PEER_CERTIFICATE_MISMATCH', { from: 'bob@fabrikam.test' });
    const asserted = { headers: ['P-Asserted-Identity: <sip:bob@fabrikam.test>'] };
    await expectBareRefusal('ASSERTED_DOMAIN_CONFLICT', { from: 'nora@northwind.test', ...asserted });
    await allow('wingtip.test');
    await expectBareRefusal('PEER_CERTIFICATE_MISMATCH', { from: 'wanda@wingtip.test' });
    await offList('wingtip.test');
  });

  test('Kamailio: blocked, it gets a bare 504 and our user is told that it is blocked', async () => {
    await onList('Blocked', 'northwind.test');
    await expectBareRefusal('DOMAIN_BLOCKED', { from: 'nora@northwind.test' });
    assert.deepEqual(await statusAndId(nora, alice), [504, undefined]);
    assert.deepEqual(await statusAndId(alice, nora), [403, '1005']);
    await allow('northwind.test');
    assert.deepEqual(await statusAndId(nora, alice), [200, undefined]);
  });

  test('Kamailio: a certificate for servers only is enough in both directions', async () => {
    await allow('tailspin.test');
    const tom = await tailspin.signIn('tom');
    assert.deepEqual(await statusAndId(alice, tom), [200, undefined]);
    assert.deepEqual(await statusAndId(tom, alice), [200, undefined]);
  });

  test('Kamailio: with a self-signed certificate no connection is made in either direction', async () => {
    await allow('wingtip.test');
    const wanda = await wingtip.signIn('wanda');
    assert.deepEqual(await statusAndId(alice, wanda), [504, '1010']);
    const [status] = await statusAndId(wanda, alice);
    // its own words for a connection that cannot be had
    assert.ok(status >= 400 && status !== 504, `${status}`);
    const line = await until('a line about it', () =>
      lab
        .log('contoso', 'edge')
        .split('\n')
        .find(entry => entry.includes('peer-turned-away')),
    );
    assert.match(line, /CERTIFICATE_SELF_SIGNED/);
  });
}

/** A message from one to the other: the status and the id in ms-diagnostics. It has to arrive exactly if it is answered 200. */
async function statusAndId(from: TestEndpoint, to: TestEndpoint): Promise<readonly [number, string | undefined]> {
  const text = `From ${from.address}, number ${++sentCount}`;
  const sent = await from.sendMessage(to.address, text);
  if (!sent.ok) throw new Error(sent.error.text);
  const { status, diagnostics } = sent.value;
  const arrived = await to.waitForMessage(text, status === 200 ? arrivalMs : 0);
  assert.equal(arrived?.from, status === 200 ? from.address : undefined);
  return [status, diagnostics?.split(';')[0]];
}
let sentCount = 0;

/** Nothing but what every response has (rfc3261 8.2.6). */
function assertBare({ headers, body }: WireAnswer): void {
  const names = headers.map(([name]) => name.toLowerCase());
  assert.deepEqual(
    names.filter(name => !['via', 'from', 'to', 'call-id', 'cseq', 'content-length'].includes(name)),
    [],
  );
  assert.equal(body, '');
}

async function selfSignedFiles(lab: LabUnderTest, fqdn: string): Promise<IdentityFiles> {
  const folder = join(lab.folder, 'self-signed');
  const { certificatePem, keyPem } = await issueCertificate(undefined, { names: [fqdn], days: 1, eku: 'both' });
  mkdirSync(folder);
  const files = { certificateFile: join(folder, 'certificate.pem'), keyFile: join(folder, 'key.pem') };
  writeFileSync(files.certificateFile, certificatePem);
  writeFileSync(files.keyFile, keyPem, { mode: 0o600 });
  return files;
}
