import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { clientLimits } from '../../src/sip/parse-limits.ts';
import { defaultInboundBufferLimits } from '../../src/wire/inbound-buffers.ts';
import { maxConnectionsPerOwner } from '../../src/wire/listener.ts';
import { assertAtRest, readLabMetrics, takenOf } from '../support/at-rest.ts';
import { LabUnderTest, type PartnerIdentity } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { type BareClient, bareResponse, headerOf } from '../torture/bare-client.ts';
import { credentialsFor, exchange, openClient, openPartner, rawRequest, signIn, statusOf } from './attacker.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const nora = 'nora@northwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';
const longBody = 5_000_000;

let lab: LabUnderTest;
let northwind: PartnerIdentity;
const clients: BareClient[] = [];

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  northwind = lab.issue('sip.northwind.test');
});
after(async () => {
  close();
  await assertAtRest(lab);
  await lab?.stop();
});

function close(): void {
  for (const client of clients.splice(0)) client.close();
}

async function partner(identity = northwind): Promise<BareClient> {
  const client = await openPartner(lab, identity);
  clients.push(client);
  return client;
}

async function user(address: string): Promise<BareClient> {
  const client = await openClient(lab, 'contoso');
  client.answer = request => bareResponse(request, 200, 'OK');
  clients.push(client);
  await signIn(client, address);
  return client;
}

/** A message that announces a long body and does not bring it. */
const announced = (number: number, from = nora, length = longBody) =>
  rawRequest({
    from,
    to: alice,
    callId: `long-${number}`,
    lines: [verified, 'Content-Type: text/plain', `Content-Length: ${length}`],
  });

/** Proves to be alice with a question for her bindings: endpoints of a user are few. */
async function prove(client: BareClient, callId: string): Promise<number> {
  const question = { method: 'REGISTER', requestUri: 'sip:contoso.test', from: alice, to: alice, callId };
  const challenged = await exchange(client, question);
  const lines = [`Authorization: ${credentialsFor(challenged, alice, 'pw-alice')}`];
  return statusOf(await exchange(client, { ...question, cseq: 2, lines }));
}

/** Users, and another partner, go on. */
async function assertOthersServed(): Promise<void> {
  const honest = await user(adam);
  assert.equal(statusOf(await exchange(honest, { from: adam, to: adam })), 200);
  const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
  const sent = await bob.sendMessage(adam, 'from a partner');
  assert.equal(sent.ok && sent.value.status, 200);
}

test('who is not known as a partner may announce no longer body than a client', async () => {
  const stranger = await partner(lab.issue('sip.stranger.test'));
  stranger.write(announced(0));
  const answer = await until('an answer', () => stranger.received[0]);
  assert.equal(statusOf(answer), 513);
  assert.equal(await takenOf(lab, 'contoso', 'edge', 'incomplete_bytes_by_partner'), 0);
  close();
});

test('a partner that announces long bodies and does not send them holds its share for seconds, and others go on', async () => {
  const connections = await Promise.all(Array.from({ length: 12 }, () => partner()));
  for (const [number, connection] of connections.entries()) connection.write(announced(number));
  const refused = () => connections.flatMap(({ received }) => received).filter(message => statusOf(message) === 503);
  const first = await until('the first refusal', () => refused()[0]);
  assert.ok(Number(headerOf(first, 'Retry-After')) > 0);
  const most = Math.floor(defaultInboundBufferLimits.perPeer / longBody);
  await until('the others', () => (refused().length === connections.length - most ? true : undefined));
  assert.equal(await takenOf(lab, 'contoso', 'edge', 'incomplete_bytes_by_partner'), most * longBody);
  await assertOthersServed();
  await until('the end of those that send nothing', () => (connections.every(({ closed }) => closed) ? true : undefined), 30_000);
  assert.equal(await takenOf(lab, 'contoso', 'edge', 'incomplete_bytes_by_partner'), 0);
  close();
});

