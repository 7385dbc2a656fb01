import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { exchange, openClient, openPartner, signIn, statusOf } from '../attacks/attacker.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { residentMiB } from '../support/process-memory.ts';
import { socketsOf } from '../support/process-sockets.ts';
import { until } from '../support/until.ts';
import { type BareClient, bareResponse } from '../torture/bare-client.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const nora = 'nora@northwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';
/** What the standard limits allow one source before it has proved who it is. */
const perSource = 500;
/** The same for all sources together. */
const fromEverywhere = 5_000;
/** The test and a server each hold every connection; fewer where the system allows fewer. */
const mostConnections = Math.floor((openFileLimit() - 500) / 100) * 100;
const flood = Math.min(5_000, mostConnections);
/** More than are let in; each source has so few that its own limit is of no use. */
const wideFlood = Math.min(5_600, mostConnections);
const sources = 560;
const maxGrowthMiB = 150;
/** Sockets that a server may open for itself meanwhile: its trunks, its client's. */
const others = 20;

let lab: LabUnderTest;
const clients: BareClient[] = [];
const sockets: Socket[] = [];
const drips: NodeJS.Timeout[] = [];

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
});
after(async () => {
  for (const drip of drips) clearInterval(drip);
  for (const client of clients) client.close();
  for (const socket of sockets) socket.destroy();
  await assertAtRest(lab);
  await lab?.stop();
});

function openFileLimit(): number {
  const said = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  return said === 'unlimited' ? 1_000_000 : Number(said);
}

/** Opens connections that get nowhere; resolves when each is open or turned away. */
async function openIdle(
  count: number,
  target: { readonly host: string; readonly port: number },
  source: (i: number) => string,
  /** What one in ten does. */
  slow: (socket: Socket) => void = () => {},
) {
  const opened: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect({ ...target, localAddress: source(i) });
    socket.on('error', () => {});
    // without a reader the end of a connection is not seen
    socket.resume();
    if (i % 10 === 9) slow(socket);
    opened.push(socket);
    if (i % 100 === 99) await new Promise(resolve => setImmediate(resolve));
  }
  sockets.push(...opened);
  await until('all connections to be tried', () => (opened.some(({ connecting }) => connecting) ? undefined : true), 20_000);
}

/** Begins a TLS handshake and goes on with it a byte at a time, as if it were only slow. */
function drip(socket: Socket): void {
  const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), Buffer.alloc(506)]);
  let sent = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(hello.subarray(sent, ++sent));
  }, 500);
  drips.push(timer);
}

/** How many sockets more a process holds from now on. */
function countSockets(pid: number): () => number {
  const before = socketsOf(pid);
  return () => socketsOf(pid) - before;
}

async function newClient(address: string, localAddress: string): Promise<BareClient> {
  const client = await openClient(lab, 'contoso', localAddress);
  client.answer = request => bareResponse(request, 200, 'OK');
  clients.push(client);
  await signIn(client, address);
  return client;
}

type Port = 'users' | 'partners';

function portOf(kind: Port) {
  const { frontEnd, edge, pids } = lab.organisation('contoso');
  return kind === 'users'
    ? { host: frontEnd.host, port: frontEnd.tlsPort, pid: pids.frontEnd[0] as number }
    : { host: edge.host, port: edge.federationPort, pid: pids.edge[0] as number };
}

async function newPartner(): Promise<BareClient> {
  const partner = await openPartner(lab, lab.issue('sip.northwind.test'));
  clients.push(partner);
  return partner;
}

/** Who was there before the flood goes on as always. */
async function assertServed(user: BareClient, partner: BareClient): Promise<void> {
  assert.equal(statusOf(await exchange(user, { from: alice, to: alice, body: 'as always' })), 200);
  assert.equal(statusOf(await exchange(partner, { from: nora, to: alice, lines: [verified], body: 'from outside' })), 200);
}

/** Somebody who comes now is let in. */
async function assertOpenToAll(): Promise<void> {
  const adamClient = await newClient(adam, '127.0.0.1');
  assert.equal(statusOf(await exchange(adamClient, { from: adam, to: alice, body: 'just came' })), 200);
  const newcomer = await newPartner();
  assert.equal(statusOf(await exchange(newcomer, { from: nora, to: alice, lines: [verified], body: 'again' })), 200);
}

for (const kind of ['users', 'partners'] as const) {
  test(`${flood} connections of one source that never say a word, at the port for ${kind}`, async t => {
    const target = portOf(kind);
    const [aliceClient, partner] = [await newClient(alice, '127.0.0.1'), await newPartner()];
    const before = residentMiB(target.pid);
    const open = countSockets(target.pid);
    await openIdle(flood, target, () => '127.0.0.66');
    await until('those beyond the limit to be closed', () => (open() <= perSource + others ? true : undefined), 20_000);
    assert.ok(open() > perSource / 2, 'they have got in');
    assertGrowth(t, open(), target.pid, before);
    await assertServed(aliceClient, partner);
    await assertOpenToAll();
    // nobody keeps a place for longer than a handshake may take
    await until('the silent ones to be gone', () => (open() <= others ? true : undefined), 60_000);
  });

  test(`${wideFlood} connections of ${sources} sources, silent or slow, at the port for ${kind}`, async t => {
    const target = portOf(kind);
    const [aliceClient, partner] = [await newClient(alice, '127.0.0.1'), await newPartner()];
    const before = residentMiB(target.pid);
    const open = countSockets(target.pid);
    await openIdle(wideFlood, target, i => sourceAddress(i % sources), drip);
    await until('those beyond the limit to be closed', () => (open() <= fromEverywhere + others ? true : undefined), 20_000);
    assert.ok(open() > perSource / 2, 'they have got in');
    assertGrowth(t, open(), target.pid, before);
    await assertServed(aliceClient, partner);
    // sending a little now and then wins no time
    await until('all of them to be gone', () => (open() <= others ? true : undefined), 60_000);
    await assertServed(aliceClient, partner);
    await assertOpenToAll();
  });
}

function sourceAddress(i: number): string {
  return `127.1.${Math.floor(i / 250)}.${1 + (i % 250)}`;
}

function assertGrowth(t: TestContext, open: number, pid: number, before: number | undefined): void {
  const growth = (residentMiB(pid) ?? 0) - (before ?? 0);
  t.diagnostic(`${open} connections are open, the server grew by ${Math.round(growth)} MiB`);
  assert.ok(growth < maxGrowthMiB, `the server grew by ${Math.round(growth)} MiB`);
}
