import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { TrunkPool } from './trunk-pool.ts';
import { takeTrunk, unansweredOn } from './trunk-route.ts';

const route = {
  targets: [{ host: 'a.test', port: 5061 }],
  unreachable: (cause: string) => failure('PEER_UNREACHABLE', { target: 'a.test', reason: cause }),
};

function poolOf(open: () => Result<{ closing: boolean }>) {
  return new TrunkPool(
    new FakeClock(),
    async () => open(),
    () => 1,
  );
}

test('a trunk is waited for once: what comes of it is a trunk or a failure, never another wait', async () => {
  const lost = failure('PEER_CONNECT_TIMEOUT', { target: 'a.test', seconds: 5 });
  for (const [outcome, kind, text] of [
    [() => ok({ closing: false }), 'open', undefined],
    [() => err(lost), 'failed', /within 5 seconds/],
  ] as const) {
    const pool = poolOf(outcome);
    const first = takeTrunk(pool, route, 'call');
    assert.ok(first.kind === 'opening');
    const opened = await first.until;
    const then = takeTrunk(pool, route, 'call', opened);
    assert.equal(then.kind, kind);
    if (then.kind === 'failed') assert.match(then.failure.text, text ?? assert.fail());
  }
});

test('a trunk that is closed again when its turn comes has failed', async () => {
  const pool = poolOf(() => ok({ closing: false }));
  const first = takeTrunk(pool, route, 'call');
  assert.ok(first.kind === 'opening');
  const opened = await first.until;
  if (opened.ok) opened.value.closing = true;
  const then = takeTrunk(pool, route, 'call', opened);
  assert.ok(then.kind === 'failed');
  assert.match(then.failure.text, /the connection broke/);
});

test('silence is the recipient, a broken connection the way', () => {
  assert.equal(unansweredOn(route, 'timeout', 'b.test').code, 'RECIPIENT_SILENT');
  assert.equal(unansweredOn(route, 'transport-error', 'b.test').code, 'PEER_UNREACHABLE');
});
