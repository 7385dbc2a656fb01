import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow } from '../flow/flow.ts';
import { Pipeline } from '../routing/pipeline.ts';
import { pipelineOwner } from '../routing/pipeline-owner.ts';
import { answered, waitFor } from '../routing/step.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { ServerTransaction } from '../transaction/server-transaction.ts';
import { InsideRequest } from './inside-request.ts';

const flow = { id: 'f', peer: { names: ['fe1.contoso.test'] } } as unknown as Flow;

function message(from: string, to: string): InsideRequest {
  const parsed = parseMessageText(
    `MESSAGE sip:${to} SIP/2.0\r\nVia: SIP/2.0/TLS fe1.contoso.test;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n` +
      `From: <sip:${from}>;tag=1\r\nTo: <sip:${to}>\r\nCall-ID: ${from}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return new InsideRequest(new ServerTransaction(parsed.value, flow, undefined));
}

test('what waits for one partner leaves places for those who write to others, whatever Front End they write through', () => {
  const refused: string[] = [];
  const log = { refused() {}, faulted() {}, connectionFaulted() {}, event() {} };
  const owner = pipelineOwner<InsideRequest>(log, ({ request }, { code }) => refused.push(`${request.requestUri} ${code}`));
  const never = { name: 'never', run: () => waitFor(new Promise<void>(() => {}), () => answered) };
  const pipeline = new Pipeline([never], owner, { total: 8, perPeer: 2 });
  pipeline.run(message('a@contoso.test', 'x@silent.test'));
  // behind the first of the pair, before anything of it was looked at
  pipeline.run(message('a@contoso.test', 'x@silent.test'));
  pipeline.run(message('b@contoso.test', 'y@SILENT.test'));
  pipeline.run(message('a@contoso.test', 'z@fabrikam.test'));
  assert.deepEqual(refused, ['sip:y@SILENT.test SERVER_BUSY']);
  assert.equal(pipeline.held, 3);
});
