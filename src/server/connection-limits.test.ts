import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionPlaces } from './connection-limits.ts';
import { requestSizes } from './request-sizes.ts';

const limits = {
  headBytes: 65_536,
  unauthenticatedSeconds: 10,
  unauthenticatedBytes: 65_536,
  connections: 100,
  outstandingRequests: 1000,
};

test('limits.connections holds for all listeners together, and a tenth is kept for servers of the deployment', () => {
  const places = connectionPlaces(limits);
  for (let i = 0; i < 90; i++) assert.ok(places.open.take());
  assert.equal(places.open.take(), undefined);
  for (let i = 0; i < 10; i++) assert.ok(places.inside.take());
  assert.equal(places.inside.take(), undefined);
  assert.equal(places.limit.taken, 100);
  assert.equal(connectionPlaces(limits, 3).limit.size, 34, 'each process has its part');
  assert.ok(connectionPlaces({ ...limits, connections: 1 }).open.take());
});

test('limits.outstandingRequests is what requests take of each side, and bytes never less than a long message for one partner', () => {
  assert.equal(requestSizes(limits).requests, 1000);
  assert.equal(requestSizes(limits).calls, 200);
  assert.equal(requestSizes(limits, 4).requests, 250);
  assert.ok(requestSizes(limits).bytes / 8 > 5_120_000 + 65_536);
});
