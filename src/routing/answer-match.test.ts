import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { isAnswerTo } from './answer-match.ts';

interface Fields {
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
}

const asked: Fields = { from: '"Alice" <sip:alice@contoso.test>;tag=1', to: '<sip:bob@fabrikam.test>', callId: 'c', cseq: 7 };

function message(startLine: string, { from, to, callId, cseq }: Fields) {
  const lines = [
    'Via: SIP/2.0/TLS a.test;branch=z9hG4bKb',
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} MESSAGE`,
  ];
  const parsed = parseMessageText(`${startLine}\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  assert.ok(parsed.ok);
  return parsed.value;
}

function isAnswer(answer: Partial<Fields>, request = asked): boolean {
  const response = message('SIP/2.0 200 OK', { ...request, ...answer }) as SipResponse;
  return isAnswerTo(message('MESSAGE sip:bob@fabrikam.test SIP/2.0', request) as SipRequest, response);
}

test('an answer repeats From, Call-ID and CSeq, and To but for its tag; how an address is written is no matter', () => {
  for (const answer of [
    {},
    { to: '<sip:bob@fabrikam.test>;tag=2' },
    { to: '"Bob" <sip:bob@fabrikam.test>;tag=2' },
    { to: 'sip:bob@FABRIKAM.test;tag=2' },
    { from: '<sip:%61lice@contoso.test>;tag=1' },
    { to: '<sip:Bob@fabrikam.test>;tag=2' },
    { to: '<sip:BOB@fabrikam.test.>;tag=2' },
    { from: '"Alice" <sip:%41LICE@contoso.test>;tag=1' },
  ]) {
    assert.ok(isAnswer(answer), JSON.stringify(answer));
  }
  const international = { ...asked, to: '<sip:%C3%84rger@fabrikam.test>' };
  assert.ok(isAnswer({ to: '<sip:a%CC%88rger@fabrikam.test>;tag=2' }, international));
  const inDialog = { ...asked, to: '<sip:bob@fabrikam.test>;tag=2' };
  assert.ok(isAnswer({}, inDialog));
});

test('whatever names another call or another person is none', () => {
  for (const answer of [
    { callId: 'd' },
    { cseq: 8 },
    { from: '<sip:alice@contoso.test>;tag=2' },
    { from: '<sip:alice@contoso.test>' },
    { from: '<sip:adam@contoso.test>;tag=1' },
    { to: '<sip:boss@fabrikam.test>;tag=2' },
    { to: '<sip:bob@fabrikam.test.evil.test>;tag=2' },
    { to: '<sip:bob@fabrikam.test;user=phone>;tag=2' },
  ]) {
    assert.ok(!isAnswer(answer), JSON.stringify(answer));
  }
  const inDialog = { ...asked, to: '<sip:bob@fabrikam.test>;tag=2' };
  assert.ok(!isAnswer({ to: '<sip:bob@fabrikam.test>;tag=3' }, inDialog));
});
