import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor } from '../../model/names.ts';
import { codeOf, FakeNotifyPort, nothingKept, TestBed } from '../../testing/presence-test-bed.ts';

/** Subscribes one after the other until somebody is refused; how many were taken, and why no more. */
function fill(bed: TestBed, watchers: readonly string[], kind: 'inside' | 'federated' = 'inside'): readonly [number, string] {
  const port = new FakeNotifyPort();
  for (const [n, from] of watchers.entries()) {
    const code = codeOf(bed.subscribe(from, port, { callId: `c${n}.${from.replace('@', '.')}` }, kind));
    bed.clock.advance(0);
    if (code !== 'ok') return [n, code];
  }
  return [watchers.length, 'ok'];
}

const accountsOf = (domain: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `w${n}@${domain}`);

test('places of one user: an account, a partner and all partners have shares, colleagues keep the rest', () => {
  const bed = new TestBed({ maxWatchersPerUser: 40 });
  const reached = 'SUBSCRIPTION_LIMIT_REACHED';
  assert.deepEqual(
    fill(
      bed,
      Array.from({ length: 40 }, () => 'greedy@partner.test'),
      'federated',
    ),
    [10, reached],
  );
  bed.events.watcherSignedOut('greedy@partner.test' as Aor);
  assert.deepEqual(fill(bed, accountsOf('partner.test', 40), 'federated'), [10, reached], 'a partner');
  assert.deepEqual(fill(bed, accountsOf('second.test', 5), 'federated'), [5, 'ok'], 'another partner');
  assert.deepEqual(fill(bed, accountsOf('third.test', 40), 'federated'), [10, reached], 'a third');
  assert.deepEqual(fill(bed, accountsOf('fourth.test', 40), 'federated'), [3, reached], 'all partners together');
  assert.deepEqual(fill(bed, accountsOf('contoso.test', 40)), [12, reached], 'colleagues');
  bed.events.deactivate();
  bed.clock.advance(0);
  assert.deepEqual(bed.counts, nothingKept);
});

test('places that wait for the word of the user have shares too', () => {
  const bed = new TestBed({ maxPendingPerUser: 6, maxPendingPerPartner: 4 });
  bed.rules = { verdicts: new Map(), inside: 'confirm', federated: 'confirm' };
  assert.deepEqual(fill(bed, accountsOf('partner.test', 9), 'federated'), [4, 'SUBSCRIPTION_LIMIT_REACHED']);
  assert.deepEqual(fill(bed, accountsOf('contoso.test', 9)), [2, 'SUBSCRIPTION_LIMIT_REACHED']);
});

test('places of the server: an account, a partner and all partners have shares, also by asking once and not answering', () => {
  const bed = new TestBed({
    maxSubscriptions: 20,
    maxSubscriptionsPerWatcher: 3,
    maxSubscriptionsPerPartner: 6,
    maxSubscriptionsOutside: 14,
  });
  const silent = new FakeNotifyPort();
  silent.answersAll = false;
  const once = (from: string, n: number) =>
    codeOf(bed.subscribe(from, silent, { callId: `once${n}`, headers: ['Expires: 0'] }, 'federated'));
  const asked = [0, 1, 2, 3].map(n => once('greedy@partner.test', n));
  assert.deepEqual(asked, ['ok', 'ok', 'ok', 'SUBSCRIPTION_LIMIT_REACHED']);
  assert.deepEqual(fill(bed, accountsOf('partner.test', 9), 'federated'), [3, 'SUBSCRIPTION_LIMIT_REACHED']);
  assert.deepEqual(fill(bed, accountsOf('second.test', 9), 'federated'), [6, 'SUBSCRIPTION_LIMIT_REACHED']);
  assert.deepEqual(fill(bed, accountsOf('third.test', 9), 'federated'), [2, 'SERVER_BUSY']);
  assert.deepEqual(fill(bed, accountsOf('contoso.test', 9)), [6, 'SERVER_BUSY'], 'colleagues');
  for (const sent of silent.take()) sent.answer({ status: 200 });
  bed.events.deactivate();
  bed.clock.advance(0);
  assert.deepEqual(bed.counts, nothingKept);
});
