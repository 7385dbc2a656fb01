import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { TransactionLayer, type TransactionLayerOptions } from './transaction-layer.ts';
import type { ClientTransactionHandler, OutgoingRequest, TransactionConnection } from './transaction-user.ts';

class FakeConnection implements TransactionConnection {
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

function parsed(message: OutgoingMessage): SipMessage {
  const result = parseMessage(message.head, message.body);
  if (!result.ok) throw new Error(result.error.failure.text);
  return result.value;
}

function outgoing(method: string, ids: Ids = {}): OutgoingMessage {
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

function request(method: string, ids: Ids = {}): SipRequest {
  return parsed(outgoing(method, ids)) as SipRequest;
}

function setUp(more: Partial<TransactionLayerOptions<FakeConnection>> = {}) {
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

function watch(log: string[]): ClientTransactionHandler {
  return {
    onResponse: response => log.push(`response ${response.status}`),
    onTimeout: () => log.push('timeout'),
    onTransportError: () => log.push('transport error'),
  };
}

/** A request of ours and a maker of responses to it. */
function ours(method: string, branch = 'z9hG4bKours') {
  const message = outgoing(method, { branch });
  const sent: OutgoingRequest = { method, branch, message };
  const respond = (status: number, toTag = 'theirs') =>
    parsed(createResponse(parsed(message) as SipRequest, status, { toTag })) as SipResponse;
  return { sent, respond };
}

describe('non-INVITE server transactions', () => {
  test('over a reliable transport nothing is left at the final response', () => {
    const { clock, layer, transactions, answer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('MESSAGE'), connection);
    layer.receive(request('MESSAGE'), connection);
    assert.deepEqual(taken(), ['request MESSAGE']);
    assert.equal(layer.counts.repeatedRequests, 1);
    answer(0, 200);
    assert.deepEqual(connection.taken(), ['SIP/2.0 200 OK']);
    assert.equal(transactions[0]?.ended, true);
    assert.equal(layer.serverTransactions, 0);
    answer(0, 200);
    clock.advance(100_000);
    assert.deepEqual(connection.taken(), []);
  });

  test('over an unreliable transport the final response is repeated for 32 seconds', () => {
    const { clock, layer, answer, taken } = setUp();
    const connection = new FakeConnection('c1', false);
    layer.receive(request('MESSAGE'), connection);
    answer(0, 200);
    layer.receive(request('MESSAGE'), connection);
    assert.deepEqual(connection.taken(), ['SIP/2.0 200 OK', 'SIP/2.0 200 OK']);
    clock.advance(33_000);
    assert.equal(layer.serverTransactions, 0);
    layer.receive(request('MESSAGE'), connection);
    assert.deepEqual(taken(), ['request MESSAGE', 'request MESSAGE']);
  });

  test('a request that is never answered is given up, and counted', () => {
    const { clock, layer, answer } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('MESSAGE'), connection);
    clock.advance(45_000);
    assert.equal(layer.serverTransactions, 0);
    assert.equal(layer.counts.abandoned, 1);
    answer(0, 200);
    assert.deepEqual(connection.taken(), []);
  });

  test('BENOTIFY takes no answer', () => {
    const { layer, answer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('BENOTIFY'), connection);
    answer(0, 200);
    assert.deepEqual(taken(), ['request BENOTIFY']);
    assert.deepEqual(connection.taken(), []);
    assert.equal(layer.serverTransactions, 0);
  });
});

describe('INVITE server transactions', () => {
  test('100 is sent if nothing else was, soon', () => {
    for (const reliable of [true, false]) {
      const { clock, layer, answer } = setUp();
      const connection = new FakeConnection('c1', reliable);
      layer.receive(request('INVITE'), connection);
      layer.receive(request('INVITE', { branch: 'z9hG4bKtwo' }), connection);
      answer(1, 180);
      assert.deepEqual(connection.taken(), ['SIP/2.0 180 Ringing']);
      clock.advance(reliable ? 1_000 : 200);
      assert.deepEqual(connection.taken(), ['SIP/2.0 100 Trying']);
      clock.advance(10_000);
      assert.deepEqual(connection.taken(), []);
    }
  });

  test('a failure is confirmed by its ACK, which nobody else sees', () => {
    const { layer, answer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('INVITE'), connection);
    answer(0, 486);
    assert.equal(layer.serverTransactions, 1);
    layer.receive(request('ACK', { toTag: 'ours' }), connection);
    assert.equal(layer.serverTransactions, 0);
    assert.deepEqual(taken(), ['request INVITE']);
  });

  test('over an unreliable transport a failure is repeated until its ACK, then absorbs further ones', () => {
    const { clock, layer, answer, taken } = setUp();
    const connection = new FakeConnection('c1', false);
    layer.receive(request('INVITE'), connection);
    answer(0, 486);
    assert.equal(connection.taken().length, 1);
    clock.advance(499);
    assert.equal(connection.taken().length, 0);
    clock.advance(1);
    assert.equal(connection.taken().length, 1);
    clock.advance(1_000 + 2_000 + 4_000 + 4_000);
    assert.equal(connection.taken().length, 4);
    layer.receive(request('ACK', { toTag: 'ours' }), connection);
    layer.receive(request('ACK', { toTag: 'ours' }), connection);
    clock.advance(4_000);
    assert.deepEqual(connection.taken(), []);
    assert.deepEqual(taken(), ['request INVITE']);
    clock.advance(2_000);
    assert.equal(layer.serverTransactions, 0);
  });

  test('without an ACK the failed INVITE ends after 32 seconds', () => {
    const { clock, layer, answer } = setUp();
    layer.receive(request('INVITE'), new FakeConnection('c1'));
    answer(0, 486);
    clock.advance(33_000);
    assert.equal(layer.serverTransactions, 0);
    assert.equal(layer.counts.ackTimeouts, 1);
  });

  test('a 2xx and those of other forks pass, the INVITE is absorbed, and the request is let go', () => {
    const { clock, layer, transactions, answer, taken } = setUp();
    const connection = new FakeConnection('c1', false);
    layer.receive(request('INVITE'), connection);
    answer(0, 200);
    answer(0, 200);
    answer(0, 486);
    layer.receive(request('INVITE'), connection);
    assert.deepEqual(connection.taken(), ['SIP/2.0 200 OK', 'SIP/2.0 200 OK']);
    assert.equal(transactions[0]?.ended, true);
    layer.receive(request('ACK', { branch: 'z9hG4bKack', toTag: 'ours' }), connection);
    assert.deepEqual(taken(), ['request INVITE', 'ack']);
    clock.advance(33_000);
    assert.equal(layer.serverTransactions, 0);
    answer(0, 200);
    assert.deepEqual(connection.taken(), []);
  });

  test('CANCEL finds its INVITE until the final response, from the same peer only', () => {
    const { layer, transactions, cancelled, answer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('INVITE'), connection);
    layer.receive(request('CANCEL'), new FakeConnection('c2'));
    layer.receive(request('CANCEL', { branch: 'z9hG4bKother' }), connection);
    layer.receive(request('CANCEL'), connection);
    assert.deepEqual(taken(), ['request INVITE', 'cancel of nothing', 'cancel of nothing', 'cancel']);
    assert.equal(cancelled[2], transactions[0]);
    answer(0, 487);
    layer.receive(request('CANCEL'), connection);
    assert.deepEqual(taken(), ['cancel of nothing']);
  });
});

describe('requests without a branch', () => {
  const none = { branch: '' };

  test('ACK and CANCEL find their INVITE by the other ids', () => {
    const { layer, answer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('INVITE', none), connection);
    layer.receive(request('CANCEL', none), connection);
    layer.receive(request('CANCEL', { ...none, cseq: 2 }), connection);
    answer(0, 487);
    layer.receive(request('ACK', { ...none, toTag: 'ours' }), connection);
    assert.deepEqual(taken(), ['request INVITE', 'cancel', 'cancel of nothing']);
    assert.equal(layer.serverTransactions, 0);
  });

  test('the ACK of a 2xx is passed on, to whatever URI it goes', () => {
    const { layer, answer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('INVITE', none), connection);
    answer(0, 200);
    layer.receive(request('ACK', { ...none, toTag: 'ours' }), connection);
    layer.receive(request('ACK', { ...none, toTag: 'ours', requestUri: 'sip:bob@192.0.2.20' }), connection);
    assert.deepEqual(taken(), ['request INVITE', 'ack', 'ack']);
  });

  test('the same ids after a final answer are a new request, over a reliable transport', () => {
    for (const method of ['INVITE', 'MESSAGE']) {
      const { layer, answer, taken } = setUp();
      const connection = new FakeConnection('c1');
      layer.receive(request(method, none), connection);
      layer.receive(request(method, none), connection);
      assert.deepEqual(taken(), [`request ${method}`]);
      answer(0, 401);
      layer.receive(request(method, none), connection);
      assert.deepEqual(taken(), [`request ${method}`]);
      answer(1, 200);
      assert.deepEqual(connection.taken(), ['SIP/2.0 401 Unauthorized', 'SIP/2.0 200 OK']);
    }
  });

  test('two requests of one dialog are two transactions', () => {
    const { layer, taken } = setUp();
    const connection = new FakeConnection('c1');
    layer.receive(request('MESSAGE', { ...none, cseq: 2 }), connection);
    layer.receive(request('MESSAGE', { ...none, cseq: 3 }), connection);
    layer.receive(request('BYE', { ...none, cseq: 3 }), connection);
    assert.deepEqual(taken(), ['request MESSAGE', 'request MESSAGE', 'request BYE']);
  });
});

describe('non-INVITE client transactions', () => {
  test('responses come through, and nothing is left after the final one', () => {
    const { clock, layer, taken } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('MESSAGE');
    const log: string[] = [];
    layer.send(sent, connection, watch(log));
    layer.receive(respond(100), connection);
    layer.receive(respond(200), connection);
    assert.equal(layer.clientTransactions, 0);
    layer.receive(respond(200), connection);
    clock.advance(100_000);
    assert.deepEqual(log, ['response 100', 'response 200']);
    assert.deepEqual(taken(), ['stray 200']);
    assert.deepEqual(connection.taken(), ['MESSAGE sip:bob@contoso.test SIP/2.0']);
  });

  test('a response of another peer or method is a stray', () => {
    const { layer, taken } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('MESSAGE');
    const log: string[] = [];
    layer.send(sent, connection, watch(log));
    layer.receive(respond(200), new FakeConnection('c2'));
    layer.receive(ours('INFO').respond(200), connection);
    assert.deepEqual(log, []);
    assert.deepEqual(taken(), ['stray 200', 'stray 200']);
    assert.equal(layer.counts.strayResponses, 2);
  });

  test('peers with several connections are told apart by the scope they are given', () => {
    const { layer, taken } = setUp({ scope: () => 'partner.test' });
    const { sent, respond } = ours('MESSAGE');
    const log: string[] = [];
    layer.send(sent, new FakeConnection('c1'), watch(log));
    layer.receive(respond(200), new FakeConnection('c2'));
    assert.deepEqual(log, ['response 200']);
    assert.deepEqual(taken(), []);
  });

  test('no answer: a timeout after 32 seconds', () => {
    const { clock, layer } = setUp();
    const log: string[] = [];
    layer.send(ours('MESSAGE').sent, new FakeConnection('c1'), watch(log));
    clock.advance(31_999);
    assert.deepEqual(log, []);
    clock.advance(1_001);
    assert.deepEqual(log, ['timeout']);
    assert.equal(layer.clientTransactions, 0);
  });

  test('over an unreliable transport the request is repeated, more and more slowly', () => {
    const { clock, layer } = setUp();
    const connection = new FakeConnection('c1', false);
    const { sent, respond } = ours('MESSAGE');
    const log: string[] = [];
    layer.send(sent, connection, watch(log));
    const times: number[] = [];
    connection.taken();
    for (let ms = 100; ms <= 12_000; ms += 100) {
      clock.advance(100);
      if (connection.taken().length > 0) times.push(ms);
    }
    assert.deepEqual(times, [500, 1_500, 3_500, 7_500, 11_500]);
    layer.receive(respond(200), connection);
    layer.receive(respond(200), connection);
    clock.advance(4_900);
    assert.equal(layer.clientTransactions, 1);
    clock.advance(1_100);
    assert.equal(layer.clientTransactions, 0);
    assert.deepEqual(log, ['response 200']);
    assert.deepEqual(connection.taken(), []);
  });
});

describe('INVITE client transactions', () => {
  test('a failure is acknowledged by the layer, with To from the response', () => {
    const { layer } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('INVITE');
    const log: string[] = [];
    layer.send(sent, connection, watch(log));
    layer.receive(respond(486), connection);
    const ack = parsed(connection.sent[1] as OutgoingMessage) as SipRequest;
    assert.equal(ack.method, 'ACK');
    assert.equal(ack.requestUri, 'sip:bob@contoso.test');
    assert.equal(ack.toTag, 'theirs');
    assert.equal(ack.topVia.branch, 'z9hG4bKours');
    assert.deepEqual(ack.cseq, { number: 1, method: 'ACK' });
    assert.deepEqual(ack.list('Route'), ['<sip:edge.contoso.test;lr>']);
    assert.deepEqual(log, ['response 486']);
    assert.equal(layer.clientTransactions, 0);
  });

  test('over an unreliable transport each repeated failure is acknowledged, and passed on once', () => {
    const { clock, layer } = setUp();
    const connection = new FakeConnection('c1', false);
    const { sent, respond } = ours('INVITE');
    const log: string[] = [];
    layer.send(sent, connection, watch(log));
    clock.advance(500 + 1_000);
    layer.receive(respond(486), connection);
    layer.receive(respond(486), connection);
    const lines = ['INVITE', 'INVITE', 'INVITE', 'ACK', 'ACK'].map(method => `${method} sip:bob@contoso.test SIP/2.0`);
    assert.deepEqual(connection.taken(), lines);
    assert.deepEqual(log, ['response 486']);
    clock.advance(33_000);
    assert.equal(layer.clientTransactions, 0);
  });

  test('2xx of several forks and repeated ones pass for 32 seconds, then they are strays', () => {
    const { clock, layer, taken } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('INVITE');
    const log: string[] = [];
    layer.send(sent, connection, watch(log));
    layer.receive(respond(200, 'fork1'), connection);
    layer.receive(respond(200, 'fork2'), connection);
    clock.advance(31_000);
    layer.receive(respond(200, 'fork1'), connection);
    assert.deepEqual(log, ['response 200', 'response 200', 'response 200']);
    clock.advance(2_000);
    layer.receive(respond(200, 'fork1'), connection);
    assert.deepEqual(taken(), ['stray 200']);
    assert.equal(layer.clientTransactions, 0);
  });

  test('cancel waits for a provisional response; the CANCEL carries what it was given', () => {
    const { layer } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('INVITE');
    const log: string[] = [];
    const transaction = layer.send(sent, connection, watch(log));
    transaction.cancel([['Reason', 'SIP;cause=200;text="Call completed elsewhere"']]);
    transaction.cancel();
    assert.equal(connection.sent.length, 1);
    layer.receive(respond(180), connection);
    assert.equal(connection.sent.length, 2);
    const cancel = parsed(connection.sent[1] as OutgoingMessage) as SipRequest;
    assert.equal(cancel.method, 'CANCEL');
    assert.equal(cancel.topVia.branch, 'z9hG4bKours');
    assert.equal(cancel.toTag, undefined);
    assert.deepEqual(cancel.cseq, { number: 1, method: 'CANCEL' });
    assert.equal(cancel.get('Reason'), 'SIP;cause=200;text="Call completed elsewhere"');
    layer.receive(parsed(createResponse(cancel, 200)), connection);
    layer.receive(respond(487), connection);
    assert.deepEqual(log, ['response 180', 'response 487']);
    assert.equal(layer.clientTransactions, 0);
  });

  test('a cancelled INVITE without a final response is given up', () => {
    const { clock, layer } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('INVITE');
    const log: string[] = [];
    const transaction = layer.send(sent, connection, watch(log));
    layer.receive(respond(180), connection);
    transaction.cancel();
    clock.advance(33_000);
    assert.deepEqual(log, ['response 180', 'timeout']);
    assert.equal(layer.clientTransactions, 0);
  });

  test('Timer C: more than three minutes after the last provisional response the INVITE is cancelled', () => {
    const { clock, layer } = setUp();
    const connection = new FakeConnection('c1');
    const { sent, respond } = ours('INVITE');
    layer.send(sent, connection, watch([]));
    layer.receive(respond(180), connection);
    clock.advance(150_000);
    layer.receive(respond(180), connection);
    clock.advance(180_000);
    assert.equal(connection.sent.length, 1);
    clock.advance(11_000);
    assert.equal(connection.taken()[1], 'CANCEL sip:bob@contoso.test SIP/2.0');
  });
});

describe('broken connections and limits', () => {
  test('a closed connection fails its requests and forgets those it brought', () => {
    const { clock, layer, answer, taken } = setUp();
    const [gone, stays] = [new FakeConnection('c1'), new FakeConnection('c2')];
    const log: string[] = [];
    layer.receive(request('INVITE'), gone);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKtwo' }), gone);
    layer.receive(request('INVITE', { branch: 'z9hG4bKthree' }), gone);
    answer(2, 200);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKfour' }), stays);
    layer.send(ours('MESSAGE').sent, gone, watch(log));
    const accepted = ours('INVITE', 'z9hG4bKaccepted');
    layer.send(accepted.sent, gone, watch(log));
    layer.receive(accepted.respond(200), gone);
    gone.open = false;
    taken();
    layer.connectionClosed(gone);
    layer.connectionClosed(gone);
    assert.deepEqual(taken(), ['lost INVITE'], 'only an INVITE without its final response can still be given up');
    assert.deepEqual(log, ['response 200', 'transport error']);
    assert.equal(layer.serverTransactions, 1);
    assert.equal(layer.clientTransactions, 0);
    answer(0, 200);
    clock.advance(400_000);
    assert.deepEqual(log, ['response 200', 'transport error']);
    assert.equal(layer.serverTransactions, 0);
  });

  test('a connection that takes nothing fails the request, after send has returned', async () => {
    const { layer } = setUp();
    const connection = new FakeConnection('c1');
    connection.open = false;
    const log: string[] = [];
    layer.send(ours('MESSAGE').sent, connection, watch(log));
    assert.deepEqual(log, []);
    await Promise.resolve();
    assert.deepEqual(log, ['transport error']);
    assert.equal(layer.clientTransactions, 0);
  });

  test('over the limit of a connection: 503 with a spread Retry-After, until one is answered; CANCEL always passes', () => {
    const { layer, answer, taken } = setUp({ outstandingLimit: connection => (connection.id === 'trunk' ? 100 : 1) });
    const connection = new FakeConnection('c1');
    layer.receive(request('INVITE'), connection);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKtwo' }), connection);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKthree' }), connection);
    const waits = connection.sent.map(message => (parsed(message) as SipResponse).get('Retry-After'));
    assert.deepEqual(connection.taken(), ['SIP/2.0 503 Service Unavailable', 'SIP/2.0 503 Service Unavailable']);
    assert.notEqual(waits[0], waits[1]);
    layer.receive(request('CANCEL'), connection);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKfour' }), new FakeConnection('trunk'));
    answer(0, 487);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKfive' }), connection);
    assert.deepEqual(taken(), ['request INVITE', 'cancel', 'request MESSAGE', 'request MESSAGE']);
    assert.equal(layer.counts.refused, 2);
  });

