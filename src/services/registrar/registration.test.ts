import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../../sip/message.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { parseMessageText } from '../../testing/message-text.ts';
import { sampleUser } from '../../testing/sample-configuration.ts';
import { Registrar } from './registrar.ts';
import { readRegistration } from './registration.ts';

const limits = {
  minEndpointExpirationSeconds: 300,
  maxEndpointExpirationSeconds: 900,
  defaultEndpointExpirationSeconds: 600,
  maxEndpointsPerUser: 8,
};
const alice = sampleUser();

function registration(contacts: readonly string[], headers = '', cseq = 1): SipRequest {
  const lines = contacts.map(contact => `Contact: ${contact}\r\n`).join('');
  const parsed = parseMessageText(
    'REGISTER sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS a.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n' +
      `From: <sip:${alice.aor}>;tag=1\r\nTo: <sip:${alice.aor}>\r\nCall-ID: c\r\nCSeq: ${cseq} REGISTER\r\n${headers}${lines}Content-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

const intervals: readonly (readonly [contact: string, headers: string, seconds: number | string])[] = [
  [';expires=400', 'Expires: 500\r\n', 400],
  ['', 'Expires: 500\r\n', 500],
  ['', '', 600],
  [';expires=100000', '', 900],
  [';expires=0', 'Expires: 500\r\n', 0],
  [';expires=299', '', 'BINDING_EXPIRY_TOO_BRIEF'],
  ['', 'Expires: 1\r\n', 'BINDING_EXPIRY_TOO_BRIEF'],
];
for (const [contact, headers, seconds] of intervals) {
  test(`rfc3261 10.3 step 7: ${contact || 'no parameter'}, ${headers.trim() || 'no Expires'} is granted ${seconds}`, () => {
    const read = readRegistration(registration([`<sip:a@a.test>${contact}`], headers), limits);
    const found =
      read.ok && read.value.kind === 'contacts' ? read.value.contacts[0]?.expiresSeconds : !read.ok && read.error.code;
    assert.equal(found, seconds);
  });
}

test('rfc3261 10.2.1.1: what cannot be read counts as 3600 seconds, and is granted as those', () => {
  for (const [contact, headers] of [
    [';expires=soon', ''],
    ['', 'Expires: Sat, 01 Dec 2040 16:00:00 GMT\r\n'],
  ] as const) {
    const read = readRegistration(registration([`<sip:a@a.test>${contact}`], headers), {
      ...limits,
      maxEndpointExpirationSeconds: 7200,
    });
    assert.ok(read.ok && read.value.kind === 'contacts');
    assert.equal(read.value.contacts[0]?.expiresSeconds, 3600);
  }
});

function registered() {
  const registrar = new Registrar(new FakeClock(), { node: 'fe1', incarnation: 'i' }, { onBound() {}, onUnbound() {} });
  const register = (request: SipRequest) => registrar.register(alice, request, 'f', limits).ok;
  const uris = () => registrar.find(alice.aor).map(({ contactUri }) => contactUri);
  return { register, uris };
}

test('rfc3261 10.3 step 7: one Contact that is refused leaves all bindings as they were', () => {
  const { register, uris } = registered();
  assert.equal(register(registration(['<sip:one@a.test>'])), true);
  for (const bad of ['<sip:two@a.test>;expires=1', '<mailto:a@a.test>', '<sip:']) {
    assert.equal(register(registration(['<sip:three@a.test>', '<sip:one@a.test>;expires=0', bad], '', 2)), false, bad);
    assert.deepEqual(uris(), ['sip:one@a.test']);
  }
});

test('rfc3261 10.3 step 7: a CSeq that is not higher changes no binding of that Call-ID', () => {
  const { register, uris } = registered();
  assert.equal(register(registration(['<sip:one@a.test>'], '', 5)), true);
  for (const cseq of [4, 5]) {
    assert.equal(register(registration(['<sip:two@a.test>', '<sip:one@a.test>;expires=0'], '', cseq)), false);
    assert.deepEqual(uris(), ['sip:one@a.test']);
  }
  assert.equal(register(registration(['<sip:one@a.test>;expires=0'], '', 6)), true);
  assert.deepEqual(uris(), []);
});
