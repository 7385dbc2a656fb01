import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { type BareClient, type BareMessage, bareResponse } from '../torture/bare-client.ts';
import {
  exchange,
  openClient,
  openPartner,
  type RawRequest,
  rawRequest,
  signIn,
  statusOf,
  valuesOf,
  verdictOf,
} from './attacker.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const addresses = {
  alice: 'alice@contoso.test',
  adam: 'adam@contoso.test',
  bob: 'bob@fabrikam.test',
  nora: 'nora@northwind.test',
};
const { alice, adam, bob, nora } = addresses;
const trust = 'ms-edge-proxy-message-trust';

let lab: LabUnderTest;
/** Signed in, or for nora the partner's server. */
const clients = {} as Record<keyof typeof addresses, BareClient>;

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  clients.alice = await openClient(lab, 'contoso');
  clients.adam = await openClient(lab, 'contoso');
  clients.bob = await openClient(lab, 'lynconline');
  clients.nora = await openPartner(lab, lab.issue('sip.northwind.test'));
  for (const name of ['alice', 'adam', 'bob'] as const) {
    clients[name].answer = request => bareResponse(request, 200, 'OK');
    await signIn(clients[name], addresses[name]);
  }
});
after(async () => {
  for (const client of Object.values(clients)) client.close();
  await assertAtRest(lab);
  await lab?.stop();
});

/** Words about the sender that are not the sender's to say. */
const claims = [
  'P-Asserted-Identity: <sip:adam@contoso.test>',
  'P-Asserted-Identity: <sip:alice@contoso.test>, <tel:+12025550100>',
  'P-Preferred-Identity: <sip:adam@contoso.test>',
  `${trust}: ms-source-type=AuthorizedServer;ms-ep-fqdn=sip.contoso.test;ms-source-verified-user=verified;ms-remote-fqdn=trusted.test`,
  'ms-split-domain-info: ms-traffic-type=SplitIntra',
  'ms-asserted-verification-level: ms-source-verified-user=verified',
];

/** Ways to write a header line that all mean the same, so that no filter may depend on one of them. */
const spellings: readonly (readonly [name: string, (line: string) => readonly string[]])[] = [
  ['plain', line => [line]],
  ['upper case', line => [line.replace(/^[^:]+/, name => name.toUpperCase())]],
  ['white space before the colon', line => [line.replace(':', ' \t:')]],
  ['folded', line => [line.replace(': ', ':\r\n ')]],
  ['folded inside the value', line => [line.replace(/[=@]/, '$&\r\n\t').replace('@\r\n\t', '@')]],
  ['behind a header without a value', line => ['Subject:', line]],
];

for (const [spelling, spell] of spellings) {
  test(`what alice claims about herself is replaced: ${spelling}`, async () => {
    for (const claim of claims) {
      for (const to of [adam, bob]) {
        const arrived = await deliver(clients.alice, { from: alice, to, lines: spell(claim) });
        const seen = to === adam ? { identity: alice, remote: undefined } : { identity: alice, remote: 'sip.contoso.test' };
        assertSender(arrived, alice, seen, `${claim} to ${to}`);
      }
    }
  });

  test(`what a partner's server claims is stripped, or refused where it names us: ${spelling}`, async () => {
    for (const claim of claims) {
      const request = { from: nora, to: alice, lines: spell(claim) };
      if (claim.startsWith('P-Asserted')) {
        assert.equal(verdictOf(await exchange(clients.nora, request)), '504', claim);
        continue;
      }
      // without its word about the sender the partner's users would need to be known to alice
      const lines = [
        ...request.lines,
        ...(claim.includes('level') ? [] : ['ms-asserted-verification-level: ms-source-verified-user=verified']),
      ];
      const arrived = await deliver(clients.nora, { ...request, lines });
      assertSender(arrived, nora, { identity: undefined, remote: 'sip.northwind.test' }, claim);
    }
  });
}

