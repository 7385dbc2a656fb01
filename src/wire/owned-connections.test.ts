import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { MemoryStream } from '../testing/memory-stream.ts';
import { Connection, userConnectionLimits } from './connection.ts';
import { OwnedConnections } from './owned-connections.ts';

function connected(): Connection {
  const [stream, far] = MemoryStream.pair();
  far.open({ onReceived() {}, onBytes() {}, onEnd() {} });
  return new Connection({
    stream,
    handler: { onMessage() {}, onBad() {}, onClosed() {} },
    clock: new FakeClock(),
    limits: userConnectionLimits,
    direction: 'inbound',
    secure: true,
    remoteAddress: '192.0.2.1',
    remotePort: 41034,
  });
}

test('the oldest connection on which nothing was heard gives way; where all are in use the new one is turned away', () => {
  const clock = new FakeClock();
  const owned = new OwnedConnections(3, clock);
  const connections = [connected(), connected(), connected()] as const;
  for (const connection of connections) {
    assert.ok(owned.makeRoom('alice'));
    owned.add('alice', connection);
  }
  assert.ok(owned.makeRoom('bob'));
  connections[0].onReceived(1);
  assert.ok(owned.makeRoom('alice'));
  assert.deepEqual(
    connections.map(({ closing }) => closing),
    [false, true, false],
  );
  const newer = connected();
  owned.add('alice', newer);
  for (const connection of [...connections, newer]) connection.onReceived(1);
  clock.advance(10_000);
  assert.equal(owned.makeRoom('alice'), false, 'all are in use');
  assert.equal(owned.makeRoom('alice'), false, 'that nothing was heard since a moment ago proves nothing');
  assert.ok(!connections[0].closing);
  clock.advance(10_000);
  assert.ok(owned.makeRoom('alice'), 'since that was asked they were quiet');
  assert.ok(connections[0].closing);
  owned.remove('alice', newer);
  assert.equal(owned.refused, 2);
  for (const connection of connections) {
    owned.remove('alice', connection);
    owned.remove('alice', connection);
  }
  assert.equal(owned.owners, 0);
});

test('who comes back from a dead network gets in with all connections at once, and who has spoken since keeps theirs', () => {
  const clock = new FakeClock();
  const owned = new OwnedConnections(3, clock);
  const connections = [connected(), connected(), connected()] as const;
  for (const connection of connections) owned.add('alice', connection);
  clock.advance(10_000);
  assert.ok(owned.makeRoom('alice'));
  owned.add('alice', connected());
  connections[1].onReceived(1);
  assert.ok(owned.makeRoom('alice'));
  assert.deepEqual(
    connections.map(({ closing }) => closing),
    [true, false, true],
  );
});