test('connections of one certificate: the oldest that says nothing gives way, and others get in', async () => {
  const inUse = await partner();
  const served = () => exchange(inUse, { from: nora, to: 'nobody@contoso.test', lines: [verified] });
  assert.equal(statusOf(await served()), 404);
  const silent: BareClient[] = [];
  for (let i = 0; i < maxConnectionsPerOwner + 20; i++) silent.push(await partner());
  await until('the oldest to be closed', () => (silent.filter(({ closed }) => closed).length >= 20 ? true : undefined));
  const open = silent.filter(({ closed }) => !closed).length;
  assert.ok(open <= maxConnectionsPerOwner, `${open} are open`);
  assert.ok(silent.at(-1)?.closed === false, 'the newest has got in');
  await assertOthersServed();
  close();
});

test('who resets and comes back from the same port, again and again, leaves nobody counted', async () => {
  const { edge, frontEnd } = lab.organisation('contoso');
  const ports = [
    ['edge', edge.host, edge.federationPort],
    ['frontend', frontEnd.host, frontEnd.tlsPort],
  ] as const;
  for (const [role, host, port] of ports) {
    const localPort = await freePort();
    for (let i = 0; i < 100; i++) await resetFrom(localPort, host, port);
    const unauthenticated = async () => {
      const metrics = (await readLabMetrics(lab, 'contoso', role)) ?? new Map<string, number>();
      return [...metrics].filter(([key]) => key.startsWith('parley_connections_unauthenticated{')).map(([, value]) => value);
    };
    await until(`nobody counted at the ${role}`, async () =>
      (await unauthenticated()).every(value => value === 0) ? true : undefined,
    );
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function resetFrom(localPort: number, host: string, port: number): Promise<void> {
  const socket = connect({ host, port, localAddress: '127.0.0.1', localPort });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.resetAndDestroy();
  await once(socket, 'close');
}

test('connections of one account: the oldest that says nothing gives way', async () => {
  const all: BareClient[] = [];
  for (let i = 0; i < maxConnectionsPerOwner + 5; i++) {
    const client = await openClient(lab, 'contoso');
    clients.push(client);
    all.push(client);
    const status = await prove(client, `proof-${i}`);
    if (status === 200) continue;
    // all others had just said something: those that have not since give way to who tries again
    assert.equal(status, 503);
    let tries = 0;
    await until('room for the newcomer', async () => ((await prove(client, `again-${i}-${tries++}`)) === 200 ? true : undefined));
  }
  await until('the oldest to be closed', () => (all.filter(({ closed }) => closed).length >= 5 ? true : undefined));
  assert.equal(all.at(-1)?.closed, false);
  await assertOthersServed();
  close();
});

test('one account that begins long messages on all its connections holds less than its source may, and others go on', async () => {
  const taken = () => takenOf(lab, 'contoso', 'frontend', 'incomplete_bytes_by_source');
  const open: BareClient[] = [];
  for (let i = 0; i < maxConnectionsPerOwner; i++) {
    const client = await openClient(lab, 'contoso');
    clients.push(client);
    open.push(client);
    assert.equal(await prove(client, `begun-${i}`), 200);
  }
  for (const [number, client] of open.entries()) client.write(announced(number, alice, clientLimits.bodyBytes));
  const most = maxConnectionsPerOwner * clientLimits.bodyBytes;
  await until('all of it to be held', async () => ((await taken()) === most ? true : undefined));
  assert.ok(most < defaultInboundBufferLimits.perSource / 2, 'the rest of the source is for others');
  await assertOthersServed();
  close();
  await until('all of it to be given back', async () => ((await taken()) === 0 ? true : undefined));
});

test("a partner's message that is longer than what a client may send is refused before it reaches one", async () => {
  const reader = await user(alice);
  const sender = await partner();
  const heard = () => reader.received.filter(({ startLine }) => startLine.startsWith('MESSAGE')).length;
  const fits = await exchange(sender, { from: nora, to: alice, lines: [verified], body: 'x'.repeat(clientLimits.bodyBytes) });
  assert.equal(statusOf(fits), 200);
  const tooLong = await exchange(sender, {
    from: nora,
    to: alice,
    lines: [verified],
    body: 'x'.repeat(clientLimits.bodyBytes + 1),
  });
  assert.equal(statusOf(tooLong), 513);
  assert.equal(heard(), 1);
  close();
});
