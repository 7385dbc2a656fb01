import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Failure } from '../base/failure.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { MemoryStream, type MemoryStreamOptions } from '../testing/memory-stream.ts';
import type { ByteStream, ByteStreamHandler } from './byte-stream.ts';
import type { CloseReason } from './close-reason.ts';
import { Connection, type ConnectionHandler, type ConnectionOptions, userConnectionLimits } from './connection.ts';

const head = (callId: string, length = 0) =>
  `MESSAGE sip:bob@contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.1;branch=z9hG4bK${callId}\r\n` +
  `From: <sip:alice@contoso.test>;tag=1\r\nTo: <sip:bob@contoso.test>\r\nCall-ID: ${callId}\r\nCSeq: 1 MESSAGE\r\n` +
  `Content-Length: ${length}\r\n\r\n`;

function message(callId: string, body = ''): OutgoingMessage {
  return { head: head(callId, body.length), body: Buffer.from(body) };
}

class Recorder implements ConnectionHandler {
  readonly messages: SipMessage[] = [];
  readonly bad: [failure: Failure, request: SipRequest | undefined][] = [];
  readonly ends: CloseReason[] = [];
  onEach: ((message: SipMessage, connection: Connection) => void) | undefined;

  onMessage(connection: Connection, received: SipMessage): void {
    this.messages.push(received);
    this.onEach?.(received, connection);
  }
  onBad(_connection: Connection, failure: Failure, request: SipRequest | undefined): void {
    this.bad.push([failure, request]);
  }
  onClosed(_connection: Connection, why: CloseReason): void {
    this.ends.push(why);
  }
  get callIds(): string[] {
    return this.messages.map(received => received.callId);
  }
}

/** The far end of a stream: the bytes that arrive, write by write. */
class Far implements ByteStreamHandler {
  readonly writes: string[] = [];
  ended = false;
  onReceived(): void {}
  onBytes(bytes: Uint8Array): void {
    this.writes.push(Buffer.from(bytes).toString('latin1'));
  }
  onEnd(): void {
    this.ended = true;
  }
}

function setUp(more: Partial<ConnectionOptions> = {}, streams: MemoryStreamOptions = {}) {
  const [near, farStream] = MemoryStream.pair(streams);
  const clock = new FakeClock();
  const handler = new Recorder();
  const connection = new Connection({
    stream: near,
    handler,
    clock,
    limits: userConnectionLimits,
    direction: 'inbound',
    secure: true,
    remoteAddress: '192.0.2.1',
    remotePort: 41034,
    ...more,
  });
  const far = new Far();
  farStream.open(far);
  const write = (text: string) => farStream.write(Buffer.from(text, 'latin1'));
  return { connection, clock, handler, far, farStream, write };
}

const limits = (more: Partial<typeof userConnectionLimits>) => ({ ...userConnectionLimits, ...more });

for (const pieceBytes of [1, 7, 100_000]) {
  test(`messages and keep-alives in pieces of ${pieceBytes}`, async () => {
    const { handler, far, write } = setUp({}, { pieceBytes });
    write(`${head('a', 5)}hello\r\n\r\n${head('b')}`);
    await turn();
    // what was sent in the turn is written at its end
    await turn();
    assert.deepEqual(handler.callIds, ['a', 'b']);
    assert.equal(Buffer.from(handler.messages[0]?.body ?? []).toString(), 'hello');
    assert.equal(far.writes.join(''), '\r\n');
  });
}

test('rfc5626 4.4.1: two CRLFs are a ping where the second follows at once, and none where it comes a second later', async () => {
  const { clock, far, write } = setUp();
  const sendCrlf = async () => {
    write('\r\n');
    await turn();
    await turn();
    return far.writes.splice(0);
  };
  assert.deepEqual(await sendCrlf(), []);
  clock.advance(100);
  assert.deepEqual(await sendCrlf(), ['\r\n']);
  for (let second = 0; second < 4; second++) {
    clock.advance(1000);
    assert.deepEqual(await sendCrlf(), []);
  }
});

test('what is sent in one turn of the event loop is one write', async () => {
  const { connection, far } = setUp();
  await turn();
  connection.send(message('a', 'hello'));
  connection.send(message('b'));
  assert.ok(connection.queuedBytes > 0);
  // Later in the same turn, but in another callback.
  process.nextTick(() => connection.send(message('c')));
  await turn();
  await turn();
  assert.deepEqual(far.writes, [`${head('a', 5)}hello${head('b')}${head('c')}`]);
  assert.equal(connection.queuedBytes, 0);
});

test('a stranger is cut off after its time, and not after it proved who it is', async () => {
  const late = setUp();
  late.clock.advance(9_999);
  assert.equal(late.connection.closing, false);
  late.clock.advance(1);
  await turn();
  assert.deepEqual(late.handler.ends, [{ kind: 'authentication-late', detail: '' }]);
  assert.equal(late.far.ended, true);
  const known = setUp();
  known.connection.markAuthenticated();
  known.clock.advance(60_000);
  assert.equal(known.connection.closing, false);
});

