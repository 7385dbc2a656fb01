import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission, sourceOf } from './admission.ts';

const sources: [address: string, source: string][] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
];
for (const [address, source] of sources) {
  test(`${address} counts as ${source}`, () => assert.equal(sourceOf(address), source));
}

test('strangers are limited by source and in all; authenticated connections only in all', () => {
  const admission = new Admission({ maxConnections: 5, maxUnauthenticated: 3, maxUnauthenticatedPerSource: 2 });
  assert.equal(admission.enter('192.0.2.1', 1), undefined);
  assert.equal(admission.enter('192.0.2.1', 2), undefined);
  assert.equal(admission.enter('192.0.2.1', 3), 'unauthenticated-from-source');
  assert.equal(admission.enter('192.0.2.2', 1), undefined);
  assert.equal(admission.enter('192.0.2.3', 1), 'unauthenticated');
  admission.authenticated('192.0.2.1', 1);
  admission.authenticated('192.0.2.1', 1);
  assert.equal(admission.unauthenticated, 2);
  assert.equal(admission.enter('192.0.2.1', 3), undefined);
  admission.authenticated('192.0.2.1', 2);
  admission.authenticated('192.0.2.1', 3);
  assert.equal(admission.enter('192.0.2.3', 1), undefined);
  assert.equal(admission.enter('192.0.2.4', 1), 'connections');
  assert.deepEqual(admission.refused, { connections: 1, unauthenticated: 1, 'unauthenticated-from-source': 1 });
});

test('leaving gives the place back, once', () => {
  const admission = new Admission({ maxConnections: 1, maxUnauthenticated: 1, maxUnauthenticatedPerSource: 1 });
  admission.enter('192.0.2.1', 1);
  admission.leave('192.0.2.1', 1);
  admission.leave('192.0.2.1', 1);
  assert.equal(admission.connections, 0);
  assert.equal(admission.unauthenticated, 0);
  assert.equal(admission.enter('192.0.2.1', 2), undefined);
});
