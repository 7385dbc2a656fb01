import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { type ClientOptions, WebSocket } from 'ws';
import { systemClock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { createAuthority, issueCertificate } from '../certificates/issue.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { CloseReason } from './close-reason.ts';
import { type Connection, type ConnectionHandler, userConnectionLimits } from './connection.ts';
import type { Listener } from './listener.ts';
import { listenWebSocket, type WebSocketListenOptions } from './websocket-listener.ts';

const root = await createAuthority({ name: 'root', validDays: 10 });
const issued = await issueCertificate(root, { names: ['fe.contoso.test'], days: 5, eku: 'server' });
const identity = { cert: issued.chainPem, key: issued.keyPem };
const trust = { ca: root.certificatePem, servername: 'fe.contoso.test' };
const small = { maxUnauthenticated: 10, maxUnauthenticatedPerSource: 1 };

const open: Listener[] = [];
after(() => Promise.all(open.map(listener => listener.close())));

const head = (callId: string, length: number) =>
  `MESSAGE sip:bob@contoso.test SIP/2.0\r\nVia: SIP/2.0/WSS d3q.invalid;branch=z9hG4bK${callId}\r\n` +
  `From: <sip:alice@contoso.test>;tag=1\r\nTo: <sip:bob@contoso.test>\r\nCall-ID: ${callId}\r\nCSeq: 1 MESSAGE\r\n` +
  `Content-Length: ${length}\r\n\r\n`;
const textOf = (callId: string, body = '') => head(callId, Buffer.byteLength(body)) + body;
const outgoing = (callId: string, body: Uint8Array = new Uint8Array(0)) => ({ head: head(callId, body.length), body });

/** Lets a test wait for what happens to connections. */
class Inbox implements ConnectionHandler {
  readonly messages: SipMessage[] = [];
  readonly bad: [failure: Failure, request: SipRequest | undefined][] = [];
  readonly ends: CloseReason[] = [];
  onMessage(_connection: Connection, message: SipMessage): void {
    this.messages.push(message);
  }
  onBad(_connection: Connection, failure: Failure, request: SipRequest | undefined): void {
    this.bad.push([failure, request]);
  }
  onClosed(_connection: Connection, why: CloseReason): void {
    this.ends.push(why);
  }
  get callIds(): string[] {
    return this.messages.map(message => message.callId);
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.text);
  return result.value;
}

async function listen(more: Partial<WebSocketListenOptions> = {}) {
  const inbox = new Inbox();
  const accepted: Connection[] = [];
  const refused: Failure[] = [];
  const listener = valueOf(
    await listenWebSocket({
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      handler: inbox,
      connectionLimits: userConnectionLimits,
      identity,
      onConnection: connection => accepted.push(connection),
      onRefused: why => refused.push(why),
      ...more,
    }),
  );
  open.push(listener);
  return { listener, inbox, accepted, refused };
}

/** A client, and what it has received. */
async function connect(port: number, options: ClientOptions = {}) {
  const client = new WebSocket(`wss://127.0.0.1:${port}`, 'sip', { ...trust, ...options });
  const received: [text: string, kind: 'text' | 'binary'][] = [];
  client.on('message', (data: Buffer, isBinary) => received.push([data.toString('latin1'), isBinary ? 'binary' : 'text']));
  client.on('error', () => {});
  const closed = once(client, 'close').then(([code]) => code as number);
  await once(client, 'open');
  return { client, received, closed };
}

function rawTls(port: number): TLSSocket {
  const socket = tlsConnect({ host: '127.0.0.1', port, ...trust });
  socket.on('error', () => {});
  return socket;
}

const upgradeHead =
  'GET / HTTP/1.1\r\nHost: fe.contoso.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: sip\r\n\r\n';

test('SIP over TLS and WebSocket both ways, one message per frame, text where it is UTF-8, no compression', async () => {
  const { listener, inbox, accepted } = await listen();
  const { client, received, closed } = await connect(listener.port, { perMessageDeflate: true });
  assert.deepEqual([client.protocol, client.extensions], ['sip', '']);
  client.send(textOf('text', 'grüße'));
  client.send(Buffer.from(textOf('binary')), { binary: true });
  client.send(textOf('pieces').slice(0, 40), { fin: false });
  client.send(textOf('pieces').slice(40), { fin: true });
  await until(() => inbox.messages.length === 3);
  assert.deepEqual(inbox.callIds, ['text', 'binary', 'pieces']);
  assert.equal(Buffer.from(inbox.messages[0]?.body ?? []).toString(), 'grüße');
  const connection = accepted[0] as Connection;
  assert.deepEqual(
    [connection.transport, connection.secure, connection.authenticated, connection.remoteAddress],
    ['WSS', true, false, '127.0.0.1'],
  );
  connection.send(outgoing('one', Buffer.from('grüße')));
  connection.send(outgoing('two', Buffer.of(0xff, 0xfe)));
  await until(() => received.length === 2);
  assert.deepEqual(received, [
    [head('one', 7) + Buffer.from('grüße').toString('latin1'), 'text'],
    [`${head('two', 2)}\xff\xfe`, 'binary'],
  ]);
  client.close();
  assert.equal((await connection.closed).kind, 'peer-closed');
  assert.equal(await closed, 1005);
  assert.deepEqual([listener.counts.connections, listener.connections.size], [0, 0]);
});

test('keep-alives: two CRLFs get one, a ping gets a pong; what cannot be read is reported and the next message is served', async () => {
  const { listener, inbox } = await listen();
  const { client, received } = await connect(listener.port);
  client.send('\r\n\r\n');
  await until(() => received.length === 1);
  assert.deepEqual(received, [['\r\n', 'text']]);
  client.ping('are you there');
  const [answer] = (await once(client, 'pong')) as [Buffer];
  assert.equal(answer.toString(), 'are you there');
  client.send('nonsense');
  client.send(textOf('short', 'body').slice(0, -1));
  client.send(textOf('next'));
  await until(() => inbox.messages.length === 1);
  assert.deepEqual(
    inbox.bad.map(([{ code }, request]) => [code, request?.callId]),
    [
      ['MESSAGE_MALFORMED', undefined],
      ['MESSAGE_MALFORMED', 'short'],
    ],
  );
});

test('HTTP that becomes no WebSocket is answered and closed, and the place is given back', async () => {
  const { listener, refused } = await listen({ allowedOrigins: ['https://Chat.contoso.test'] });
  const { port } = listener;
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': 'sip',
  };
  const origin = (value: string) => ({ ...upgrade, origin: value });
  const cases: [path: string, headers: Record<string, string>, status: number][] = [
    ['/', {}, 426],
    ['/panel', {}, 404],
    ['/panel', upgrade, 404],
    ['/', { ...upgrade, upgrade: 'h2c' }, 426],
    ['/', { ...upgrade, 'sec-websocket-protocol': 'xmpp, mqtt' }, 400],
    ['/', { ...upgrade, 'sec-websocket-version': '7' }, 400],
    ['/', { ...upgrade, 'sec-websocket-key': 'short' }, 400],
    ['/', origin('https://evil.test'), 403],
    ['/', origin('null'), 403],
    ['/', origin('https://chat.contoso.test'), 101],
    ['/?from=page', upgrade, 101],
    ['/', { ...upgrade, 'sec-websocket-protocol': 'xmpp, sip' }, 101],
  ];
  for (const [path, headers, status] of cases) {
    const request = httpsRequest({ host: '127.0.0.1', port, path, headers, ...trust, agent: false }).end();
    const answer = await Promise.race([once(request, 'response'), once(request, 'upgrade')]);
    const response = answer[0] as IncomingMessage;
    assert.equal(response.statusCode, status, `${path} ${JSON.stringify(headers)}`);
    assert.equal(response.headers['sec-websocket-protocol'], status === 101 ? 'sip' : undefined);
    if (status === 426) assert.equal(response.headers.upgrade, 'websocket');
    if (status !== 101) await once(response.resume(), 'end');
    response.socket.destroy();
  }
  const garbage = rawTls(port);
  garbage.write('SIP is spoken here\r\n\r\n');
  const [reply] = (await once(garbage, 'data')) as [Buffer];
  assert.match(reply.toString(), /^HTTP\/1.1 400 /);
  await once(garbage.resume(), 'close');
  await until(() => listener.counts.connections === 0);
  assert.deepEqual([...new Set(refused.map(why => why.code))], ['WEBSOCKET_REFUSED']);
  assert.equal(refused.length, 10);
  assert.match(refused[7]?.text ?? '', /127\.0\.0\.1: the origin https:\/\/evil\.test is not allowed/);
});