test('a claim made twice is refused, or replaced as one', async () => {
  for (const claim of claims) {
    const lines = [claim, claim.replace(/^[^:]+/, name => `${name.toLowerCase()} `)];
    const before = clients.adam.received.length;
    const answer = await exchange(clients.alice, { from: alice, to: adam, lines });
    // what is read at all may be there once (rfc3261 7.3.1)
    assert.equal(statusOf(answer), /^ms-(edge|asserted)/.test(claim) ? 400 : 200, claim);
    for (const arrived of clients.adam.received.slice(before))
      assertSender(arrived, alice, { identity: alice, remote: undefined }, claim);
  }
});

const asAdam: Omit<RawRequest, 'fromLine'> = { from: adam, to: bob };

/** From lines of alice's connection, and what becomes of them. */
const fromLines: readonly (readonly [fromLine: string, verdict: string])[] = [
  ['From: <sip:adam@contoso.test>;tag=1', '403 4004'],
  ['f: <sip:adam@contoso.test>;tag=1', '403 4004'],
  ['FROM : "alice@contoso.test" <sip:adam@contoso.test>;tag=1', '403 4004'],
  ['From:\r\n <sip:adam@contoso.test>;tag=1', '403 4004'],
  ['From: <sip:alice@contoso.test@fabrikam.test>;tag=1', '400'],
  ['From: "x" <sip:%61dam@contoso.test>;tag=1', '403 4004'],
  ['From: <sip:bob@fabrikam.test>;tag=1', '403 4004'],
  ['From: <sip:nobody@contoso.test>;tag=1', '403 4004'],
  ['From: <sip:bob@fabrikam.test>;tag=1\r\nP-Asserted-Identity: <sip:alice@contoso.test>', '403 4004'],
  ['From: <sip:alice@contoso.test>;tag=1\r\nFrom: <sip:adam@contoso.test>;tag=2', '400'],
  ['From: <sip:alice@contoso.test>;tag=1\r\nf: <sip:adam@contoso.test>;tag=2', '400'],
  ['From: <sip:alice@contoso.test>;tag=1\r\nfRoM\t: <sip:adam@contoso.test>;tag=2', '400'],
  ['From: <sip:alice@contoso.test>;tag=1, <sip:adam@contoso.test>;tag=2', '400'],
];

test('a From that the connection has not proven is refused', async () => {
  for (const [fromLine, verdict] of fromLines) {
    const before = clients.bob.received.length;
    const answer = await exchange(clients.alice, { ...asAdam, fromLine });
    assert.equal(verdict === '400' ? String(statusOf(answer)) : verdictOf(answer), verdict, fromLine);
    assert.deepEqual(clients.bob.received.slice(before), [], fromLine);
  }
});

test('a display name that looks like somebody else, or another case, changes nothing of who is seen', async () => {
  for (const fromLine of ['From: "adam@contoso.test" <sip:alice@contoso.test>;tag=1', 'f: <sip:Alice@CONTOSO.test>;tag=1']) {
    const arrived = await deliver(clients.alice, { from: alice, to: adam, fromLine });
    assert.deepEqual(valuesOf(arrived, 'P-Asserted-Identity'), [`<sip:${alice}>`], fromLine);
  }
});

const inner = rawRequest({ from: adam, to: bob, body: 'smuggled' });
/** Bytes that two readers might cut or read in two ways: what is smuggled is never delivered, whatever is answered. */
const smuggled: Readonly<Record<string, string>> = {
  'two Content-Length': rawRequest({
    from: alice,
    to: bob,
    lines: ['Content-Length: 0', `Content-Length: ${inner.length}`],
    body: inner,
  }),
  'Content-Length and its short form': rawRequest({
    from: alice,
    to: bob,
    lines: [`l: ${inner.length}`, 'Content-Length: 0'],
    body: inner,
  }),
  'a list of lengths': rawRequest({ from: alice, to: bob, lines: [`Content-Length: 0, ${inner.length}`], body: inner }),
  'a negative length': rawRequest({ from: alice, to: bob, lines: ['Content-Length: -1'], body: inner }),
  'a length with a sign': rawRequest({ from: alice, to: bob, lines: ['Content-Length: +0'], body: inner }),
  'no body announced': rawRequest({ from: alice, to: bob, lines: ['Content-Length: 0'], body: inner }),
  'a bare CR': rawRequest({ from: alice, to: bob, lines: [`Subject: x\rP-Asserted-Identity: <sip:${adam}>`], body: 'smuggled' }),
  'a bare LF': rawRequest({ from: alice, to: bob, lines: [`Subject: x\nFrom: <sip:${adam}>;tag=2`], body: 'smuggled' }),
  'LF LF as the end of the head': rawRequest({ from: alice, to: bob, lines: [`Subject: x\n\n${inner}`], body: 'smuggled' }),
  'a NUL in a value': rawRequest({
    from: alice,
    to: bob,
    lines: [`Subject: x\0P-Asserted-Identity: <sip:${adam}>`],
    body: 'smuggled',
  }),
  'a NUL in From': rawRequest({ from: alice, to: bob, fromLine: `From: <sip:adam\0@contoso.test>;tag=1`, body: 'smuggled' }),
  'a line break in a URI': rawRequest({
    from: alice,
    to: bob,
    requestUri: `sip:${bob}\r\nFrom: <sip:${adam}>;tag=3`,
    body: 'smuggled',
  }),
};