  test('over the limit of the tables: 503 for requests, a failure for our own', async () => {
    const limits = { maxServerTransactions: 1, maxClientTransactions: 1, maxOutstandingPerConnection: 10 };
    const { layer, taken } = setUp({ limits });
    const connection = new FakeConnection('c1');
    const log: string[] = [];
    layer.receive(request('MESSAGE'), connection);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKtwo' }), connection);
    assert.deepEqual(taken(), ['request MESSAGE']);
    assert.deepEqual(connection.taken(), ['SIP/2.0 503 Service Unavailable']);
    layer.send(ours('MESSAGE').sent, connection, watch([]));
    layer.send(ours('MESSAGE', 'z9hG4bKmore').sent, connection, watch(log));
    await Promise.resolve();
    assert.deepEqual(log, ['transport error']);
    assert.equal(connection.taken().length, 1);
    assert.equal(layer.counts.unsent, 1);
  });

  test('nothing keeps a timer but the one tick of all, and close ends that', () => {
    const { clock, layer, answer } = setUp();
    const connection = new FakeConnection('c1', false);
    layer.receive(request('INVITE'), connection);
    answer(0, 486);
    layer.send(ours('INVITE').sent, connection, watch([]));
    clock.advance(200_000);
    assert.equal(clock.timers, 1);
    layer.close();
    assert.equal(clock.timers, 0);
  });
});
