import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/message.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { MergedRequests } from './merged-requests.ts';

function subscribe(branch: string, cseq = 1, toTag = '', callId = 'c', from = 'bob@fabrikam.test'): SipRequest {
  const parsed = parseMessageText(
    `SUBSCRIBE sip:alice@contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS p.test;branch=z9hG4bK${branch}\r\nMax-Forwards: 70\r\n` +
      `From: <sip:${from}>;tag=b\r\nTo: <sip:alice@contoso.test>${toTag}\r\nCall-ID: ${callId}\r\nCSeq: ${cseq} SUBSCRIBE\r\nContent-Length: 0\r\n\r\n`,
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

test('however many others there are at the moment, the copy of the newest is found', () => {
  const merged = new MergedRequests(new FakeClock());
  const others = 10_001;
  for (let i = 0; i < others; i++) assert.equal(merged.check(subscribe('flood', 1, '', `other-${i}`)), undefined);
  assert.equal(merged.check(subscribe('one')), undefined);
  assert.equal(merged.check(subscribe('two'))?.code, 'REQUEST_MERGED');
  assert.equal(merged.check(subscribe('again', 1, '', `other-${others - 1}`))?.code, 'REQUEST_MERGED');
});

test('rfc3261 8.2.2.2: a request within a dialog is judged by its CSeq, and never merged', () => {
  const merged = new MergedRequests(new FakeClock());
  for (const branch of ['one', 'two']) assert.equal(merged.check(subscribe(branch, 1, ';tag=a')), undefined);
});

test('a request is no copy of what somebody else has sent under the same Call-ID and tag', () => {
  const merged = new MergedRequests(new FakeClock());
  assert.equal(merged.check(subscribe('one', 1, '', 'c', 'mallory@fabrikam.test')), undefined);
  assert.equal(merged.check(subscribe('two')), undefined);
  assert.equal(merged.check(subscribe('three'))?.code, 'REQUEST_MERGED');
});
