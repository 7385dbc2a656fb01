import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeConnection, request, setUp } from '../testing/transaction-test-bed.ts';

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

test('a CANCEL of a SUBSCRIBE is answered and changes nothing', () => {
  const { layer, answer, taken } = setUp();
  const connection = new FakeConnection('c1');
  layer.receive(request('SUBSCRIBE'), connection);
  layer.receive(request('CANCEL'), connection);
  assert.deepEqual(taken(), ['request SUBSCRIBE', 'cancel of nothing']);
  answer(0, 200);
  assert.deepEqual(connection.taken(), ['SIP/2.0 481 Call/Transaction Does Not Exist', 'SIP/2.0 200 OK']);
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