const upgradeLines = 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
const pipelined: readonly [what: string, requests: string, answers: RegExp][] = [
  [
    'a plain request, then an upgrade',
    `GET / HTTP/1.1\r\nHost: a\r\n\r\n${upgradeLines}\r\n`,
    /^HTTP\/1.1 426 (?:(?!HTTP)[^])*$/,
  ],
  ['many plain requests', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50), /^HTTP\/1.1 426 /],
  ['two upgrades that are refused', `${upgradeLines}\r\n`.repeat(2), /^HTTP\/1.1 400 /],
  ['an expectation, then an upgrade', `GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n${upgradeLines}\r\n`, /^HTTP\/1.1 4/],
  [
    'an upgrade without its key',
    `${upgradeLines}Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    /^HTTP\/1.1 400 /,
  ],
  ['garbage behind a request', `GET / HTTP/1.1\r\nHost: a\r\n\r\n${'\0'.repeat(50)}`, /^HTTP\/1.1 4/],
];
for (const [what, requests, answers] of pipelined) {
  test(`several requests at once are at most one answer and the end: ${what}`, async () => {
    const { listener, refused } = await listen();
    const socket = rawTls(listener.port);
    let said = '';
    socket.setEncoding('latin1').on('data', text => {
      said += text;
    });
    await once(socket, 'secureConnect');
    socket.write(requests);
    await once(socket, 'close');
    assert.match(said, answers);
    assert.equal(refused.length, 1);
    await until(() => listener.counts.connections === 0);
  });
}

test('a peer that does not finish its request in time, or sends an endless one, is dropped', async () => {
  const clock = new FakeClock();
  const { listener, refused } = await listen({ clock, handshakeTimeoutMs: 3_000, admissionLimits: small });
  const silent = rawTls(listener.port);
  silent.write(upgradeHead.slice(0, 60));
  await until(() => clock.timers === 1);
  clock.advance(3_000);
  await once(silent.resume(), 'close');
  await until(() => listener.counts.connections === 0);
  const endless = rawTls(listener.port);
  endless.write(`GET / HTTP/1.1\r\nX: ${'x'.repeat(10_000)}`);
  const [reply] = (await once(endless, 'data')) as [Buffer];
  assert.match(reply.toString(), /^HTTP\/1.1 400 /);
  await once(endless.resume(), 'close');
  await until(() => listener.counts.connections === 0);
  assert.deepEqual(
    refused.map(why => why.text.replace(/^.*: /, '')),
    ['its request did not come in time.', 'Header overflow.'],
  );
  assert.equal(clock.timers, 0);
});

test('a stranger has limited time and bytes, whatever the frames are; both limits go when it has proved who it is', async () => {
  const clock = new FakeClock();
  const connectionLimits = { ...userConnectionLimits, unauthenticatedBytes: 20_000 };
  const { listener, inbox, accepted } = await listen({ clock, connectionLimits, pingMs: 3_600_000 });
  const pieces = await connect(listener.port);
  for (let piece = 0; piece < 30; piece++) pieces.client.send('x'.repeat(1_000), { fin: false });
  assert.equal(await pieces.closed, 1006);
  const pings = await connect(listener.port);
  while (pings.client.readyState === WebSocket.OPEN) {
    pings.client.ping('x'.repeat(120));
    await Promise.race([once(pings.client, 'pong'), pings.closed]);
  }
  const late = await connect(listener.port);
  clock.advance(userConnectionLimits.unauthenticatedMs);
  assert.equal(await late.closed, 1006);
  assert.deepEqual(
    inbox.ends.map(why => why.kind),
    ['authentication-bytes', 'authentication-bytes', 'authentication-late'],
  );
  const known = await connect(listener.port);
  accepted[3]?.markAuthenticated();
  assert.equal(listener.counts.unauthenticated, 0);
  known.client.send(textOf('long', 'x'.repeat(100_000)));
  clock.advance(userConnectionLimits.unauthenticatedMs);
  await until(() => inbox.messages.length === 1);
});

test('too large: a body over its limit can be answered, a frame over all limits ends the connection before it is read', async () => {
  const limits = { ...userConnectionLimits, message: { headBytes: 4_000, bodyBytes: 1_000, maxHeaders: 20 } };
  const { listener, inbox, accepted } = await listen({ connectionLimits: limits });
  const { client, closed } = await connect(listener.port);
  client.send(textOf('body', 'x'.repeat(2_000)));
  await until(() => inbox.bad.length === 1);
  assert.deepEqual([inbox.bad[0]?.[0].code, inbox.bad[0]?.[1]?.callId], ['MESSAGE_BODY_TOO_LARGE', 'body']);
  client.send(textOf('frame', 'x'.repeat(5_000)));
  assert.equal(await closed, 1009);
  const why = await accepted[0]?.closed;
  assert.equal(why?.kind, 'transport-failed');
  assert.match(why?.detail ?? '', /payload size/i);
  const many = await connect(listener.port);
  for (let piece = 0; piece < 300; piece++) many.client.send('x', { fin: false });
  assert.equal(await many.closed, 1008);
  assert.deepEqual(inbox.messages, []);
});

test('a peer that breaks the framing ends its connection, and one that just goes away is told from one that says goodbye', async () => {
  const { listener, accepted } = await listen();
  const unmasked = rawTls(listener.port);
  unmasked.write(upgradeHead);
  await until(() => accepted.length === 1);
  unmasked.write(Buffer.of(0x81, 0x01, 0x41));
  await once(unmasked.resume(), 'close');
  assert.match((await accepted[0]?.closed)?.detail ?? '', /MASK/);
  const gone = await connect(listener.port);
  gone.client.terminate();
  await until(() => listener.connections.size === 0);
  const why = await accepted[1]?.closed;
  assert.equal(why?.kind, 'transport-failed');
});

test('a peer that stops reading is given up', async () => {
  const { listener, accepted } = await listen({
    connectionLimits: { ...userConnectionLimits, maxQueuedBytes: 50_000, stalledMs: 100, unauthenticatedMs: 60_000 },
  });
  const { client } = await connect(listener.port);
  client.pause();
  const connection = accepted[0] as Connection;
  const body = Buffer.alloc(100_000);
  // a refused message alone proves nothing: the kernel may still take what waits
  for (; !connection.closing; await turn()) connection.send(outgoing('much', body));
  assert.equal((await connection.closed).kind, 'slow-reader');
});

test('a peer is pinged; one that answers stays, one that does not is given up', async () => {
  const clock = new FakeClock();
  const { listener, inbox, accepted } = await listen({ clock, pingMs: 1_000 });
  const dead = await connect(listener.port, { autoPong: false });
  accepted[0]?.markAuthenticated();
  const alive = await connect(listener.port);
  accepted[1]?.markAuthenticated();
  for (let round = 0; round < 5; round++) {
    const pinged = once(alive.client, 'ping');
    clock.advance(1_000);
    await pinged;
    // What follows the pong shows that the pong has arrived.
    alive.client.send(textOf(`${round}`));
    await until(() => inbox.messages.length === round + 1);
  }
  assert.equal(await dead.closed, 1006);
  assert.deepEqual(
    inbox.ends.map(({ kind, detail }) => [kind, detail]),
    [['transport-failed', 'no answer to a ping']],
  );
  assert.equal(accepted[1]?.closing, false);
});

test('a paused connection hands out nothing and is not pinged; then everything comes in order', async () => {
  const clock = new FakeClock();
  const { listener, inbox, accepted } = await listen({ clock, pingMs: 1_000 });
  const { client } = await connect(listener.port);
  const connection = accepted[0] as Connection;
  connection.markAuthenticated();
  connection.pauseReading();
  const ids = Array.from({ length: 400 }, (_, index) => `m${index}`);
  for (const id of ids) client.send(textOf(id, 'x'.repeat(20_000)));
  clock.advance(10_000);
  // What the buffers of the system do not take stays with the client.
  for (let before = 0, still = 0; still < 300; before = client.bufferedAmount) {
    await turn();
    still = client.bufferedAmount === before ? still + 1 : 0;
  }
  assert.ok(client.bufferedAmount > 0);
  assert.deepEqual([inbox.callIds, connection.closing], [[], false]);
  connection.resumeReading();
  await until(() => inbox.messages.length === ids.length);
  assert.deepEqual(inbox.callIds, ids);
});

test('the end of the listener says goodbye to clients, and drops who has not become one', async () => {
  const clock = new FakeClock();
  const { listener, inbox, accepted } = await listen({ clock });
  const { closed } = await connect(listener.port);
  const timersOfConnection = clock.timers;
  const unfinished = rawTls(listener.port).resume();
  const dropped = once(unfinished, 'close');
  unfinished.write(upgradeHead.slice(0, 60));
  await until(() => clock.timers > timersOfConnection);
  accepted[0]?.send(outgoing('last'));
  await listener.close();
  assert.equal(await closed, 1000);
  await dropped;
  assert.deepEqual(inbox.ends, [{ kind: 'closed-here', detail: 'the listener is closing' }]);
});

test('plain WebSocket where no certificate is given; an unusable certificate is a failure', async () => {
  const { listener, inbox, accepted } = await listen({ identity: undefined as never });
  const client = new WebSocket(`ws://127.0.0.1:${listener.port}/`, ['sip']);
  await once(client, 'open');
  client.send(textOf('plain'));
  await until(() => inbox.messages.length === 1);
  assert.deepEqual([accepted[0]?.transport, accepted[0]?.secure], ['WS', false]);
  client.terminate();
  const request = httpRequest({ host: '127.0.0.1', port: listener.port, path: '/' }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 426);
  response.resume();
  const unusable = await listenWebSocket({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    handler: inbox,
    connectionLimits: userConnectionLimits,
    identity: { cert: '', key: 'nonsense' },
  });
  assert.equal(unusable.ok ? undefined : unusable.error.code, 'TLS_SETTINGS_UNUSABLE');
});
