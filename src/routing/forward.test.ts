import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessage, parseMessageText } from '../testing/message-text.ts';
import { forwardRequest } from './forward.ts';

const server = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;

const hops: readonly (readonly [header: string, onward: string])[] = [
  ['Max-Forwards: 70\r\n', '69'],
  ['Max-Forwards: 1\r\n', '0'],
  ['', '69'],
];
for (const [header, onward] of hops) {
  test(`rfc3261 16.6 step 3: ${header.trim() || 'no Max-Forwards'} goes on as Max-Forwards ${onward}`, () => {
    const received = parseMessageText(
      'MESSAGE sip:a@contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS c.test;branch=z9hG4bK1\r\nFrom: <sip:b@contoso.test>;tag=b\r\n' +
        `To: <sip:a@contoso.test>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n${header}Content-Length: 0\r\n\r\n`,
    );
    assert.ok(received.ok && received.value.kind === 'request');
    const { branch, message } = forwardRequest(received.value, server, {});
    const sent = parseMessage(message.head, message.body);
    assert.ok(sent.ok && sent.value.kind === 'request');
    assert.deepEqual(sent.value.all('Max-Forwards'), [onward]);
    assert.deepEqual(sent.value.all('Via'), [
      `SIP/2.0/TLS fe.contoso.test:5061;branch=${branch}`,
      'SIP/2.0/TLS c.test;branch=z9hG4bK1',
    ]);
    assert.match(branch, /^z9hG4bK/);
    const again = forwardRequest(received.value, server, {});
    assert.notEqual(again.branch, branch);
  });
}
