import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import { exchange, openPartner, statusOf, valuesOf } from '../attacks/attacker.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import type { BareClient } from '../torture/bare-client.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const alice = 'alice@contoso.test';
const nora = 'nora@northwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';

let lab: LabUnderTest;
let partner: BareClient;

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  partner = await openPartner(lab, lab.issue('sip.northwind.test'));
});
after(async () => {
  partner?.close();
  await lab?.stop();
});

test('rfc3261 11.2: OPTIONS of another organisation is told what this one can, and not what is for its own users', async () => {
  const answer = await exchange(partner, { method: 'OPTIONS', from: nora, to: 'contoso.test' });
  assert.equal(statusOf(answer), 200);
  const told = ['Accept', 'Accept-Encoding', 'Accept-Language', 'Supported', 'Allow-Events'].map(name => valuesOf(answer, name));
  assert.deepEqual(told, [['application/pidf+xml'], ['identity'], ['en'], ['gruu'], ['presence']]);
  const methods = valuesOf(answer, 'Allow')[0]?.split(', ') ?? [];
  assert.deepEqual(
    [methods.includes('MESSAGE'), methods.includes('PUBLISH'), methods.includes('REGISTER')],
    [true, false, false],
  );
});

test('rfc3261 16.3 step 5: an Edge names all that it is required to know and does not, to strangers too', async () => {
  for (const from of [nora, 'sue@unknown.test']) {
    const answer = await exchange(partner, { from, to: alice, lines: ['Proxy-Require: magic, wonder'], body: 'hello' });
    assert.deepEqual([statusOf(answer), valuesOf(answer, 'Unsupported')], [420, ['magic, wonder']]);
  }
});

test('rfc3261 8.2.2.2: a SUBSCRIBE that arrives over two paths makes one subscription', async () => {
  const contact = 'Contact: <sip:nora@sip.northwind.test;transport=tls>';
  const lines = [contact, verified, 'Event: presence', 'Expires: 600'];
  const subscribe = { method: 'SUBSCRIBE', from: nora, to: alice, callId: randomToken(8), fromTag: 'merged', lines };
  assert.equal(statusOf(await exchange(partner, subscribe)), 200);
  // each time over another branch
  assert.equal(statusOf(await exchange(partner, subscribe)), 482);
  assert.equal(statusOf(await exchange(partner, { ...subscribe, cseq: 2 })), 200);
  assert.equal(statusOf(await exchange(partner, { ...subscribe, callId: randomToken(8) })), 200);
});
