import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import { exchange, openClient, signIn, statusOf, valuesOf } from '../attacks/attacker.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { type BareClient, type BareMessage, bareResponse, headerOf } from '../torture/bare-client.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const target = 'sip:adam@client.invalid;transport=tls';

let lab: LabUnderTest;
let caller: BareClient;
let callee: BareClient;

before(async () => {
  lab = await LabUnderTest.start([]);
  [caller, callee] = await Promise.all([openClient(lab, 'contoso'), openClient(lab, 'contoso')]);
  callee.answer = request => bareResponse(request, 200, 'OK');
  await signIn(caller, alice);
  await signIn(callee, adam);
});
after(async () => {
  caller?.close();
  callee?.close();
  await lab?.stop();
});

const arrived = (callId: string, method: string): BareMessage | undefined =>
  callee.received.find(message => message.startLine.startsWith(`${method} `) && headerOf(message, 'Call-ID') === callId);

test('rfc3261 18.2.1, rfc3581 4: who asks learns its address and port, and whoever gets the request sees where it came from', async () => {
  const callId = randomToken(8);
  const answer = await exchange(caller, { from: alice, to: adam, callId, body: 'hello' });
  assert.match(headerOf(answer, 'Via') ?? '', /^SIP\/2\.0\/TLS attacker\.invalid;branch=z9hG4bK\w+;received=127\.0\.0\.1$/);
  const [own = '', sender = ''] = valuesOf(await until('the MESSAGE', () => arrived(callId, 'MESSAGE')), 'Via');
  assert.doesNotMatch(own, /received/);
  assert.match(sender, /attacker\.invalid;branch=z9hG4bK\w+;received=127\.0\.0\.1$/);
  const before = caller.received.length;
  caller.write(
    'OPTIONS sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS 10.1.2.3:5061;rport;branch=z9hG4bKr\r\nMax-Forwards: 70\r\n' +
      `From: <sip:${alice}>;tag=1\r\nTo: <sip:contoso.test>\r\nCall-ID: ${randomToken(8)}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`,
  );
  const told = await until('the answer to OPTIONS', () => caller.received[before]);
  assert.match(
    headerOf(told, 'Via') ?? '',
    /^SIP\/2\.0\/TLS 10\.1\.2\.3:5061;rport=\d{4,5};branch=z9hG4bKr;received=127\.0\.0\.1$/,
  );
});

test('rfc3261 16.4: a client that routes strictly reaches the other end of its call', async () => {
  const callId = randomToken(8);
  const invite = { method: 'INVITE', from: alice, to: adam, callId, fromTag: 'strict' };
  const contact = `Contact: <sip:alice@client.invalid;transport=tls>`;
  const accepted = await exchange(caller, { ...invite, lines: [contact] });
  assert.equal(statusOf(accepted), 200);
  const route = /<([^>]+)>/.exec(headerOf(accepted, 'Record-Route') ?? '')?.[1] ?? '';
  const toTag = /;tag=(\w+)/.exec(headerOf(accepted, 'To') ?? '')?.[1] ?? '';
  const bye = { ...invite, method: 'BYE', requestUri: route, toTag, cseq: 2 };
  assert.equal(statusOf(await exchange(caller, { ...bye, lines: [`Route: <${target}>`] })), 200);
  const atCallee = await until('the BYE', () => arrived(callId, 'BYE'));
  assert.equal(atCallee.startLine, `BYE ${target} SIP/2.0`);
  assert.deepEqual(valuesOf(atCallee, 'Route'), []);
});

test('rfc3261 10.3 step 5: a domain knows no users of another, and the server is asked by its own name too', async () => {
  const domains = [
    ['contoso.test', 200],
    [lab.organisation('contoso').frontEnd.fqdn, 200],
    ['[2001:db8::10]', 200],
    ['192.0.2.10', 200],
    ['fabrikam.test', 404],
    ['unknown.test', 404],
  ] as const;
  for (const [domain, status] of domains) {
    const asked = { method: 'REGISTER', from: alice, to: alice, requestUri: `sip:${domain}`, callId: randomToken(8) };
    assert.equal(statusOf(await exchange(caller, asked)), status, domain);
  }
});

test('rfc3261 10.3 step 4: nobody registers for another', async () => {
  const contact = 'Contact: <sip:alice@client.invalid;transport=tls>';
  for (const to of [adam, 'nobody@contoso.test']) {
    const asked = {
      method: 'REGISTER',
      from: alice,
      to,
      requestUri: 'sip:contoso.test',
      callId: randomToken(8),
      lines: [contact],
    };
    assert.equal(statusOf(await exchange(caller, asked)), 403, to);
  }
});
