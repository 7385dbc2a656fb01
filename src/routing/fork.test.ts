import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/message.ts';
import { parseMessage, parseMessageText } from '../testing/message-text.ts';
import { type ForkBranch, planFork } from './fork.ts';
import { forwardRequest } from './forward.ts';

const server = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;
const fork = { user: 'alice@contoso.test', branches: 2 };

function request(uri = 'sip:alice@contoso.test', headers = ''): SipRequest {
  const parsed = parseMessageText(
    `INVITE ${uri} SIP/2.0\r\nVia: SIP/2.0/TLS c.test;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:bob@contoso.test>;tag=b\r\n` +
      `To: <sip:alice@contoso.test>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n${headers}Content-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

function planned(of: SipRequest): readonly ForkBranch[] {
  const plan = planFork(of, server, fork);
  assert.ok(plan.ok);
  return plan.value;
}

/** The request as one branch of the fork has it. */
function branchOf(of: SipRequest, at: number, requestUri?: string): SipRequest {
  const { message } = forwardRequest(of, server, { ...planned(of)[at], ...(requestUri === undefined ? {} : { requestUri }) });
  const parsed = parseMessage(message.head, message.body);
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

function codeOf(of: SipRequest): string | undefined {
  const plan = planFork(of, server, fork);
  return plan.ok ? undefined : plan.error.code;
}

test('rfc5393 5.3.3.3: the branches of a fork share what the request may have, each with one header', () => {
  const shares = (headers: string) => [0, 1].map(at => branchOf(request(undefined, headers), at).all('Max-Breadth'));
  assert.deepEqual(shares(''), [['30'], ['30']]);
  assert.deepEqual(shares('Max-Breadth: 5\r\n'), [['3'], ['2']]);
  assert.deepEqual(shares('Max-Breadth: 900\r\nMax-Breadth: 5\r\n'), [['30'], ['30']]);
  assert.equal(codeOf(request(undefined, 'Max-Breadth: 1\r\n')), 'MAX_BREADTH_EXCEEDED');
});

test('rfc5393 4.2.1: a request that was forked and comes back as it was is a loop', () => {
  const spiral = branchOf(request(), 0, 'sip:adam@contoso.test');
  assert.equal(codeOf(spiral), undefined, 'for another address it is a spiral');
  const returned = branchOf(request(), 0, 'sip:alice@contoso.test');
  assert.equal(codeOf(returned), 'LOOP_DETECTED');
  const elsewhere = planFork(returned, { ...server, host: 'other.contoso.test' }, fork);
  assert.ok(elsewhere.ok, 'the mark of another server is nothing to us');
});
