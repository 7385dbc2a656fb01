import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { latin1FromBytes } from '../base/bytes.ts';
import { systemClock } from '../base/clock.ts';
import { flowOf } from '../flow/connection-flow.ts';
import type { SipMessage, SipResponse } from '../sip/message.ts';
import { parseMessageText } from '../testing/message-text.ts';
import type { ByteStreamHandler } from '../wire/byte-stream.ts';
import { Connection, userConnectionLimits } from '../wire/connection.ts';
import { frameKinds } from './frame.ts';
import { RemoteFlows } from './remote-flows.ts';
import { WorkerMesh } from './worker-mesh.ts';

const flow = '1-WSS-c1';
const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;
const headers = (method: string, branch: string) =>
  `Via: SIP/2.0/WSS fe.contoso.test;branch=${branch}\r\nFrom: <sip:a@contoso.test>;tag=1\r\nTo: <sip:b@contoso.test>\r\n` +
  `Call-ID: c\r\nCSeq: 1 ${method}\r\n`;

function message(method: string, branch: string, body = 'Grüße'): { readonly head: string; readonly body: Uint8Array } {
  const head = `${method} sip:b@b.invalid SIP/2.0\r\n${headers(method, branch)}Max-Forwards: 70\r\n`;
  return { head: `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`, body: Buffer.from(body) };
}

function answer(branch: string): SipResponse {
  const parsed = parseMessageText(`SIP/2.0 200 OK\r\n${headers('MESSAGE', branch)}Content-Length: 0\r\n\r\n`);
  assert.ok(parsed.ok && parsed.value.kind === 'response');
  return parsed.value;
}

/** Worker 0, which writes, and worker 1, which holds the flow of a client that reads as much as it is let. */
async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-flows-'));
  const meshes = [0, 1].map(slot => new WorkerMesh({ slot, workers: 2, folder }, systemClock)) as [WorkerMesh, WorkerMesh];
  t.after(() => {
    for (const mesh of meshes) mesh.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const client = { written: [] as string[], queuedBytes: 0, handler: undefined as ByteStreamHandler | undefined };
  const connection = new Connection({
    id: flow,
    stream: {
      carries: 'messages',
      open: handler => void (client.handler = handler),
      write: bytes => void client.written.push(latin1FromBytes(bytes)),
      get queuedBytes() {
        return client.queuedBytes;
      },
      setReading() {},
      close: () => process.nextTick(() => client.handler?.onEnd(undefined)),
    },
    handler: { onMessage() {}, onBad() {}, onClosed: () => holder.ended(held) },
    clock: systemClock,
    limits: userConnectionLimits,
    direction: 'outbound',
    secure: true,
    remoteAddress: '192.0.2.1',
    remotePort: 5061,
  });
  const held = flowOf(connection, side, systemClock);
  const received: SipMessage[] = [];
  const closed: string[] = [];
  const writer = new RemoteFlows({
    mesh: meshes[0],
    clock: systemClock,
    side,
    own: () => undefined,
    onResponse: (_, got) => void received.push(got),
    onEnded: ({ id }) => void closed.push(id),
  });
  const own = (id: string) => (id === flow && !held.closing ? held : undefined);
  const holder: RemoteFlows = new RemoteFlows({ mesh: meshes[1], clock: systemClock, side, own, onResponse() {}, onEnded() {} });
  const linked = [0, 1].map(slot => new Promise<void>(resolve => meshes[slot as 0 | 1].onUp(() => resolve())));
  await meshes[0].open();
  await meshes[1].open();
  await Promise.all(linked);
  /** Until everything sent before has been heard at both ends. */
  const settled = async () => {
    for (let i = 0; i < 2; i++) {
      await new Promise(resolve => setImmediate(resolve));
      for (const [from, to] of [meshes, meshes.toReversed()] as [WorkerMesh, WorkerMesh][]) {
        const heard = new Promise<void>(resolve => to.onFrame(frameKinds.barrier, () => resolve()));
        from.send(to.place.slot, frameKinds.barrier, '');
        await heard;
      }
      await new Promise(resolve => setImmediate(resolve));
    }
  };
  return { meshes, client, connection, held, writer, holder, received, closed, settled };
}

test('what is written to a flow of another worker reaches its client byte for byte, and its answer comes back', async t => {
  const { client, held, writer, holder, received, settled } = await setUp(t);
  const connection = writer.find(flow);
  assert.ok(connection);
  assert.deepEqual([connection.id, connection.side.transport, writer.find(flow)], [flow, 'WSS', connection]);
  const sent = message('MESSAGE', 'z9hG4bKw0.1');
  assert.equal(connection.send(sent), true);
  await settled();
  assert.deepEqual(client.written, [sent.head + latin1FromBytes(sent.body)]);
  assert.equal(holder.passBack(held, answer('z9hG4bKw0.1')), true);
  await settled();
  assert.deepEqual(
    received.map(got => got.topVia.branch),
    ['z9hG4bKw0.1'],
  );
});

test('an answer is handed to nobody who has not written to that flow, whatever its branch says', async t => {
  const { held, holder, writer, received, settled } = await setUp(t);
  for (const branch of ['z9hG4bKw0.1', 'z9hG4bKw1.1', 'z9hG4bKw7.1', 'z9hG4bKab']) {
    assert.equal(holder.passBack(held, answer(branch)), false, branch);
  }
  writer.find(flow)?.send(message('MESSAGE', 'z9hG4bKw0.1'));
  await settled();
  for (const branch of ['z9hG4bKw1.1', 'z9hG4bKw7.1', 'z9hG4bKab']) assert.equal(holder.passBack(held, answer(branch)), false);
  assert.deepEqual(received, []);
});

test('a flow that closes breaks off at the writer, and is not looked for again', async t => {
  const { connection, held, writer, closed, settled } = await setUp(t);
  writer.find(flow)?.send(message('MESSAGE', 'z9hG4bKw0.1'));
  await settled();
  held.end('the client leaves');
  await connection.closed;
  await settled();
  assert.deepEqual([closed, writer.find(flow)], [[flow], undefined]);
  const never = writer.find('1-TLS-never');
  assert.equal(never?.send(message('MESSAGE', 'z9hG4bKw0.2')), true);
  await settled();
  assert.deepEqual([closed, writer.find('1-TLS-never')], [[flow, '1-TLS-never'], undefined]);
});

test('a worker that is gone takes its flows along; those of nobody are not looked for', async t => {
  const { meshes, writer, closed } = await setUp(t);
  for (const other of ['ab12', '0-TLS-own', '2-TLS-nobody']) assert.equal(writer.find(other), undefined, other);
  assert.ok(writer.find(flow));
  const gone = new Promise<void>(resolve => meshes[0].onDown(() => resolve()));
  meshes[1].close();
  await gone;
  assert.deepEqual([closed, writer.find(flow)], [[flow], undefined]);
});

test('for a client that reads too slowly it is answered as if it were away; an ACK gets no answer', async t => {
  const { client, writer, received, settled } = await setUp(t);
  client.queuedBytes = userConnectionLimits.maxQueuedBytes + 1;
  const connection = writer.find(flow);
  connection?.send(message('ACK', 'z9hG4bKw0.1'));
  connection?.send(message('MESSAGE', 'z9hG4bKw0.2'));
  await settled();
  assert.deepEqual(
    [client.written, received.map(got => got.kind === 'response' && [got.status, got.topVia.branch])],
    [[], [[480, 'z9hG4bKw0.2']]],
  );
});