test('a stranger is cut off after its bytes, even in the middle of a message', async () => {
  for (const authenticated of [false, true]) {
    const { connection, handler, write } = setUp({ limits: limits({ unauthenticatedBytes: 1_000 }) });
    if (authenticated) connection.markAuthenticated();
    write(head('a', 5_000));
    write('x'.repeat(5_000));
    await turn();
    assert.deepEqual(handler.callIds, authenticated ? ['a'] : []);
    assert.deepEqual(
      handler.ends.map(why => why.kind),
      authenticated ? [] : ['authentication-bytes'],
    );
  }
});

test('an outbound or verified peer needs no further proof', () => {
  const peer = { names: ['edge.test'], fingerprint: '', publicKeySha256: '', issuer: '', serial: '' };
  let told = 0;
  const { connection } = setUp({ peer, onAuthenticated: () => told++ === 0 });
  assert.equal(connection.authenticated, true);
  assert.equal(told, 1);
  assert.equal(setUp({ direction: 'outbound' }).connection.authenticated, true);
});

test('an owner with too many connections stays a stranger, and is cut off as one', async () => {
  const owners: (string | undefined)[] = [];
  const { connection, clock, handler } = setUp({ onAuthenticated: (_, owner) => owners.push(owner) > 1 });
  assert.equal(connection.markAuthenticated('alice'), false);
  assert.equal(connection.authenticated, false);
  assert.equal(connection.markAuthenticated('alice'), true);
  assert.equal(connection.markAuthenticated('alice'), true);
  assert.deepEqual(owners, ['alice', 'alice']);
  clock.advance(1e6);
  await turn();
  assert.deepEqual(
    handler.ends.map(({ kind }) => kind),
    ['idle'],
  );
});

test('a peer with a certificate is told nothing, and closed, unless something of it was accepted', async () => {
  const peer = { names: ['edge.test'], fingerprint: '', publicKeySha256: '', issuer: '', serial: '' };
  for (const proves of [false, true]) {
    const { connection, clock, handler, write } = setUp({ peer, limits: limits({ unprovenMs: 60_000, idleMs: 0 }) });
    assert.deepEqual([connection.authenticated, connection.proven], [true, false]);
    write(head('a'));
    await turn();
    if (proves) connection.markProven();
    clock.advance(60_001);
    await turn();
    assert.deepEqual(
      handler.ends.map(({ kind }) => kind),
      proves ? [] : ['never-accepted'],
    );
  }
});

test('a message that has begun has to go on: by its rate, not by its length', async () => {
  const slow = { idleMs: 0, unauthenticatedMs: 1e9, unauthenticatedBytes: 1e9, minBytesPerSecond: 100 };
  const { clock, handler, write, connection } = setUp({ limits: limits(slow) });
  write(head('slow', 50_000));
  for (let sent = 0; sent < 40_000; sent += 2_000) {
    write('x'.repeat(2_000));
    await turn();
    clock.advance(10_000);
  }
  await turn();
  assert.equal(connection.closing, false, 'a long body may take its time');
  clock.advance(10_000);
  write('x');
  await turn();
  clock.advance(10_001);
  await turn();
  assert.deepEqual(
    handler.ends.map(({ kind }) => kind),
    ['message-late'],
  );
  const other = setUp({ limits: limits(slow) });
  other.write(head('whole', 3));
  await turn();
  other.write('abc');
  await turn();
  other.clock.advance(30_000);
  await turn();
  assert.deepEqual([other.handler.callIds, other.handler.ends], [['whole'], []]);
});

test('silence for the idle time ends the connection; a keep-alive prevents it', async () => {
  const { connection, clock, handler, write } = setUp({ limits: limits({ idleMs: 60_000, unauthenticatedMs: 1e9 }) });
  for (let i = 0; i < 5; i++) {
    write('\r\n\r\n');
    await turn();
    clock.advance(60_000);
    assert.equal(connection.closing, false);
  }
  clock.advance(60_000);
  await turn();
  assert.deepEqual(handler.ends, [{ kind: 'idle', detail: '' }]);
  assert.equal(clock.timers, 0);
});

test('a peer that does not read costs no more than the limit', async () => {
  const { connection, farStream, handler, clock } = setUp({ limits: limits({ maxQueuedBytes: 10_000 }) });
  const accepted = await fill(connection, farStream);
  assert.ok(accepted >= 8 && accepted <= 11, `${accepted} accepted`);
  assert.equal(connection.send(message('b')), false);
  clock.advance(userConnectionLimits.stalledMs - 1);
  await turn();
  assert.equal(handler.ends.length, 0);
  clock.advance(1);
  await turn();
  assert.equal(handler.ends[0]?.kind, 'slow-reader');
  assert.equal(connection.send(message('b')), false);
});

