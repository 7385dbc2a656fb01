import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMessage, parseMessageText } from '../testing/message-text.ts';
import { createResponse } from './create-message.ts';
import type { SipRequest } from './message.ts';
import { noteSource, requestSource } from './request-source.ts';
import { rewriteRequest } from './rewrite.ts';
import type { OutgoingMessage } from './serialise.ts';

const source = requestSource('192.0.2.9', 41034);

function received(vias: readonly string[], before = ''): SipRequest {
  const lines = vias.map(via => `Via: ${via}\r\n`).join('');
  const parsed = parseMessageText(
    `MESSAGE sip:a@contoso.test SIP/2.0\r\n${before}${lines}Max-Forwards: 70\r\nFrom: <sip:b@contoso.test>;tag=b\r\n` +
      'To: <sip:a@contoso.test>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n',
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

function viasOf(message: OutgoingMessage): readonly string[] {
  const parsed = parseMessage(message.head, message.body);
  assert.ok(parsed.ok);
  return parsed.value.all('Via');
}

const branch = 'branch=z9hG4bK1';
const stamps: readonly (readonly [via: string, stamped: string])[] = [
  [`SIP/2.0/TLS c.test;${branch}`, `SIP/2.0/TLS c.test;${branch};received=192.0.2.9`],
  [`SIP/2.0/TLS 192.0.2.1:5061;${branch}`, `SIP/2.0/TLS 192.0.2.1:5061;${branch};received=192.0.2.9`],
  [`SIP/2.0/TLS 192.0.2.9:5061;${branch}`, `SIP/2.0/TLS 192.0.2.9:5061;${branch}`],
  [`SIP/2.0/TLS 192.0.2.9:5061;${branch};rport`, `SIP/2.0/TLS 192.0.2.9:5061;${branch};rport=41034;received=192.0.2.9`],
  [`SIP/2.0/TLS c.test;${branch};rport`, `SIP/2.0/TLS c.test;${branch};rport=41034;received=192.0.2.9`],
  [`SIP/2.0/TLS c.test;rport;${branch}`, `SIP/2.0/TLS c.test;rport=41034;${branch};received=192.0.2.9`],
  [`SIP/2.0/TLS c.test;${branch};alias`, `SIP/2.0/TLS c.test;${branch};alias;received=192.0.2.9`],
  [`SIP/2.0/TLS c.test;${branch};received=10.0.0.1`, `SIP/2.0/TLS c.test;${branch};received=192.0.2.9`],
  [`SIP/2.0/TLS c.test;received=10.0.0.1;${branch};rport=7`, `SIP/2.0/TLS c.test;${branch};rport=41034;received=192.0.2.9`],
  [`SIP/2.0/TLS c.test;${branch};`, `SIP/2.0/TLS c.test;${branch};received=192.0.2.9`],
];

describe('rfc3261 18.2.1, rfc3581 4: the topmost Via tells where a request came from', () => {
  for (const [via, stamped] of stamps) {
    test(via, () => {
      const request = received([via, 'SIP/2.0/TLS d.test;branch=z9hG4bK0']);
      noteSource(request, source);
      const expected = [stamped, 'SIP/2.0/TLS d.test;branch=z9hG4bK0'];
      assert.deepEqual(viasOf(createResponse(request, 200)), expected);
      assert.deepEqual(viasOf(rewriteRequest(request, {})), expected);
      const onward = rewriteRequest(request, { lead: 'Via: SIP/2.0/TLS us.test;branch=z9hG4bK9\r\n', maxForwards: 69 });
      assert.deepEqual(viasOf(onward), ['SIP/2.0/TLS us.test;branch=z9hG4bK9', ...expected]);
      const again = parseMessageText(`${request.stampedHead}\r\n`);
      assert.ok(again.ok);
      assert.deepEqual(again.value.all('Via'), expected);
    });
  }

  test('in a list, and behind other headers', () => {
    const request = received([`SIP/2.0/TLS c.test;${branch} , SIP/2.0/TLS d.test;branch=z9hG4bK0`], 'Subject: s\r\n');
    noteSource(request, source);
    const expected = [`SIP/2.0/TLS c.test;${branch};received=192.0.2.9 , SIP/2.0/TLS d.test;branch=z9hG4bK0`];
    assert.deepEqual(viasOf(createResponse(request, 200)), expected);
    assert.deepEqual(viasOf(rewriteRequest(request, { maxForwards: 69 })), expected);
  });
});

const addresses: readonly (readonly [socket: string, written: string])[] = [
  ['192.0.2.9', '192.0.2.9'],
  ['::ffff:192.0.2.9', '192.0.2.9'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
];
for (const [socket, written] of addresses) {
  test(`the address ${socket} is written ${written}`, () => assert.equal(requestSource(socket, 1).address, written));
}

test('an IPv6 host in brackets is compared with the bare address', () => {
  const own = requestSource('2001:db8::1', 5061);
  const same = received([`SIP/2.0/TLS [2001:db8::1]:5061;${branch}`]);
  noteSource(same, own);
  assert.deepEqual(viasOf(createResponse(same, 200)), [`SIP/2.0/TLS [2001:db8::1]:5061;${branch}`]);
});
