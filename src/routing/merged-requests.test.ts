import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/message.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { MergedRequests } from './merged-requests.ts';

function subscribe(branch: string, cseq = 1, toTag = ''): SipRequest {
  const parsed = parseMessageText(
    `SUBSCRIBE sip:alice@contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS p.test;branch=z9hG4bK${branch}\r\nMax-Forwards: 70\r\n` +
      `From: <sip:bob@fabrikam.test>;tag=b\r\nTo: <sip:alice@contoso.test>${toTag}\r\nCall-ID: c\r\nCSeq: ${cseq} SUBSCRIBE\r\nContent-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

test('rfc3261 8.2.2.2: what comes again over another path is merged, for as long as a copy can be on its way', () => {
  const clock = new FakeClock();
  const merged = new MergedRequests(clock);
  const codeOf = (request: SipRequest) => merged.check(request)?.code;
  assert.equal(codeOf(subscribe('one')), undefined);
  assert.equal(codeOf(subscribe('two')), 'REQUEST_MERGED');
  // the same transaction is repeated, not merged
  assert.equal(codeOf(subscribe('one')), undefined);
  assert.equal(codeOf(subscribe('two', 2)), undefined);
  clock.advance(31_000);
  assert.equal(codeOf(subscribe('three')), 'REQUEST_MERGED');
  clock.advance(64_000);
  assert.equal(codeOf(subscribe('four')), undefined);
});

test('rfc3261 8.2.2.2: a request within a dialog is judged by its CSeq, and never merged', () => {
  const merged = new MergedRequests(new FakeClock());
  for (const branch of ['one', 'two']) assert.equal(merged.check(subscribe(branch, 1, ';tag=a')), undefined);
});
