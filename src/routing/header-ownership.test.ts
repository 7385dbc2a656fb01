import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipDomain } from '../model/names.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { backwardResponse, forwardRequest } from './forward.ts';
import {
  answerHeaders,
  type HeaderBorder,
  headerBorders,
  mayAssertIdentity,
  requestHeaders,
  strippedFromAnswer,
  strippedFromRequest,
} from './header-ownership.ts';
import { assertedDomains } from './request-address.ts';

const fabrikam = 'fabrikam.test' as SipDomain;
const side = { transport: 'TLS', host: 'here.test', port: 5061 } as const;

function message(startLine: string, lines: readonly string[]): SipMessage {
  const own = [
    'Via: SIP/2.0/TLS other.test;branch=z9hG4bKb',
    'From: <sip:alice@contoso.test>;tag=1',
    'To: <sip:bob@fabrikam.test>',
    'Call-ID: c',
    'CSeq: 1 MESSAGE',
  ];
  const parsed = parseMessageText(`${startLine}\r\n${[...own, ...lines].join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  assert.ok(parsed.ok);
  return parsed.value;
}

const request = (...lines: string[]) => message('MESSAGE sip:bob@fabrikam.test SIP/2.0', lines) as SipRequest;
const answer = (...lines: string[]) => message('SIP/2.0 200 OK', lines) as SipResponse;

function requestAfter(border: HeaderBorder, ...lines: string[]): string {
  const given = request(...lines);
  const named = assertedDomains(given);
  return forwardRequest(given, side, { remove: strippedFromRequest(border, given, named.ok ? named.value[0] : undefined) })
    .message.head;
}

function answerAfter(border: HeaderBorder, ...lines: string[]): string {
  const given = answer(...lines);
  return backwardResponse(given, strippedFromAnswer(border, given, fabrikam)).head;
}

/** A value that may stand in any of them. */
const value = '<sip:bob@fabrikam.test>';

test('each header is taken off at the borders where the table says so, and at no other', () => {
  for (const [i, border] of headerBorders.entries()) {
    for (const [table, after] of [
      [requestHeaders, requestAfter],
      [answerHeaders, answerAfter],
    ] as const) {
      for (const [name, rules] of Object.entries(table)) {
        if (name === 'Via') continue;
        const isThere = after(border, `${name}: ${value}`).includes(`\r\n${name}: `);
        assert.equal(isThere, rules[i] === 'keep' || rules[i] === 'judge', `${name} at ${border}`);
      }
    }
  }
});

test('in an answer the other side names its own users, whoever else is named takes the header off', () => {
  const kept: readonly (readonly [value: string, isKept: boolean])[] = [
    ['<sip:bob@fabrikam.test>', true],
    ['"Bob" <sip:bob@Fabrikam.test>, <tel:+12025550100>', true],
    ['<sip:alice@contoso.test>', false],
    ['<sip:bob@fabrikam.test>, <sip:alice@contoso.test>', false],
    ['<sip:bob@sub.fabrikam.test>', false],
    ['bob', false],
    ['<tel:+12025550100>', false],
  ];
  for (const border of ['outside → inside', 'Edge → client'] as const) {
    for (const [identity, isKept] of kept) {
      const head = answerAfter(border, `P-Asserted-Identity: ${identity}`);
      assert.equal(head.includes('P-Asserted-Identity'), isKept, `${identity} at ${border}`);
    }
  }
});

test('a telephone number alone, which nobody can prove to be the own one, is shown of no partner', () => {
  for (const [identity, isKept] of [
    ['<tel:+12025550100>', false],
    ['<sip:alice@contoso.test>, <tel:+12025550100>', true],
  ] as const) {
    const head = requestAfter('outside → inside', `P-Asserted-Identity: ${identity}`);
    assert.equal(head.includes('P-Asserted-Identity'), isKept, identity);
  }
});

test('an identity that is to be withheld stays among servers that we trust', () => {
  const withheld = ['Privacy: id', `P-Asserted-Identity: ${value}`];
  for (const border of ['client → client', 'client → tenant', 'Edge → client', 'inside → outside'] as const) {
    assert.ok(!requestAfter(border, ...withheld).includes('P-Asserted'), border);
    assert.equal(mayAssertIdentity(border, request('Privacy: id')), false, border);
  }
  for (const privacy of ['user; ID', 'id;critical', 'header, id']) {
    assert.equal(mayAssertIdentity('client → client', request(`Privacy: ${privacy}`)), false, privacy);
  }
  for (const privacy of ['none', 'user', 'identity']) {
    assert.equal(mayAssertIdentity('client → client', request(`Privacy: ${privacy}`)), true, privacy);
  }
  assert.ok(requestAfter('outside → inside', ...withheld).includes('P-Asserted'));
  assert.equal(mayAssertIdentity('client → Edge', request('Privacy: id')), true);
  assert.ok(!answerAfter('Edge → client', ...withheld).includes('P-Asserted'));
});
