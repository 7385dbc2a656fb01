import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFrames, type Frame, FrameReader, frameKinds } from './frame.ts';

const frames: readonly Frame[] = [
  { kind: frameKinds.hello, key: '1', payload: Buffer.alloc(0) },
  {
    kind: frameKinds.toFlow,
    key: '0-TLS-ab12',
    payload: Buffer.from('MESSAGE sip:bob@contoso.test SIP/2.0\r\n\r\n\u00ff', 'latin1'),
  },
  { kind: frameKinds.bound, key: '', payload: Buffer.from('{"aor":"jürgen@contoso.test"}') },
  { kind: frameKinds.flowClosed, key: 'k'.repeat(255), payload: Buffer.alloc(0) },
];
const plain = (list: readonly Frame[]) =>
  list.map(({ kind, key, payload }) => [kind, key, Buffer.from(payload).toString('latin1')]);

test('frames arrive as they were, in order, wherever the bytes are cut', () => {
  const block = encodeFrames(frames);
  for (let cut = 0; cut <= block.length; cut++) {
    const reader = new FrameReader();
    const read = [...reader.push(block.subarray(0, cut)), ...reader.push(block.subarray(cut))];
    assert.deepEqual(plain(read), plain(frames));
  }
  const reader = new FrameReader();
  const read = [...block].flatMap(byte => reader.push(Buffer.of(byte)));
  assert.deepEqual(plain(read), plain(frames));
});

test('what cannot be a frame is a fault', () => {
  assert.throws(
    () => encodeFrames([{ kind: frameKinds.call, key: 'k'.repeat(256), payload: Buffer.alloc(0) }]),
    /256 characters/,
  );
  assert.throws(() => new FrameReader().push(Buffer.from([0, 0, 0, 1, 1, 0])), /frame of 1 bytes/);
  assert.throws(() => new FrameReader().push(Buffer.from([255, 255, 255, 255, 1, 0])), /frame of 4294967295 bytes/);
  assert.throws(() => new FrameReader().push(Buffer.from([0, 0, 0, 3, 1, 9, 65])), /shorter than its key/);
});
