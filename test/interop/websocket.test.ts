import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SessionState } from 'sip.js';
import { LabUnderTest, type OrganisationName } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { JssipClient } from './jssip-client.ts';
import { callState, SipjsClient } from './sipjs-client.ts';
import { provideWebSocket, type ReceivedMessage, type WebSocketClient, type WebSocketClientOptions } from './websocket-client.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';

let lab: LabUnderTest;
const clients: WebSocketClient[] = [];
before(async () => {
  lab = await LabUnderTest.start();
  provideWebSocket(lab.file.ca);
});
after(async () => {
  await Promise.all(clients.map(client => client.stop()));
  await lab.stop();
});

type Library<C extends WebSocketClient> = new (options: WebSocketClientOptions) => C;

const libraries: readonly [name: string, library: Library<WebSocketClient>][] = [
  ['JsSIP', JssipClient],
  ['SIP.js', SipjsClient],
];

function clientOf<C extends WebSocketClient>(library: Library<C>, address: string, password?: string): C {
  const [login = '', domain] = address.split('@');
  const organisation: OrganisationName = domain === 'contoso.test' ? 'contoso' : 'lynconline';
  const { wssUrl } = lab.organisation(organisation).frontEnd;
  const client = new library({ address, login, password: password ?? `pw-${login}`, wssUrl });
  clients.push(client);
  return client;
}

async function signIn<C extends WebSocketClient>(library: Library<C>, address: string): Promise<C> {
  const client = clientOf(library, address);
  assert.equal(await client.register(), 200);
  return client;
}

async function arrival(client: WebSocketClient, text: string): Promise<ReceivedMessage> {
  return until(`"${text}" at ${client.address}`, () => client.inbox.find(message => message.text === text));
}

for (const [name, library] of libraries) {
  test(`${name}: messages both ways with an endpoint over TLS, across the federation`, async () => {
    const [a, b] = await Promise.all([signIn(library, alice), lab.signIn('lynconline', bob)]);
    assert.equal(await a.sendMessage(bob, `grüße über ${name}`), 200);
    assert.equal((await b.waitForMessage(`grüße über ${name}`, 5_000))?.from, alice);
    const answer = await b.sendMessage(alice, `zurück zu ${name}`);
    assert.equal(answer.ok && answer.value.status, 200);
    assert.equal((await arrival(a, `zurück zu ${name}`)).from, bob);
    await a.stop();
    b.close();
  });

  test(`${name}: a wrong password is refused, the right one is accepted after it`, async () => {
    const wrong = clientOf(library, alice, 'not-her-password');
    assert.equal(await wrong.register(), 401);
    await wrong.stop();
    await (await signIn(library, alice)).stop();
  });

  test(`${name}: nobody there is said, and a closed window is nobody`, async () => {
    const [a, b] = await Promise.all([signIn(library, alice), signIn(library, adam)]);
    assert.equal(await a.sendMessage('nobody@contoso.test', 'is anybody there?'), 404);
    assert.equal(await a.sendMessage(adam, 'are you there?'), 200);
    await b.vanish();
    await until('adam is gone', async () => ((await a.sendMessage(adam, 'and now?')) === 480 ? true : undefined));
    await a.stop();
  });
}

test('JsSIP and SIP.js exchange messages, inside an organisation and across the federation', async () => {
  const [a, b, c] = await Promise.all([signIn(JssipClient, alice), signIn(SipjsClient, adam), signIn(SipjsClient, bob)]);
  assert.deepEqual(await Promise.all([a.sendMessage(adam, 'lunch?'), a.sendMessage(bob, 'dinner?')]), [200, 200]);
  assert.equal((await arrival(b, 'lunch?')).from, alice);
  assert.equal((await arrival(c, 'dinner?')).from, alice);
  assert.deepEqual(await Promise.all([b.sendMessage(alice, 'gladly'), c.sendMessage(alice, 'with pleasure')]), [200, 200]);
  assert.equal((await arrival(a, 'gladly')).from, adam);
  assert.equal((await arrival(a, 'with pleasure')).from, bob);
  await Promise.all([a.stop(), b.stop(), c.stop()]);
});

test('SIP.js: a call across the federation, with everything inside its dialog over the two WebSockets', async () => {
  const [a, b] = await Promise.all([signIn(SipjsClient, alice), signIn(SipjsClient, bob)]);
  const outgoing = await a.call(bob);
  const incoming = await until('the call', () => b.invitations[0]);
  await incoming.accept();
  await Promise.all([callState(outgoing, SessionState.Established), callState(incoming, SessionState.Established)]);
  await incoming.invite();
  await until('the second answer', () => (outgoing.dialog?.signalingState === 'Stable' ? true : undefined));
  await incoming.bye();
  await callState(outgoing, SessionState.Terminated);
  await Promise.all([a.stop(), b.stop()]);
});

test('JsSIP and SIP.js watch the presence that a SIP.js client publishes', async () => {
  const [publisher, ...watchers] = await Promise.all([
    signIn(SipjsClient, adam),
    signIn(JssipClient, alice),
    signIn(SipjsClient, alice),
  ]);
  await Promise.all(watchers.map(watcher => watcher.watch(adam)));
  await publisher.publish(
    '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:adam@contoso.test">' +
      '<tuple id="t1"><status><basic>open</basic></status><note>über den Wolken</note></tuple></presence>',
  );
  for (const watcher of watchers) {
    await until('the note', () => watcher.notified.find(pidf => pidf.includes('über den Wolken')));
  }
  await Promise.all([publisher, ...watchers].map(client => client.stop()));
});
