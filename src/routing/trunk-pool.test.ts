import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { TrunkPool, type TrunkTarget } from './trunk-pool.ts';

interface Fake {
  readonly host: string;
  readonly number: number;
  closing: boolean;
}

function harness(bundle = 1) {
  const clock = new FakeClock();
  const down = new Set<string>();
  const faulty = new Set<string>();
  let opened = 0;
  const pool = new TrunkPool<Fake>(
    clock,
    async (target: TrunkTarget): Promise<Result<Fake>> => {
      opened++;
      if (faulty.has(target.host)) throw new Error('no certificate');
      return down.has(target.host)
        ? err(failure('PEER_UNREACHABLE', { target: target.host, reason: 'test' }))
        : ok({ host: target.host, number: opened, closing: false });
    },
    () => bundle,
  );
  const a = { host: 'a.test', port: 5061 };
  const b = { host: 'b.test', port: 5061 };
  return { clock, down, faulty, pool, a, b, opened: () => opened };
}

test('a connection is opened once for all who ask at the same time, then found', async () => {
  const { pool, a, opened } = harness();
  assert.equal(pool.find([a], 'x'), undefined);
  const [one, two] = await Promise.all([pool.open([a], 'x'), pool.open([a], 'y')]);
  assert.ok(one.ok && two.ok);
  assert.equal(one.value, two.value);
  assert.equal(pool.find([a], 'z'), one.value);
  assert.equal(opened(), 1);
  pool.ended(one.value);
  assert.equal(pool.find([a], 'z'), undefined);
});

test('one call always takes the same connection of a bundle; many calls spread', async () => {
  const { pool, a } = harness(4);
  const numbers = new Set<number>();
  for (let i = 0; i < 40; i++) {
    const opened = await pool.open([a], `call-${i}`);
    assert.ok(opened.ok);
    assert.equal(pool.find([a], `call-${i}`), opened.value);
    numbers.add(opened.value.number);
  }
  assert.equal(numbers.size, 4);
});

test('the next target serves when the first fails, and the first is not tried again before its pause', async () => {
  const { pool, a, b, down, clock, opened } = harness();
  down.add('a.test');
  const first = await pool.open([a, b], 'x');
  assert.ok(first.ok && first.value.host === 'b.test');
  assert.equal(pool.find([a, b], 'x')?.host, 'b.test');
  await pool.open([a], 'x');
  assert.equal(opened(), 2);
  assert.equal(pool.failureOf([a], 'x')?.code, 'PEER_UNREACHABLE');
  clock.advance(1001);
  assert.equal(pool.failureOf([a], 'x'), undefined);
  await pool.open([a], 'x');
  assert.equal(opened(), 3);
  clock.advance(1001);
  await pool.open([a], 'x');
  assert.equal(opened(), 3, 'the second pause is longer');
  pool.provedAlive(['a.test']);
  down.clear();
  const again = await pool.open([a], 'x');
  assert.ok(again.ok);
});

test('a target that one connection reaches is in no pause for the other connections of the bundle', async () => {
  const { pool, a, down, clock, opened } = harness(4);
  const calls = Array.from({ length: 40 }, (_, i) => `call-${i}`);
  const isPaused = (call: string) => pool.failureOf([a], call) !== undefined;
  down.add('a.test');
  for (const call of calls) await pool.open([a], call);
  assert.equal(opened(), 1, 'what one has learnt holds for all');
  assert.ok(calls.every(isPaused));
  clock.advance(1001);
  assert.ok(!calls.some(isPaused));
  await pool.open([a], 'call-0');
  assert.ok(calls.every(isPaused));
  down.clear();
  clock.advance(2001);
  assert.ok((await pool.open([a], 'call-0')).ok);
  assert.ok(!calls.some(isPaused));
});

test('an opening that throws is over: those who waited are told, and it is tried again after its pause', async () => {
  const { pool, a, faulty, clock } = harness();
  faulty.add('a.test');
  const opened = await pool.open([a], 'x');
  assert.ok(!opened.ok);
  assert.match(opened.error.text, /a fault of ours: no certificate/);
  assert.equal(pool.failureOf([a], 'x')?.code, 'PEER_UNREACHABLE');
  faulty.clear();
  clock.advance(1001);
  assert.ok((await pool.open([a], 'x')).ok);
});

test('a connection that is closing is not handed out; its end takes nothing from the one in its place', async () => {
  const { pool, a } = harness();
  const first = await pool.open([a], 'x');
  assert.ok(first.ok);
  first.value.closing = true;
  assert.equal(pool.find([a], 'x'), undefined);
  const second = await pool.open([a], 'x');
  assert.ok(second.ok && second.value !== first.value);
  pool.ended(first.value);
  assert.equal(pool.find([a], 'x'), second.value);
  assert.equal(pool.count, 1);
});

test('a sign of life ends the pause of that server and of no other', async () => {
  const { pool, a, b, down } = harness();
  down.add('a.test').add('b.test');
  await pool.open([a, b], 'x');
  pool.provedAlive(['else.test', 'a.test']);
  assert.equal(pool.failureOf([a], 'x'), undefined);
  assert.equal(pool.failureOf([b], 'x')?.code, 'PEER_UNREACHABLE');
});
