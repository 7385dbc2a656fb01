import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/message.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { assertedAddresses, readFrom, readRequestUri, readTo } from './request-address.ts';

function request({ uri = 'sip:bob@b.test', from = 'sip:alice@a.test', to = 'sip:bob@b.test', more = '' }): SipRequest {
  const parsed = parseMessageText(
    `OPTIONS ${uri} SIP/2.0\r\nVia: SIP/2.0/TLS a.test;branch=z9hG4bK1\r\nFrom: <${from}>;tag=1\r\nTo: <${to}>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n${more}\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

test('whom a request names', () => {
  const named = readRequestUri(request({ uri: 'sip:%62ob@B.test;transport=tls' }));
  assert.ok(named.ok && named.value.aor === 'bob@b.test' && named.value.domain === 'b.test');
  const server = readTo(request({ to: 'sips:b.test' }));
  assert.ok(server.ok && server.value.aor === undefined);
  const sender = readFrom(request({}));
  assert.ok(sender.ok && sender.value.aor === 'alice@a.test');
});

test('what is refused, and as what', () => {
  for (const [read, parts, code] of [
    [readRequestUri, { uri: 'tel:+15550100' }, 'URI_SCHEME_NOT_SUPPORTED'],
    [readRequestUri, { uri: 'sip:bob@b.test?Route=%3Csip:c.test%3E' }, 'MESSAGE_MALFORMED'],
    [readRequestUri, { uri: 'sip:2001:db8::1' }, 'MESSAGE_MALFORMED'],
    [readTo, { to: 'tel:+15550100' }, 'MESSAGE_MALFORMED'],
    [readFrom, { from: 'http://a.test' }, 'MESSAGE_MALFORMED'],
    [readFrom, { from: 'sip:a.test' }, 'MESSAGE_MALFORMED'],
  ] as const) {
    const result = read(request(parts));
    assert.ok(!result.ok && result.error.code === code, JSON.stringify(parts));
  }
});

test('who is asserted to send: the addresses that can be read', () => {
  const more = 'P-Asserted-Identity: "A" <sip:%41lice@A.test>, <tel:+15550100>\r\nP-Asserted-Identity: <sip:a.test>, <<\r\n';
  assert.deepEqual(assertedAddresses(request({ more })), ['alice@a.test']);
  assert.deepEqual(assertedAddresses(request({})), []);
});
