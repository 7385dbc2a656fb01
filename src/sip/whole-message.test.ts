import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientLimits } from './parse-limits.ts';
import { readWholeMessage } from './whole-message.ts';

const head =
  'MESSAGE sip:b SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n';

test('one message per datagram', () => {
  for (const [text, outcome] of [
    [`${head}\r\nhello`, 'hello'],
    [`${head}\r\n`, ''],
    [`\r\n${head}Content-Length: 3\r\n\r\nhello`, 'hel'],
    [`${head}Content-Length: 6\r\n\r\nhello`, 'MESSAGE_MALFORMED'],
    [`${head}Content-Length: 0\r\n`, 'MESSAGE_MALFORMED'],
    [head.slice(0, -1), 'MESSAGE_MALFORMED'],
    ['garbage', 'MESSAGE_MALFORMED'],
    [`${head}\r\n${'x'.repeat(101)}`, 'MESSAGE_BODY_TOO_LARGE'],
    [`${head}X-Long: ${'x'.repeat(1000)}\r\n\r\n`, 'MESSAGE_HEAD_TOO_LARGE'],
    ['x'.repeat(2000), 'MESSAGE_HEAD_TOO_LARGE'],
    ['\r\n\r\n', 'ping'],
    ['\r\n', 'pong'],
  ] as const) {
    const framed = readWholeMessage(Buffer.from(text), { ...clientLimits, headBytes: 500, bodyBytes: 100 });
    const seen =
      framed.kind === 'message'
        ? Buffer.from(framed.message.body).toString()
        : framed.kind === 'bad'
          ? framed.failure.code
          : framed.kind === 'keep-alive'
            ? framed.form
            : framed.kind;
    assert.equal(seen, outcome, JSON.stringify(text));
    if (framed.kind === 'bad') assert.equal(framed.fatal, false);
  }
});
