import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Binding } from '../model/binding.ts';
import type { Aor, TenantId } from '../model/names.ts';
import { createRequest } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseMessage } from '../testing/message-text.ts';
import { registrationHeaders } from './registration-answer.ts';

const phone: Binding = {
  tenant: 't' as TenantId,
  aor: 'alice@contoso.test' as Aor,
  instance: '<urn:uuid:a;b>',
  contactUri: 'sip:alice@a.invalid;ob',
  regId: 1,
  callId: 'c',
  cseq: 1,
  priority: 1000,
  node: 'fe1.contoso.test',
  incarnation: 'i',
  flow: 'f1',
  userAgent: '',
  registeredAtMs: 0,
  expiresAtMs: 600_000,
};
const { regId: _, ...unnumbered } = phone;
const desk: Binding = { ...unnumbered, instance: 'epid:01', contactUri: 'sip:alice@b.invalid', flow: 'f2' };

function registration(supported: string): SipRequest {
  const message = createRequest({
    method: 'REGISTER',
    requestUri: 'sip:contoso.test',
    via: 'SIP/2.0/TLS a.invalid;branch=z9hG4bK1',
    from: '<sip:alice@contoso.test>;tag=1',
    to: '<sip:alice@contoso.test>',
    callId: 'c',
    cseq: 1,
    headers: [['Supported', supported]],
  });
  const parsed = parseMessage(message.head, message.body);
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

const phoneValue = '<sip:alice@a.invalid;ob>;expires=600;+sip.instance="<urn:uuid:a;b>";reg-id=1';
const deskValue = '<sip:alice@b.invalid>;expires=600';
const gruu = ';pub-gruu="sip:alice@contoso.test;gr=urn:uuid:a%3Bb"';
const outboundLines: readonly HeaderLine[] = [
  ['Require', 'outbound'],
  ['Flow-Timer', '120'],
];

const answers: readonly (readonly [
  what: string,
  supported: string,
  flow: string,
  contact: string,
  more: readonly HeaderLine[],
])[] = [
  ['a client that knows everything', 'path, gruu, outbound', 'f1', phoneValue + gruu, outboundLines],
  ['a client that knows outbound only', 'outbound', 'f1', phoneValue, outboundLines],
  ['a client that knows GRUUs only', 'GRUU', 'f1', phoneValue + gruu, []],
  ['a client that knows neither', '100rel', 'f1', phoneValue, []],
  ['a flow without reg-id, of a user who has another with one', 'gruu, outbound', 'f2', phoneValue + gruu, []],
];

for (const [what, supported, flow, contact, more] of answers) {
  test(`what the 200 tells ${what}`, () => {
    const headers = registrationHeaders({
      request: registration(supported),
      flow,
      bindings: [phone, desk],
      nowMs: 0,
      dateMs: 1_000,
    });
    assert.deepEqual(headers, [
      ['Contact', contact],
      ['Contact', deskValue],
      ['Date', 'Thu, 01 Jan 1970 00:00:01 GMT'],
      ['Supported', 'gruu, outbound'],
      ...more,
    ]);
  });
}
