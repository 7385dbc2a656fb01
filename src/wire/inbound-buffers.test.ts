import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InboundBuffers } from './inbound-buffers.ts';

const peer = (...names: string[]) => ({ names, fingerprint: names.join(), publicKeySha256: '', issuer: '', serial: '' });

test('bytes are counted for the certificate, whatever its connections, and for the source', () => {
  const buffers = new InboundBuffers({ total: 1000, perPeer: 300, perSource: 500 });
  const rooms = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(address => buffers.roomFor(address, peer('a.test', 'b.test')));
  const [first, second, third] = rooms as [(typeof rooms)[0], (typeof rooms)[0], (typeof rooms)[0]];
  assert.ok(first?.take(200));
  assert.ok(second?.take(100));
  assert.equal(third?.take(1), false, 'the share of the certificate');
  const sameSource = buffers.roomFor('192.0.2.1', peer('c.test'));
  assert.ok(sameSource.take(300));
  assert.equal(buffers.roomFor('192.0.2.1', peer('d.test')).take(1), false, 'the share of the source');
  assert.ok(buffers.roomFor('192.0.2.9', undefined).take(1));
  assert.deepEqual(
    buffers.limits.map(({ taken }) => taken),
    [600, 601],
  );
  first?.giveBack(200);
  assert.ok(third?.take(200));
});
