import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedLimit } from '../base/shared-limit.ts';
import { Admission, type AdmissionLimits, Guest, sourceOf } from './admission.ts';

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

function admissionOf(limits: Partial<AdmissionLimits>, most = 1000) {
  const whole = new SharedLimit('connections', most);
  const all = { maxUnauthenticated: 100, maxUnauthenticatedPerSource: 50, ...limits };
  return { whole, admission: new Admission(all, whole.share({ most, few: most })) };
}

function entered(admission: Admission, address: string): Guest {
  const guest = admission.enter(address);
  assert.ok(guest instanceof Guest, String(guest));
  return guest;
}

test('strangers are limited by source and in all; authenticated connections only in all', () => {
  const { admission } = admissionOf({ maxUnauthenticated: 40, maxUnauthenticatedPerSource: 20 }, 60);
  const first = Array.from({ length: 20 }, () => entered(admission, '192.0.2.1'));
  assert.equal(admission.enter('192.0.2.1'), 'unauthenticated-from-source');
  for (let i = 0; i < 10; i++) entered(admission, '192.0.2.2');
  // three quarters are taken: what is left is for sources that have few
  for (let i = 0; i < 6; i++) entered(admission, '192.0.2.2');
  assert.equal(admission.enter('192.0.2.2'), 'unauthenticated-from-source');
  for (let i = 0; i < 4; i++) entered(admission, '192.0.2.3');
  assert.equal(admission.enter('192.0.2.3'), 'unauthenticated');
  for (const guest of first) {
    guest.authenticated();
    guest.authenticated();
  }
  assert.equal(admission.unauthenticated, 20);
  for (let i = 0; i < 20; i++) entered(admission, '192.0.2.4').authenticated();
  assert.equal(admission.enter('192.0.2.5'), 'connections');
  assert.deepEqual(admission.refused, { connections: 1, unauthenticated: 1, 'unauthenticated-from-source': 2 });
});

test('who resets and comes back from the same port leaves nobody counted', () => {
  const { admission, whole } = admissionOf({ maxUnauthenticated: 100 });
  for (let i = 0; i < 1000; i++) {
    const before = entered(admission, '192.0.2.1');
    // the end of the first is told only when the second is there
    const after = entered(admission, '192.0.2.1');
    before.leave();
    after.authenticated();
    before.leave();
    after.leave();
    after.leave();
  }
  assert.deepEqual([admission.connections, admission.unauthenticated, whole.taken], [0, 0, 0]);
});
