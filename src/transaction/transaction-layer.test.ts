import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createResponse } from '../sip/create-message.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { FakeConnection, ours, parsed, request, setUp, watch } from '../testing/transaction-test-bed.ts';
import { defaultRequestSizes, RequestLimits } from './request-limits.ts';

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
    assert.equal(layer.serverTransactions, 2, 'that of the other connection, and the call that was taken');
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
    const limits = new RequestLimits('test', { ...defaultRequestSizes, requests: 100 });
    const [one, trunk] = [limits.owner(1 / 100), limits.owner(1)];
    const { layer, answer, taken } = setUp({ ownerOf: connection => (connection.id === 'trunk' ? trunk : one) });
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
    const limits = new RequestLimits('test', { ...defaultRequestSizes, transactions: 300 });
    const [one, other] = [limits.owner(1 / 300), limits.owner(1 / 300)];
    const { layer, taken } = setUp({ ownerOf: ({ id }) => (id === 'c1' ? one : other) });
    const connection = new FakeConnection('c1');
    const log: string[] = [];
    layer.receive(request('MESSAGE'), connection);
    layer.receive(request('MESSAGE', { branch: 'z9hG4bKtwo' }), connection);
    assert.deepEqual(taken(), ['request MESSAGE']);
    assert.deepEqual(connection.taken(), ['SIP/2.0 503 Service Unavailable']);
    const target = new FakeConnection('c2');
    layer.send(ours('MESSAGE').sent, target, watch([]));
    layer.send(ours('MESSAGE', 'z9hG4bKmore').sent, target, watch(log));
    await Promise.resolve();
    assert.deepEqual(log, ['transport error']);
    assert.equal(target.taken().length, 1);
    assert.equal(layer.counts.unsent, 1);
    layer.connectionClosed(connection);
    layer.connectionClosed(target);
    assert.deepEqual(
      limits.limits.map(({ taken: left }) => left),
      [0, 0, 0, 0],
    );
  });

  test('the bytes of an INVITE that was answered 2xx count as long as it is kept for further 2xx', () => {
    const limits = new RequestLimits('test', defaultRequestSizes);
    const [connectionOwner, sender] = [limits.owner(1), limits.owner(1 / 25)];
    const { clock, layer, transactions, answer } = setUp({ ownerOf: () => connectionOwner });
    const connection = new FakeConnection('c1');
    layer.receive(request('INVITE'), connection);
    assert.ok(transactions[0]?.chargeTo(sender));
    const held = limits.limits[1]?.taken ?? 0;
    answer(0, 200);
    assert.deepEqual([sender.outstanding, connectionOwner.outstanding], [0, 0]);
    assert.ok(held > 0 && limits.limits[1]?.taken === held && !sender.isIdle);
    answer(0, 200);
    clock.advance(40_000);
    const nothing = () => limits.limits.every(({ taken }) => taken === 0);
    assert.ok(nothing() && sender.isIdle);
    layer.receive(request('INVITE', { branch: 'z9hG4bKtwo' }), connection);
    assert.ok(transactions[1]?.chargeTo(sender));
    answer(1, 200);
    layer.connectionClosed(connection);
    assert.ok(!sender.isIdle, 'who closes the connection has what it holds no earlier');
    clock.advance(40_000);
    assert.ok(nothing() && sender.isIdle);
  });

  test('a request is counted for its connection and for who sends over it, with its bytes, until its answer', () => {
    const limits = new RequestLimits('test', { ...defaultRequestSizes, calls: 100, bytes: 100_000 });
    const [connectionOwner, sender] = [limits.owner(1), limits.owner(1 / 50)];
    const { layer, transactions, answer } = setUp({ ownerOf: () => connectionOwner });
    const connection = new FakeConnection('c1');
    const invite = (branch: string) => {
      layer.receive(request('INVITE', { branch }), connection);
      return transactions.at(-1) as (typeof transactions)[number];
    };
    const first = invite('z9hG4bKone');
    assert.ok(first.chargeTo(sender));
    assert.ok(first.chargeTo(sender), 'once only, however often a step runs');
    assert.equal(sender.outstanding, 1);
    assert.ok(invite('z9hG4bKtwo').chargeTo(sender));
    assert.equal(invite('z9hG4bKthree').chargeTo(sender), false, 'two calls of a hundred may ring');
    assert.equal(sender.outstanding, 2);
    assert.equal(first.hold(10_000), false, 'more than the share of bytes');
    const before = limits.limits[1]?.taken;
    assert.ok(first.hold(100));
    assert.equal(limits.limits[1]?.taken, (before ?? 0) + 200);
    for (const index of [0, 1, 2]) answer(index, 486);
    answer(0, 486);
    assert.ok(sender.isIdle && connectionOwner.outstanding === 0);
    layer.connectionClosed(connection);
    assert.deepEqual(
      limits.limits.map(({ taken: left }) => left),
      [0, 0, 0, 0],
    );
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
