import { createRequest, createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionConnection } from '../transaction/transaction-connection.ts';
import { TransactionLayer, type TransactionLayerOptions } from '../transaction/transaction-layer.ts';
import type { ClientTransactionHandler, OutgoingRequest } from '../transaction/transaction-user.ts';
import { FakeClock } from './fake-clock.ts';
import { parseMessage } from './message-text.ts';

/** A connection that keeps what is sent on it. */
export class FakeConnection implements TransactionConnection {
  readonly id: string;
  readonly reliable: boolean;
  readonly sent: OutgoingMessage[] = [];
  open = true;
  constructor(id: string, reliable = true) {
    this.id = id;
    this.reliable = reliable;
  }
  send(message: OutgoingMessage): boolean {
    if (this.open) this.sent.push(message);
    return this.open;
  }
  /** Start lines of what was sent since the last call. */
  taken(): string[] {
    return this.sent.splice(0).map(message => message.head.slice(0, message.head.indexOf('\r')));
  }
}

interface Ids {
  readonly branch?: string;
  readonly cseq?: number;
  readonly toTag?: string;
  readonly requestUri?: string;
}

/** The message as its receiver reads it. */
export function parsed(message: OutgoingMessage): SipMessage {
  const result = parseMessage(message.head, message.body);
  if (!result.ok) throw new Error(result.error.failure.text);
  return result.value;
}

/** A request of alice to bob, ready to be sent. */
export function outgoing(method: string, ids: Ids = {}): OutgoingMessage {
  const branch = ids.branch === '' ? '' : `;branch=${ids.branch ?? 'z9hG4bKone'}`;
  return createRequest({
    method,
    requestUri: ids.requestUri ?? 'sip:bob@contoso.test',
    via: `SIP/2.0/TLS 192.0.2.10:41034${branch}`,
    from: '<sip:alice@contoso.test>;tag=580598957',
    to: `<sip:bob@contoso.test>${ids.toTag === undefined ? '' : `;tag=${ids.toTag}`}`,
    callId: 'call-1',
    cseq: ids.cseq ?? 1,
    route: ['<sip:edge.contoso.test;lr>'],
  });
}

/** The same request as the layer receives it. */
export function request(method: string, ids: Ids = {}): SipRequest {
  return parsed(outgoing(method, ids)) as SipRequest;
}

/** A layer whose clock stands still, and a log of what its user was told. */
export function setUp(more: Partial<TransactionLayerOptions<FakeConnection>> = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const transactions: ServerTransaction<FakeConnection>[] = [];
  const cancelled: (ServerTransaction<FakeConnection> | undefined)[] = [];
  const layer = new TransactionLayer<FakeConnection>({
    clock,
    user: {
      onRequest(transaction, received) {
        log.push(`request ${received.method}`);
        transactions.push(transaction);
      },
      onAck: () => log.push('ack'),
      onCancel(cancel, invite) {
        log.push(invite === undefined ? 'cancel of nothing' : 'cancel');
        cancelled.push(invite);
        cancel.respond(createResponse(cancel.request, invite === undefined ? 481 : 200));
      },
      onLost: invite => log.push(`lost ${invite.request.method}`),
      onStrayResponse: response => log.push(`stray ${response.status}`),
    },
    ...more,
  });
  const answer = (index: number, status: number) => {
    const transaction = transactions[index] as ServerTransaction<FakeConnection>;
    transaction.respond(createResponse(transaction.request, status, { toTag: 'ours' }));
  };
  const taken = () => log.splice(0);
  return { clock, layer, transactions, cancelled, answer, taken };
}

/** Notes in the log what becomes of a request of ours. */
export function watch(log: string[]): ClientTransactionHandler {
  return {
    onResponse: response => log.push(`response ${response.status}`),
    onTimeout: () => log.push('timeout'),
    onTransportError: () => log.push('transport error'),
  };
}

/** A request of ours and a maker of responses to it. */
export function ours(method: string, branch = 'z9hG4bKours') {
  const message = outgoing(method, { branch });
  const sent: OutgoingRequest = { method, branch, message };
  const respond = (status: number, toTag = 'theirs') =>
    parsed(createResponse(parsed(message) as SipRequest, status, { toTag })) as SipResponse;
  return { sent, respond };
}
