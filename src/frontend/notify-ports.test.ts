import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import type { Flow } from '../flow/flow.ts';
import type { Aor, TenantId } from '../model/names.ts';
import { TrunkPool } from '../routing/trunk-pool.ts';
import type { NotifyAnswer } from '../services/events/notify-port.ts';
import type { SipResponse } from '../sip/message.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseMessageText } from '../testing/message-text.ts';
import { sampleConfiguration } from '../testing/sample-configuration.ts';
import type { ClientTransactionHandler, OutgoingRequest } from '../transaction/transaction-user.ts';
import { type NotifyPortParts, NotifyPorts } from './notify-ports.ts';

/** To a colleague: policy is tested elsewhere. */
const subscription = {
  id: 's',
  user: { aor: 'alice@contoso.test' as Aor, tenant: 't' as TenantId },
  isBestEffort: false,
  subscriber: { aor: 'adam@contoso.test' as Aor, kind: 'inside' },
  isTerminated: false,
} as const;
const notify = { head: 'NOTIFY sip:adam@192.0.2.7 SIP/2.0\r\nContent-Length: 0\r\n\r\n', body: new Uint8Array(0) };
const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 };
const trunk = { side, closing: false };
const lost = err(failure('PEER_CONNECT_TIMEOUT', { target: 'edge.contoso.test', seconds: 5 }));

const edge = 'edge.contoso.test';
const configuration = sampleConfiguration();

/** Ports of which the Edge can be reached or not; what is sent, and what the sender is told. */
function bed(isReachable = true) {
  const sent: { readonly request: OutgoingRequest; readonly handler: ClientTransactionHandler }[] = [];
  const answers: NotifyAnswer[] = [];
  const parts = {
    configuration: { current: configuration },
    edges: new TrunkPool(
      new FakeClock(),
      async () => (isReachable ? ok(trunk) : lost),
      () => 1,
    ),
    layer: {
      send: (request: OutgoingRequest, _to: unknown, handler: ClientTransactionHandler) => sent.push({ request, handler }),
    },
  };
  const ports = new NotifyPorts(parts as unknown as NotifyPortParts);
  return { ports, sent, answers, onAnswer: (answer: NotifyAnswer) => answers.push(answer) };
}

function response(text: string): SipResponse {
  const lines = ['Via: SIP/2.0/TLS a', 'From: <sip:a@b.test>;tag=1', 'To: <sip:c@d.test>;tag=2', 'Call-ID: c', 'CSeq: 1 NOTIFY'];
  const parsed = parseMessageText(`${text}\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  assert.ok(parsed.ok && parsed.value.kind === 'response');
  return parsed.value;
}

const endings: readonly (readonly [
  what: string,
  end: (handler: ClientTransactionHandler) => void,
  NotifyAnswer,
  NotifyAnswer,
])[] = [
  ['the answer', handler => handler.onResponse(response('SIP/2.0 200 OK')), { status: 200 }, { status: 200 }],
  [
    'an answer that asks for time',
    handler => handler.onResponse(response('SIP/2.0 503 Later\r\nRetry-After: 7 (soon)')),
    { status: 503, retryAfterSeconds: 7 },
    { status: 503, retryAfterSeconds: 7 },
  ],
  ['silence', handler => handler.onTimeout(), { status: 408 }, { status: 408 }],
  // a client's connection is the client; an Edge that starts again is not the watcher
  ['a broken connection', handler => handler.onTransportError(), { status: 503 }, { status: 503 }],
];
for (const [what, end, ofClient, ofEdge] of endings) {
  test(`${what}: told as it is, tried again only where the watcher may still be there`, async () => {
    for (const [way, expected] of [
      ['client', ofClient],
      ['edge', ofEdge],
    ] as const) {
      const { ports, sent, answers, onAnswer } = bed();
      const flow = { side, closing: false } as unknown as Flow;
      const port = way === 'client' ? ports.ofClient(flow) : ports.ofEdge(edge);
      port.send(subscription, notify, onAnswer);
      await new Promise(resolve => setImmediate(resolve));
      assert.match(
        sent[0]?.request.message.head ?? '',
        /^NOTIFY [^\r]+\r\nVia: SIP\/2\.0\/TLS fe\.contoso\.test:5061;branch=z9hG4bK/,
      );
      end(sent[0]?.handler ?? assert.fail());
      assert.deepEqual(answers, [expected], way);
    }
  });
}

test('a NOTIFY waits for the connection to the Edge; where there is none it is to be tried again', async () => {
  for (const isReachable of [true, false]) {
    const { ports, sent, answers, onAnswer } = bed(isReachable);
    ports.ofEdge(edge).send(subscription, notify, onAnswer);
    assert.equal(sent.length, 0);
    await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual([sent.length, answers], isReachable ? [1, []] : [0, [{ status: 503 }]]);
  }
});

test('through an Edge that is not in the topology nothing goes', () => {
  const { ports, sent, answers, onAnswer } = bed();
  ports.ofEdge('other.contoso.test').send(subscription, notify, onAnswer);
  assert.deepEqual([sent.length, answers], [0, [{ status: 503 }]]);
});

test('one way for one client and one Edge, the same as long as it is there', () => {
  const { ports } = bed();
  const flow = { side, closing: false } as unknown as Flow;
  assert.equal(ports.knownOfClient(flow), undefined);
  const way = ports.ofClient(flow);
  assert.ok(way === ports.ofClient(flow) && way === ports.knownOfClient(flow));
  assert.equal(ports.ofEdge('a.test'), ports.ofEdge('a.test'));
  assert.notEqual(ports.ofEdge('a.test'), ports.ofEdge('b.test'));
});
