import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';
import { type BareClient, bareResponse } from '../torture/bare-client.ts';
import { exchange, openClient, openPartner, type RawRequest, signIn, statusOf, valuesOf, verdictOf } from './attacker.ts';

const zone = [
  '_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test',
  '_sipfederationtls._tcp.southwind.test SRV 0 0 5061 sip.southwind.test',
];
const addresses = { alice: 'alice@contoso.test', adam: 'adam@contoso.test', eve: 'eve@contoso.test', bob: 'bob@fabrikam.test' };
const { alice, adam, eve, bob } = addresses;
const nora = 'nora@northwind.test';
const sven = 'sven@southwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';

let lab: LabUnderTest;
/** Signed in; `north` and `south` are the servers of allowed partners. */
const clients = {} as Record<keyof typeof addresses | 'north' | 'south', BareClient>;
/** Where an attacker wants to be connected to. */
let trap: Server;
let trapped = 0;
let trapRoute = '';

before(async () => {
  trap = createServer(socket => {
    trapped++;
    socket.destroy();
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  trapRoute = `<sip:127.0.0.1:${(trap.address() as AddressInfo).port};transport=tcp;lr>`;
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test', 'southwind.test'], list: 'Allowed' });
  const users = [{ identity: eve, displayName: 'Eve', password: 'pw-eve' }];
  await lab.run('contoso', 'Enable-CsUser', { users, externalAccessPolicy: 'BasicAccess' });
  for (const name of ['alice', 'adam', 'eve', 'bob'] as const) {
    clients[name] = await openClient(lab, name === 'bob' ? 'lynconline' : 'contoso');
    clients[name].answer = request => bareResponse(request, 200, 'OK');
    await signIn(clients[name], addresses[name]);
  }
  clients.north = await openPartner(lab, lab.issue('sip.northwind.test'));
  clients.south = await openPartner(lab, lab.issue('sip.southwind.test'));
});
after(async () => {
  for (const client of Object.values(clients)) client.close();
  trap?.close();
  await assertAtRest(lab);
  await lab?.stop();
});

/** A call that is answered: what its caller would send inside it. `reached`: whom it goes to, where that is not the one in To. */
async function call(
  client: BareClient,
  from: string,
  to: string,
  lines: readonly string[] = [],
  reached = to,
): Promise<RawRequest> {
  const callId = randomToken(8);
  const fromTag = randomToken(4);
  const contact = `Contact: <sip:${from};transport=tls>`;
  const answer = await exchange(client, {
    ...{ method: 'INVITE', from, to, callId, fromTag },
    requestUri: `sip:${reached}`,
    lines: [contact, verified, ...lines],
  });
  assert.equal(statusOf(answer), 200, answer.startLine);
  const toTag = /;tag=(.*)$/.exec(valuesOf(answer, 'To').join())?.[1] ?? '';
  const route = valuesOf(answer, 'Record-Route').toReversed();
  assert.ok(route.length > 0);
  return { method: 'INFO', from, to, callId, fromTag, toTag, cseq: 2, lines: [`Route: ${route.join(', ')}`] };
}

/** The same request with another one of the sealed tokens: one character of it is not the one that was sealed. */
function alter(request: RawRequest): RawRequest {
  const lines = (request.lines ?? []).map(line => line.replace(/<sip:(.)/, (_, first) => `<sip:${first === 'A' ? 'B' : 'A'}`));
  return { ...request, lines };
}

test('inside the dialog it was made for a route is good, and only for its two ends', async () => {
  const own = await call(clients.alice, alice, adam);
  const foreign = await call(clients.eve, eve, adam);
  const replays: readonly (readonly [string, BareClient, RawRequest, string])[] = [
    ['by its own end', clients.alice, own, '200'],
    ['in another call', clients.alice, { ...own, callId: randomToken(8) }, '481'],
    ['with other tags', clients.alice, { ...own, fromTag: 'x', toTag: 'y' }, '481'],
    ['altered', clients.alice, alter(own), '481'],
    ['of another dialog of the same user', clients.alice, { ...own, lines: foreign.lines ?? [] }, '481'],
    ['by a third user', clients.eve, { ...own, from: eve }, '481'],
    ['by a third user with the From of its end', clients.eve, own, '403 4004'],
    ['as a bare BYE with a guessed To tag', clients.eve, { ...own, method: 'BYE', from: eve, lines: [] }, '481'],
    ['a NOTIFY of a subscription nobody made', clients.eve, { from: eve, to: alice, method: 'NOTIFY', toTag: 'guess' }, '481'],
    ['a MESSAGE with a forged To tag', clients.eve, { from: eve, to: alice, toTag: 'guess' }, '481'],
  ];
  for (const [name, client, request, verdict] of replays) {
    assert.equal(verdictOf(await exchange(client, { ...request, cseq: (request.cseq ?? 1) + 1 })), verdict, name);
  }
});

test('a route across the federation is good for its partner alone', async () => {
  const own = await call(clients.north, nora, alice);
  const replays: readonly (readonly [string, BareClient, RawRequest, number])[] = [
    ['by its own end', clients.north, own, 200],
    ['in another call', clients.north, { ...own, callId: randomToken(8) }, 481],
    ['altered', clients.north, alter(own), 481],
    ['by another partner', clients.south, { ...own, from: sven }, 504],
    ["by another partner with the owner's From", clients.south, own, 504],
    ['by a user inside', clients.eve, { ...own, from: eve }, 481],
    ['a forged To tag', clients.south, { from: sven, to: alice, toTag: 'guess' }, 481],
    ['for a third party', clients.north, { ...own, to: bob }, 504],
  ];
  for (const [name, client, request, status] of replays) {
    const lines = [...(request.lines ?? []), ...(client === clients.eve ? [] : [verified])];
    const answer = await exchange(client, { ...request, lines, cseq: (request.cseq ?? 1) + 1 });
    assert.equal(statusOf(answer), status, name);
    if (status !== 200) assert.deepEqual(valuesOf(answer, 'ms-diagnostics'), [], name);
  }
  // it is the sealed partner that the other one is measured by: its own domain passes everything else
  await expectCodes(sven, ['ASSERTED_DOMAIN_CONFLICT']);
  await expectCodes(nora, ['PEER_CERTIFICATE_MISMATCH', 'NO_TRANSIT']);
  assert.equal(statusOf(await exchange(clients.south, { from: sven, to: alice, lines: [verified] })), 200);
});

/** Why contoso's Edge refused requests of this sender, as its log has it a moment later. */
async function expectCodes(sender: string, codes: readonly string[]): Promise<void> {
  const logged = () => {
    const refused = refusalsIn(lab.log('contoso', 'edge'));
    return refused.filter(({ from }) => from === `sip:${sender}`).map(({ code }) => code);
  };
  await until(`refusals of ${sender} in the log`, () => (logged().length < codes.length ? undefined : true));
  assert.deepEqual(logged(), codes);
}

test('in a call that was forwarded, who was called is a name for its ends alone', async () => {
  const nils = 'nils@northwind.test';
  const own = await call(clients.north, nora, nils, [], alice);
  const { fromTag = '', toTag = '' } = own;
  const asCallee = { ...own, fromTag: toTag, toTag: fromTag, to: nora };
  const replays: readonly (readonly [string, BareClient, RawRequest, number])[] = [
    ['by its own end', clients.north, own, 200],
    ['to another of its domain', clients.north, { ...own, to: 'ned@northwind.test' }, 504],
    ['to a third party', clients.north, { ...own, to: bob }, 504],
    ['by who was called, as the caller', clients.north, { ...own, from: nils }, 481],
    ['as the callee, by the address that was called', clients.north, { ...asCallee, from: nils }, 504],
    ['as the callee, by its own address', clients.north, { ...asCallee, from: alice }, 504],
    ['by another partner', clients.south, { ...own, from: sven }, 504],
    ['by another partner, as who was called', clients.south, { ...own, from: nils }, 504],
  ];
  for (const [name, client, request, status] of replays) {
    const lines = [...(request.lines ?? []), verified];
    const answer = await exchange(client, { ...request, lines, cseq: (request.cseq ?? 1) + 1 });
    assert.equal(statusOf(answer), status, name);
  }
  // neither of them by an address that is taken for another's
  await expectCodes(nils, ['ASSERTED_DOMAIN_CONFLICT', 'PEER_CERTIFICATE_MISMATCH']);
  const invite = clients.alice.received.findLast(({ startLine }) => startLine.startsWith('INVITE '));
  assert.ok(invite);
  const lines = [`Route: ${valuesOf(invite, 'Record-Route').join(', ')}`];
  const insiders: readonly (readonly [string, BareClient, RawRequest, string])[] = [
    ['by another user, as who was called', clients.eve, { ...asCallee, from: nils }, '403 4004'],
    ['by another user', clients.eve, { ...asCallee, from: eve }, '481'],
    ['by the callee, as another of that domain', clients.alice, { ...asCallee, from: 'ned@northwind.test' }, '481'],
    ['by the callee, as another user', clients.alice, { ...asCallee, from: adam }, '481'],
    ['outside the call, as who was called', clients.alice, { from: nils, to: nora }, '403 4004'],
  ];
  for (const [name, client, request, verdict] of insiders) {
    assert.equal(verdictOf(await exchange(client, { ...request, lines, cseq: (request.cseq ?? 1) + 1 })), verdict, name);
  }
});

test('a route that a stranger sets relays nothing', async () => {
  const line = (name: string) => `${name}: ${trapRoute}`;
  const { fqdn, federationPort } = lab.organisation('contoso').edge;
  const own = `<sip:${fqdn}:${federationPort};transport=tls;lr>`;
  const attempts: readonly (readonly [string, BareClient, RawRequest, number])[] = [
    ['Route of a partner', clients.north, { from: nora, to: alice, lines: [line('Route')] }, 504],
    ['Route behind our own', clients.north, { from: nora, to: alice, lines: [`Route: ${own}, ${trapRoute}`] }, 504],
    ['Route in two lines', clients.north, { from: nora, to: alice, lines: [`route : ${own}`, line('ROUTE')] }, 504],
    ['Route of a partner to a third party', clients.north, { from: nora, to: bob, lines: [`Route: ${own}`] }, 504],
    // a client's route is not followed: the request goes where its Request-URI says
    ['Route of a client', clients.alice, { from: alice, to: adam, lines: [line('Route')] }, 200],
    ['Route of a client, folded', clients.alice, { from: alice, to: bob, lines: [`Route:\r\n ${trapRoute}`] }, 200],
    ['Path of a client', clients.alice, { from: alice, to: adam, lines: [line('Path')] }, 200],
  ];
  for (const [name, client, request, status] of attempts) {
    assert.equal(statusOf(await exchange(client, { ...request, lines: [...(request.lines ?? []), verified] })), status, name);
  }
  assert.equal(trapped, 0);
});

test('a Record-Route that a client sets takes nobody to its host', async () => {
  for (const to of [adam, bob]) {
    const inside = await call(clients.alice, alice, to, [`Record-Route: ${trapRoute}`]);
    const [route = ''] = inside.lines ?? [];
    const [first = ''] = route.replace('Route: ', '').split(', ');
    const lines = [
      route,
      `Route: ${first}, ${trapRoute}`,
      `Route: ${trapRoute}, ${first}`,
      `Route: ${first}\r\nRoute: ${trapRoute}`,
    ];
    for (const [i, each] of lines.entries()) await exchange(clients.alice, { ...inside, cseq: 3 + i, lines: [each] });
  }
  assert.equal(trapped, 0);
});

test('nothing of it was a fault of a server', () => {
  for (const role of ['frontend', 'edge'] as const) assert.doesNotMatch(lab.log('contoso', role), /"event":"fault/);
});
