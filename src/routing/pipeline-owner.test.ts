import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow } from '../flow/flow.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseMessageText } from '../testing/message-text.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';
import { Pipeline } from './pipeline.ts';
import { pipelineOwner } from './pipeline-owner.ts';
import type { RoutedRequest } from './routed-request.ts';
import { answered, waitFor } from './step.ts';

/** Who sends a request over which connection. */
interface Sender {
  readonly connection: string;
  readonly account?: string;
  readonly certificate?: Pick<VerifiedPeer, 'names' | 'fingerprint'>;
}

let requests = 0;

function request(): SipRequest {
  const parsed = parseMessageText(
    'INFO sip:nobody@silent.test SIP/2.0\r\nVia: SIP/2.0/TLS a.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@contoso.test>;tag=1\r\n' +
      `To: <sip:nobody@silent.test>\r\nCall-ID: ${++requests}\r\nCSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

/** A pipeline in which everything waits, two of one owner at a time. */
function setUp() {
  let refused = 0;
  const waits = { name: 'wait', run: () => waitFor(new Promise<void>(() => {}), () => answered) };
  const log = { refused() {}, faulted() {}, connectionFaulted() {}, event() {} };
  const pipeline = new Pipeline(
    [waits],
    pipelineOwner<RoutedRequest<unknown>>(log, () => void refused++),
    { total: 10, perPeer: 2 },
  );
  return (...senders: readonly Sender[]) => {
    const before = refused;
    for (const { connection: id, account: payer, certificate: peer } of senders) {
      const flow = { id, peer: peer as VerifiedPeer | undefined } as Flow;
      pipeline.run({ request: request(), flow, payer } as RoutedRequest<unknown>);
    }
    return refused - before;
  };
}

test('requests of one account that wait are counted together, whatever connections they came over', () => {
  const refusedOf = setUp();
  const senders = ['1', '2', '3', '4'].map(connection => ({ connection, account: 'alice' }));
  assert.equal(refusedOf(...senders), 2);
  assert.equal(refusedOf({ connection: '1', account: 'adam' }), 0, 'another account goes on, on the same connection too');
  assert.equal(refusedOf({ connection: '5' }), 0, 'and who is not known yet');
});

test('requests of one partner that wait are counted together, whatever certificate of its names they came with', () => {
  const refusedOf = setUp();
  const names = ['a.northwind.test', 'b.northwind.test'];
  const ways: readonly Sender[] = [
    { connection: '1', certificate: { names, fingerprint: 'first' } },
    { connection: '2', certificate: { names, fingerprint: 'renewed' } },
    { connection: '3', certificate: { names: names.toReversed(), fingerprint: 'in another order' } },
  ];
  assert.equal(refusedOf(...ways), 1);
  assert.equal(refusedOf({ connection: '4', certificate: { names: ['sip.fabrikam.test'], fingerprint: 'other' } }), 0);
});
