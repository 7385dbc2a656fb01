import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clientLimits } from '../../src/sip/parse-limits.ts';
import { ownerParts } from '../../src/transaction/request-limits.ts';
import { assertAtRest, sizeOf, takenOf } from '../support/at-rest.ts';
import { LabUnderTest, type OrganisationName, type ServerRole } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { type BareClient, bareResponse, headerOf } from '../torture/bare-client.ts';
import { exchange, openClient, openPartner, type RawRequest, rawRequest, signIn, statusOf } from './attacker.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const eve = 'eve@contoso.test';
const nora = 'nora@northwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';
const batch = 250;

let lab: LabUnderTest;
const clients: BareClient[] = [];

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  const users = [{ identity: eve, displayName: 'Eve', password: 'pw-eve' }];
  await lab.run('contoso', 'Enable-CsUser', { users, externalAccessPolicy: 'BasicAccess' });
});
after(async () => {
  close();
  await assertAtRest(lab, 'what is remembered too');
  await lab?.stop();
});

function close(): void {
  for (const client of clients.splice(0)) client.close();
}

async function user(address: string): Promise<BareClient> {
  const client = await openClient(lab, 'contoso');
  clients.push(client);
  await signIn(client, address);
  return client;
}

async function partner(): Promise<BareClient> {
  const client = await openPartner(lab, lab.issue('sip.northwind.test'));
  clients.push(client);
  return client;
}

/** Somebody who wants more than everybody together may have of one thing. */
interface Greed {
  readonly who: 'account' | 'partner';
  readonly of: string;
  readonly limit: readonly [server: ServerRole, name: string];
  /** The part of it that the holder gets at most. */
  readonly part: number;
  /** How many requests it takes to get there. */
  readonly count: number;
  readonly request: Partial<RawRequest>;
}

const invite = { method: 'INVITE', lines: [verified, 'Contact: <sip:x@client.invalid>'] };
const heavy = { ...invite, lines: [...invite.lines, `X-Heavy: ${'x'.repeat(60_000)}`] };

/** As much as a client is sent: a partner may hold more of it than an account. */
const heavyCall = { ...heavy, body: 'x'.repeat(clientLimits.bodyBytes) };

const greeds: readonly Greed[] = [
  {
    who: 'account',
    of: 'requests',
    limit: ['frontend', 'account_requests'],
    part: ownerParts.account,
    count: 2_300,
    request: {},
  },
  {
    who: 'account',
    of: 'ringing calls',
    limit: ['frontend', 'account_ringing_calls'],
    part: ownerParts.account,
    count: 500,
    request: invite,
  },
  {
    who: 'account',
    of: 'bytes',
    limit: ['frontend', 'account_request_bytes'],
    part: ownerParts.account,
    count: 250,
    request: heavy,
  },
  {
    who: 'partner',
    of: 'requests',
    limit: ['edge', 'partner_requests'],
    part: ownerParts.partner,
    count: 6_600,
    request: { lines: [verified] },
  },
  {
    who: 'partner',
    of: 'ringing calls',
    limit: ['edge', 'partner_ringing_calls'],
    part: ownerParts.partner,
    count: 1_500,
    request: invite,
  },
  {
    who: 'partner',
    of: 'bytes',
    limit: ['edge', 'partner_request_bytes'],
    part: ownerParts.partner,
    count: 400,
    request: heavyCall,
  },
];

/** Others go on: inside, to a partner and from a partner. */
async function assertOthersServed(honest: BareClient): Promise<void> {
  honest.answer = request => bareResponse(request, 200, 'OK');
  assert.equal(statusOf(await exchange(honest, { from: eve, to: eve, body: 'inside' })), 200);
  const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
  assert.equal(statusOf(await exchange(honest, { from: eve, to: bob.address, body: 'to a partner' })), 200);
  const sent = await bob.sendMessage(eve, 'from a partner');
  assert.equal(sent.ok && sent.value.status, 200);
}

for (const { who, of, limit, part, count, request } of greeds) {
  test(`one ${who} wants more ${of} than its share: it is told 503, and others go on`, async t => {
    const silent = await user(adam);
    silent.answer = undefined;
    const honest = await user(eve);
    const from = who === 'account' ? alice : nora;
    const greedy = who === 'account' ? await user(alice) : await partner();
    const [role, name] = limit;
    const taken = () => takenOf(lab, 'contoso' satisfies OrganisationName, role, name);
    // the bytes of calls that were taken count for half a minute more, and the lab itself has made one
    const before = await taken();
    const refused = () => greedy.received.filter(message => message.startLine.startsWith('SIP/2.0 503'));
    const send = (number: number) => greedy.write(rawRequest({ from, to: adam, callId: `greed-${number}`, ...request }));
    for (let sent = 0; sent < count; sent++) {
      send(sent);
      if (sent % batch === 0) await new Promise(resolve => setImmediate(resolve));
      // a client is sent no more of heavy ones before it has read those before
      if (request === heavy || request === heavyCall)
        await until('the one before', () => silent.received.length + refused().length >= sent || undefined);
    }
    const first = await until('the first refusal', () => refused()[0], 20_000);
    assert.ok(Number(headerOf(first, 'Retry-After')) > 0, 'it is told when to come again');
    const held = await taken();
    const most = (await sizeOf(lab, 'contoso', role, name)) * part;
    t.diagnostic(`${held} held, ${refused().length} refused`);
    assert.ok(held > before && held <= most, `${held} of ${most}`);
    await assertOthersServed(honest);
    close();
    await until('all of it to be given back', async () => ((await taken()) <= before ? true : undefined));
  });
}