test('a peer that is flooded and reads is not cut off', async () => {
  const { connection, farStream, handler, clock } = setUp({ limits: limits({ maxQueuedBytes: 10_000 }) });
  await fill(connection, farStream);
  farStream.setReading(true);
  await turn();
  await turn();
  clock.advance(userConnectionLimits.stalledMs * 2);
  await turn();
  assert.deepEqual(handler.ends, []);
  assert.equal(connection.send(message('b')), true);
});

/** Sends to a peer that does not read until nothing more is taken; how many messages were. */
async function fill(connection: Connection, farStream: MemoryStream): Promise<number> {
  connection.markAuthenticated();
  farStream.setReading(false);
  let accepted = 0;
  while (connection.send(message('a', 'x'.repeat(1_000)))) {
    accepted++;
    await turn();
  }
  return accepted;
}

test('bad messages are reported; the stream goes on where their end is known', async () => {
  const { connection, handler, far, write } = setUp();
  write(head('a').replace('CSeq: 1 MESSAGE', 'CSeq: 1 INVITE'));
  write(head('b'));
  await turn();
  assert.equal(handler.bad[0]?.[0].code, 'MESSAGE_MALFORMED');
  assert.equal(handler.bad[0]?.[1]?.callId, 'a');
  assert.deepEqual(handler.callIds, ['b']);
  assert.equal(connection.closing, false);
  write(head('c').replace('Content-Length: 0', 'Content-Length: many'));
  write(head('d'));
  await turn();
  assert.equal(handler.bad.length, 2);
  assert.deepEqual(handler.callIds, ['b']);
  assert.equal(handler.ends[0]?.kind, 'unreadable');
  assert.equal(far.ended, true);
});

test('what is sent about an unreadable message goes out before the end', async () => {
  const { handler, far, write } = setUp();
  handler.onBad = connection => void connection.send(message('answer'));
  write('nonsense\r\n\r\n');
  await turn();
  assert.deepEqual(far.writes, [head('answer')]);
  assert.equal(far.ended, true);
});

test('reading can be paused in the middle of a chunk and goes on in order', async () => {
  const { connection, handler, write } = setUp();
  handler.onEach = received => {
    if (received.callId === 'a') connection.pauseReading();
  };
  write(head('a') + head('b'));
  write(head('c'));
  await turn();
  assert.deepEqual(handler.callIds, ['a']);
  connection.resumeReading();
  await turn();
  await turn();
  assert.deepEqual(handler.callIds, ['a', 'b', 'c']);
});

test('a fault in the handler ends this connection, with its cause', async () => {
  const { handler, write } = setUp();
  const fault = new Error('a fault');
  handler.onEach = () => {
    throw fault;
  };
  write(head('a') + head('b'));
  await turn();
  assert.deepEqual(handler.callIds, ['a']);
  assert.deepEqual(handler.ends, [{ kind: 'fault', detail: 'a fault', cause: fault }]);
});

test('close sends what was queued, then ends; everybody is told once', async () => {
  let gone = 0;
  const { connection, handler, far, clock } = setUp({ onGone: () => gone++ });
  const { signal, closed } = connection;
  connection.send(message('a'));
  connection.close('enough');
  connection.close('again');
  assert.equal(connection.send(message('b')), false);
  const why = await closed;
  assert.deepEqual(why, { kind: 'closed-here', detail: 'enough' });
  assert.deepEqual(far.writes, [head('a')]);
  assert.equal(signal.aborted, true);
  assert.deepEqual(handler.ends, [why]);
  assert.equal(gone, 1);
  assert.equal(clock.timers, 0);
  assert.equal(connection.signal.aborted, true);
  assert.deepEqual(await connection.closed, why);
});

test('a peer that does not close its side is left after two seconds', () => {
  const closes: string[] = [];
  const stream: ByteStream = {
    carries: 'bytes',
    open() {},
    write() {},
    queuedBytes: 0,
    setReading() {},
    close: when => closes.push(when),
  };
  const { connection, clock } = setUp({ stream });
  connection.close('enough');
  assert.deepEqual(closes, ['after-writes']);
  clock.advance(2_000);
  assert.deepEqual(closes, ['after-writes', 'now']);
});

test('the end of the peer and a broken network are told apart', async () => {
  const ended = setUp();
  ended.farStream.close('after-writes');
  const broken = setUp();
  const cause = new Error('reset');
  broken.farStream.fail(cause);
  await turn();
  assert.deepEqual(ended.handler.ends, [{ kind: 'peer-closed', detail: '' }]);
  assert.deepEqual(broken.handler.ends, [{ kind: 'transport-failed', detail: 'reset', cause }]);
});
