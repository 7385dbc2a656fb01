import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Binding } from '../../model/binding.ts';
import { registrarConfiguration } from '../../model/kinds/registrar-configuration.ts';
import type { SipRequest } from '../../sip/message.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { parseMessageText } from '../../testing/message-text.ts';
import { sampleUser } from '../../testing/sample-configuration.ts';
import { Registrar, type UnbindCause } from './registrar.ts';

const alice = sampleUser();
const limits = registrarConfiguration.defaults;
const instance = '<urn:uuid:a>';
const outbound = 'Supported: gruu, Outbound\r\n';
let cseq = 0;

function registration(contactParams: string, headers = outbound, contact = '<sip:alice@a.invalid;ob>'): SipRequest {
  const parsed = parseMessageText(
    'REGISTER sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS a.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n' +
      `From: <sip:${alice.aor}>;tag=1\r\nTo: <sip:${alice.aor}>\r\nCall-ID: c\r\nCSeq: ${++cseq} REGISTER\r\n${headers}` +
      `Contact: ${contact}${contactParams}\r\nContent-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

function setUp() {
  const unbound: (readonly [flow: string, cause: UnbindCause])[] = [];
  const registrar = new Registrar(
    new FakeClock(),
    { node: 'fe1.contoso.test', incarnation: 'i' },
    { onBound() {}, onUnbound: ({ flow }: Binding, cause: UnbindCause) => void unbound.push([flow, cause]) },
  );
  const register = (flow: string, params: string, headers?: string) => {
    const registered = registrar.register(alice, registration(params, headers), flow, limits);
    assert.ok(registered.ok);
    return registered.value.map(({ flow: of, regId }) => [of, regId]);
  };
  return { registrar, unbound, register };
}

const regIds: readonly (readonly [what: string, params: string, headers: string, regId: number | undefined])[] = [
  ['with instance and outbound', `;+sip.instance="${instance}";reg-id=7`, outbound, 7],
  ['the highest there is', `;+sip.instance="${instance}";reg-id=2147483647`, outbound, 2_147_483_647],
  ['too high', `;+sip.instance="${instance}";reg-id=2147483648`, outbound, undefined],
  ['zero', `;+sip.instance="${instance}";reg-id=0`, outbound, undefined],
  ['no number', `;+sip.instance="${instance}";reg-id=one`, outbound, undefined],
  ['without instance', ';reg-id=1', outbound, undefined],
  ['of a client that does not know outbound', `;+sip.instance="${instance}";reg-id=1`, 'Supported: path\r\n', undefined],
  [
    'through a proxy before us',
    `;+sip.instance="${instance}";reg-id=1`,
    `${outbound}Via: SIP/2.0/TLS b.invalid;branch=z9hG4bK2\r\n`,
    undefined,
  ],
];

for (const [what, params, headers, regId] of regIds) {
  test(`reg-id ${what}: ${regId ?? 'as if it were absent'}`, () => {
    assert.deepEqual(setUp().register('f1', params, headers), [['f1', regId]]);
  });
}

test('a newer flow of an endpoint takes the place of the older one', () => {
  const { register, registrar, unbound } = setUp();
  register('f1', `;+sip.instance="${instance}";reg-id=1`);
  assert.deepEqual(register('f2', `;+sip.instance="${instance}";reg-id=2`), [['f2', 2]]);
  assert.deepEqual(unbound, [['f1', 'replaced']]);
  registrar.flowClosed('f1');
  assert.equal(registrar.get(alice.aor, instance)?.flow, 'f2');
  assert.equal(registrar.get(alice.aor, '<urn:uuid:b>'), undefined);
});

test('rfc3261 10.3 step 6: Contact * removes all bindings, or none where one of them may not be changed by this request', () => {
  const { register, registrar } = setUp();
  register('f1', `;+sip.instance="${instance}"`);
  // the other endpoint has the Call-ID of its own, and a higher CSeq has been seen with ours
  registrar.learn({ ...heldElsewhere('g1', 1), instance: '<urn:uuid:b>', callId: 'c', cseq: 1000 });
  const removeAll = (headers: string) => registrar.register(alice, registration('', headers, '*'), 'f1', limits);
  assert.equal(removeAll('Expires: 0\r\n').ok, false);
  assert.deepEqual(
    registrar.find(alice.aor).map(({ flow }) => flow),
    ['f1', 'g1'],
  );
  cseq = 1000;
  for (const headers of ['', 'Expires: 600\r\n', 'Expires: 0\r\nContact: <sip:alice@a.invalid>\r\n']) {
    assert.equal(removeAll(headers).ok, false, headers);
  }
  assert.equal(registrar.count, 2);
  assert.equal(removeAll('Expires: 0\r\n').ok, true);
  assert.equal(registrar.count, 0);
});

test('taking leave of a flow that has been replaced ends nothing; of the one that is there, or of none in particular, it does', () => {
  const { register } = setUp();
  register('f1', `;+sip.instance="${instance}";reg-id=1`);
  register('f2', `;+sip.instance="${instance}";reg-id=2`);
  assert.deepEqual(register('f1', `;+sip.instance="${instance}";reg-id=1;expires=0`), [['f2', 2]]);
  assert.deepEqual(register('f2', `;+sip.instance="${instance}";reg-id=2;expires=0`), []);
  register('f2', `;+sip.instance="${instance}";reg-id=2`);
  assert.deepEqual(register('f2', `;+sip.instance="${instance}";expires=0`), []);
});

function heldElsewhere(flow: string, registeredAtMs: number): Binding {
  const { aor, tenant } = alice;
  const contact = { instance, contactUri: 'sip:alice@b.invalid', callId: 'other', cseq: 1, priority: 1000, userAgent: '' };
  return { tenant, aor, ...contact, node: 'fe1.contoso.test', incarnation: 'j', flow, registeredAtMs, expiresAtMs: 1e15 };
}

test('of two bindings for one endpoint, here and at another node, the later one counts, whichever is heard of first', () => {
  const { registrar, unbound, register } = setUp();
  register('f1', `;+sip.instance="${instance}"`);
  const [own] = registrar.find(alice.aor);
  assert.ok(own);
  registrar.learn(heldElsewhere('g0', own.registeredAtMs - 1));
  assert.equal(registrar.get(alice.aor, instance)?.flow, 'f1', 'a late word about an earlier one');
  registrar.learn(heldElsewhere('g1', own.registeredAtMs + 5));
  assert.equal(registrar.get(alice.aor, instance)?.flow, 'g1');
  assert.deepEqual([unbound.splice(0), registrar.own], [[['f1', 'replaced']], []]);
  // the clock of this node is behind that of the other one
  register('f2', `;+sip.instance="${instance}"`);
  const again = registrar.get(alice.aor, instance);
  assert.deepEqual([again?.flow, again?.registeredAtMs], ['f2', own.registeredAtMs + 6]);
  assert.deepEqual(registrar.own, [again]);
});

test('what another node holds goes when that node says so, or is lost; a sign-out here is about what is held here', () => {
  const { registrar, unbound, register } = setUp();
  registrar.learn(heldElsewhere('g1', 1));
  registrar.unlearn({ aor: alice.aor, instance, flow: 'g0' });
  assert.equal(registrar.count, 1, 'another one has taken its place');
  registrar.unlearn({ aor: alice.aor, instance, flow: 'g1' });
  registrar.learn(heldElsewhere('g2', 1));
  register('f1', ';+sip.instance="<urn:uuid:b>"');
  assert.deepEqual(
    registrar.signOut(alice.aor).map(({ flow }) => flow),
    ['f1'],
  );
  registrar.nodeLost(flow => flow.startsWith('g'));
  assert.deepEqual(unbound, [
    ['g1', 'removed'],
    ['f1', 'signed-out'],
    ['g2', 'node-lost'],
  ]);
  assert.equal(registrar.count, 0);
});
