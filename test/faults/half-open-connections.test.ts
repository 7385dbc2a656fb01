import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { exchange, openClient, openPartner, signIn, statusOf } from '../attacks/attacker.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { residentMiB } from '../support/process-memory.ts';
import { until } from '../support/until.ts';
import { type BareClient, bareResponse } from '../torture/bare-client.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const nora = 'nora@northwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';
/** What the standard limits allow one source before it has proved who it is. */
const perSource = 500;
/** The test and a server each hold every connection; fewer where the system allows fewer. */
const flood = Math.min(5_000, Math.floor((openFileLimit() - 500) / 100) * 100);
const maxGrowthMiB = 150;

let lab: LabUnderTest;
const clients: BareClient[] = [];
const sockets: Socket[] = [];

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
});
after(async () => {
  for (const client of clients) client.close();
  for (const socket of sockets) socket.destroy();
  await lab?.stop();
});

function openFileLimit(): number {
  const said = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  return said === 'unlimited' ? 1_000_000 : Number(said);
}

/** Opens connections that never say a word; resolves when each is open or turned away. How many are open then is counted later. */
async function openSilent(
  count: number,
  target: { readonly host: string; readonly port: number },
  source: (i: number) => string,
) {
  const opened: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect({ ...target, localAddress: source(i) });
    socket.on('error', () => {});
    // without a reader the end of a connection is not seen
    socket.resume();
    opened.push(socket);
    if (i % 100 === 99) await new Promise(resolve => setImmediate(resolve));
  }
  sockets.push(...opened);
  await until('all connections to be tried', () => (opened.some(({ connecting }) => connecting) ? undefined : true), 20_000);
  return () => opened.filter(({ destroyed, readable }) => !destroyed && readable).length;
}

async function newClient(address: string, localAddress: string): Promise<BareClient> {
  const client = await openClient(lab, 'contoso', localAddress);
  client.answer = request => bareResponse(request, 200, 'OK');
  clients.push(client);
  await signIn(client, address);
  return client;
}

for (const kind of ['users', 'partners'] as const) {
  test(`${flood} connections of one source that never say a word, at the port for ${kind}`, async t => {
    const { frontEnd, edge, pids } = lab.organisation('contoso');
    const pid = (kind === 'users' ? pids.frontEnd : pids.edge)[0] as number;
    const aliceClient = await newClient(alice, '127.0.0.1');
    const partner = await openPartner(lab, lab.issue('sip.northwind.test'));
    clients.push(partner);
    const before = residentMiB(pid);
    const target =
      kind === 'users' ? { host: frontEnd.host, port: frontEnd.tlsPort } : { host: edge.host, port: edge.federationPort };
    const open = await openSilent(flood, target, () => '127.0.0.66');
    await until('those beyond the limit to be closed', () => (open() <= perSource ? true : undefined), 20_000);
    const growth = (residentMiB(pid) ?? 0) - (before ?? 0);
    t.diagnostic(`${open()} of ${flood} connections are open, the server grew by ${Math.round(growth)} MiB`);
    assert.ok(growth < maxGrowthMiB, `the server grew by ${Math.round(growth)} MiB`);

    assert.equal(statusOf(await exchange(aliceClient, { from: alice, to: alice, body: 'as always' })), 200);
    const adamClient = await newClient(adam, '127.0.0.1');
    assert.equal(statusOf(await exchange(adamClient, { from: adam, to: alice, body: 'just came' })), 200);
    assert.equal(statusOf(await exchange(partner, { from: nora, to: alice, lines: [verified], body: 'from outside' })), 200);
    const newcomer = await openPartner(lab, lab.issue('sip.northwind.test'));
    clients.push(newcomer);
    assert.equal(statusOf(await exchange(newcomer, { from: nora, to: alice, lines: [verified], body: 'again' })), 200);
    // nobody keeps a place for longer than a handshake may take
    await until('the silent ones to be gone', () => (open() === 0 ? true : undefined), 30_000);
  });
}
