import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { ConnectionFlow } from '../flow/connection-flow.ts';
import type { MessageSecurity } from '../flow/flow.ts';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { SipMessage } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { ownerParts, RequestLimits } from '../transaction/request-limits.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import { RoleCore } from './role-core.ts';

const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;

/** Marks what goes out, and lets in what bears a mark. */
const marking: MessageSecurity = {
  verify: message => (message.get('Subject') === 'marked' ? undefined : failure('CREDENTIALS_WRONG', { login: 'alice' })),
  sign: ({ head, body }) => ({ head: head.replace('\r\n\r\n', '\r\nSubject: marked\r\n\r\n'), body }),
};

function request(method: string, branch: string, ...lines: string[]): SipMessage {
  const head = [
    `${method} sip:bob@contoso.test SIP/2.0`,
    `Via: SIP/2.0/TLS a.invalid;branch=${branch}`,
    'Max-Forwards: 70',
    'From: <sip:alice@contoso.test>;tag=1',
    'To: <sip:bob@contoso.test>',
    'Call-ID: c',
    `CSeq: 1 ${method}`,
    ...lines,
  ];
  return parsed({ head: `${head.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`, body: new Uint8Array(0) });
}

function parsed({ head }: OutgoingMessage): SipMessage {
  const message = parseMessageText(head);
  assert.ok(message.ok);
  return message.value;
}

function setUp() {
  const sent: string[] = [];
  const taken: ServerTransaction<ConnectionFlow>[] = [];
  const events: unknown[] = [];
  const log = { refused() {}, faulted() {}, connectionFaulted() {}, event: (name: string) => void events.push(name) };
  const owner = new RequestLimits('test').owner(ownerParts.account);
  const core = new RoleCore(new FakeClock(), log, {
    routeHosts: [],
    take: transaction => void taken.push(transaction as ServerTransaction<ConnectionFlow>),
    turnAway() {},
    ownerOf: () => owner,
  });
  const connection = { id: 'f', closing: false, send: ({ head }: OutgoingMessage) => sent.push(head) > 0 };
  const flow = new ConnectionFlow(connection as unknown as Connection, side, new FakeClock());
  flow.security = marking;
  return { core, flow, sent, taken, events };
}

test('what comes on a secured flow is verified before it is anything: request, CANCEL, ACK and response alike', () => {
  const { core, flow, taken, events } = setUp();
  core.receive(request('INVITE', 'z9hG4bK1'), flow);
  assert.deepEqual([taken.length, events], [0, ['message-not-verified']]);
  core.receive(request('INVITE', 'z9hG4bK1', 'Subject: marked'), flow);
  assert.equal(taken.length, 1);
  core.receive(request('CANCEL', 'z9hG4bK1'), flow);
  assert.equal(taken[0]?.ended, false, 'nobody else has cancelled it');
  core.receive(request('ACK', 'z9hG4bK2'), flow);
  assert.equal(taken.length, 1);
  core.receive(request('ACK', 'z9hG4bK2', 'Subject: marked'), flow);
  assert.equal(taken.length, 2);
  core.receive(request('CANCEL', 'z9hG4bK1', 'Subject: marked'), flow);
  assert.equal(taken[0]?.ended, true);
});

test('all that leaves on it is signed as it leaves: answers, requests, their CANCEL and ACK', () => {
  const { core, flow, sent, taken } = setUp();
  core.receive(request('MESSAGE', 'z9hG4bK3', 'Subject: marked'), flow);
  const { request: message } = taken[0] ?? assert.fail();
  taken[0]?.respond(createResponse(message, 200));
  const responses: number[] = [];
  const invite = createRequest({
    method: 'INVITE',
    requestUri: 'sip:alice@a.invalid',
    via: `SIP/2.0/TLS fe.contoso.test;branch=z9hG4bKout`,
    from: '<sip:bob@contoso.test>;tag=2',
    to: '<sip:alice@contoso.test>',
    callId: 'd',
    cseq: 1,
  });
  const client = core.layer.send({ method: 'INVITE', branch: 'z9hG4bKout', message: invite }, flow, {
    onResponse: ({ status }) => void responses.push(status),
    onTimeout() {},
    onTransportError() {},
  });
  const asked = parsed(invite);
  assert.ok(asked.kind === 'request');
  core.receive(parsed(createResponse(asked, 180, { toTag: 'x' })), flow);
  assert.deepEqual(responses, [], 'an answer without the mark is none');
  core.receive(parsed(marking.sign(createResponse(asked, 180, { toTag: 'x' }))), flow);
  client.cancel();
  core.receive(parsed(marking.sign(createResponse(asked, 487, { toTag: 'x' }))), flow);
  assert.deepEqual(responses, [180, 487]);
  assert.deepEqual(
    sent.map(head => [/^\S+ (?:\d+)?/.exec(head)?.[0].trim(), head.includes('Subject: marked')]),
    [
      ['SIP/2.0 200', true],
      ['INVITE', true],
      ['CANCEL', true],
      ['ACK', true],
    ],
  );
});
