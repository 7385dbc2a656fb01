import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessageText } from '../testing/message-text.ts';
import { incomingBreadth, shareBreadth } from './max-breadth.ts';
import type { SipRequest } from './message.ts';

function request(header: string): SipRequest {
  const parsed = parseMessageText(
    'MESSAGE sip:a@contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS c.test;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:b@contoso.test>;tag=b\r\n' +
      `To: <sip:a@contoso.test>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n${header}Content-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

const incoming: readonly (readonly [header: string, breadth: number])[] = [
  ['', 60],
  ['Max-Breadth: 7\r\n', 7],
  ['Max-Breadth: 1\r\n', 1],
  ['Max-Breadth: 61\r\n', 60],
  ['Max-Breadth: 99999999999999999999\r\n', 60],
  ['Max-Breadth: many\r\n', 60],
  ['Max-Breadth: 0\r\n', 0],
];
for (const [header, breadth] of incoming) {
  test(`rfc5393 5.3.3.3: ${header.trim() || 'no Max-Breadth'} counts as ${breadth}`, () =>
    assert.equal(incomingBreadth(request(header)), breadth));
}

const shares: readonly (readonly [incoming: number, branches: number, shares: readonly number[] | undefined])[] = [
  [60, 2, [30, 30]],
  [7, 3, [3, 2, 2]],
  [3, 3, [1, 1, 1]],
  [2, 3, undefined],
  [0, 2, undefined],
];
for (const [breadth, branches, expected] of shares) {
  test(`rfc5393 5.3.3.3: ${breadth} for ${branches} branches: ${expected?.join(' + ') ?? 'not enough'}`, () =>
    assert.deepEqual(shareBreadth(breadth, branches), expected));
}
