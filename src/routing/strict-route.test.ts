import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/message.ts';
import { noteSource, requestSource } from '../sip/request-source.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { looselyRouted } from './strict-route.ts';

const ours = 'sip:token@pool.contoso.test:5061;transport=tls;lr';

function bye(requestUri: string, routes: readonly string[], toTag = ';tag=b'): SipRequest {
  const lines = routes.map(route => `Route: ${route}\r\n`).join('');
  const parsed = parseMessageText(
    `BYE ${requestUri} SIP/2.0\r\nVia: SIP/2.0/TLS c.test;branch=z9hG4bK1\r\n${lines}Max-Forwards: 70\r\nFrom: <sip:a@contoso.test>;tag=a\r\n` +
      `To: <sip:b@contoso.test>${toTag}\r\nCall-ID: c\r\nCSeq: 2 BYE\r\nContent-Length: 2\r\n\r\nhi`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

const hosts = ['pool.contoso.test', 'fe1.contoso.test'];

test('rfc3261 16.4: a Request-URI that is our own Record-Route is exchanged for the last Route', () => {
  const request = bye(ours, ['<sip:edge.contoso.test;lr>, <sip:p.test;lr>', '<sip:b@192.0.2.4:5061;transport=tls>']);
  noteSource(request, requestSource('192.0.2.9', 5061));
  const loose = looselyRouted(request, hosts);
  assert.equal(loose.requestUri, 'sip:b@192.0.2.4:5061;transport=tls');
  assert.deepEqual(loose.list('Route'), [`<${ours}>`, '<sip:edge.contoso.test;lr>', '<sip:p.test;lr>']);
  assert.deepEqual(
    [loose.callId, loose.cseq, loose.maxForwards, Buffer.from(loose.body).toString()],
    ['c', request.cseq, 70, 'hi'],
  );
  assert.equal(loose.get('Via'), 'SIP/2.0/TLS c.test;branch=z9hG4bK1;received=192.0.2.9');
});

const others: readonly (readonly [what: string, request: SipRequest])[] = [
  ['a route of another server', bye('sip:token@other.test;lr', ['<sip:b@192.0.2.4>'])],
  ['an address of a user', bye('sip:b@pool.contoso.test', ['<sip:b@192.0.2.4>'])],
  ['our name without a token', bye('sip:pool.contoso.test;lr', ['<sip:b@192.0.2.4>'])],
  ['no Route', bye(ours, [])],
  ['outside a dialog', bye(ours, ['<sip:b@192.0.2.4>'], '')],
  ['a Route that cannot be read', bye(ours, ['<sip:b@192.0.2.4'])],
];
for (const [what, request] of others) {
  test(`not where it is ${what}`, () => assert.equal(looselyRouted(request, hosts), request));
}