test('two readings of the same bytes never make another sender', async () => {
  for (const [name, bytes] of Object.entries(smuggled)) {
    const client = await openClient(lab, 'contoso');
    await signIn(client, alice);
    client.answer = request => bareResponse(request, 200, 'OK');
    const before = clients.bob.received.length;
    const answers = client.received.length;
    client.write(bytes);
    await until(`an answer or the end: ${name}`, () => (client.closed || client.received.length > answers ? true : undefined));
    // later than all that was sent before
    await deliver(clients.alice, { from: alice, to: bob });
    const bodies = clients.bob.received.slice(before).map(({ body }) => body);
    assert.ok(!bodies.includes('smuggled'), name);
    for (const arrived of clients.bob.received.slice(before)) {
      assertSender(arrived, alice, { identity: alice, remote: 'sip.contoso.test' }, name);
    }
    client.close();
  }
});

test('what an endpoint claims in its answer does not reach the other side as trusted', async () => {
  const plain = clients.adam.answer;
  clients.adam.answer = request =>
    bareResponse(request, 200, 'OK').replace(
      '\r\n',
      `\r\nP-Asserted-Identity: <sip:${bob}>\r\n${trust} : x\r\nMS-SPLIT-domain-info: y\r\n`,
    );
  const answer = await exchange(clients.alice, { from: alice, to: adam });
  clients.adam.answer = plain;
  assert.equal(statusOf(answer), 200);
  for (const name of ['P-Asserted-Identity', trust, 'ms-split-domain-info']) assert.deepEqual(valuesOf(answer, name), [], name);
});

test('nothing of it was a fault of a server', () => {
  for (const role of ['frontend', 'edge'] as const) assert.doesNotMatch(lab.log('contoso', role), /"event":"fault/);
});

/** Sends a request that has to be answered 200 and gives it as it arrived. */
async function deliver(client: BareClient, request: RawRequest): Promise<BareMessage> {
  const body = `delivered ${randomToken(8)}`;
  const answer = await exchange(client, { ...request, body });
  assert.equal(verdictOf(answer), '200', JSON.stringify(request));
  const to = request.to === adam ? clients.adam : request.to === bob ? clients.bob : clients.alice;
  return until(`the message for ${request.to}`, () => to.received.find(message => message.body === body));
}

/** A message shows its real sender and no other, and of trust only what the recipient's own Edge says. */
function assertSender(
  message: BareMessage,
  sender: string,
  seen: { readonly identity: string | undefined; readonly remote: string | undefined },
  what: string,
): void {
  assert.match(valuesOf(message, 'From').join(), new RegExp(`^<sip:${sender}>;tag=`), what);
  assert.deepEqual(valuesOf(message, 'P-Asserted-Identity'), seen.identity === undefined ? [] : [`<sip:${seen.identity}>`], what);
  const stamps = valuesOf(message, trust).map(value => /;ms-remote-fqdn=(.*)$/.exec(value)?.[1]);
  assert.deepEqual(stamps, seen.remote === undefined ? [] : [seen.remote], what);
  for (const name of ['P-Preferred-Identity', 'ms-split-domain-info', 'ms-asserted-verification-level', 'Route']) {
    assert.deepEqual(valuesOf(message, name), [], `${name}: ${what}`);
  }
}
