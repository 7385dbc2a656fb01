import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import type { BindingStore } from '../../store/store.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { BindingWriter } from './binding-writer.ts';

function binding(instance: string, flow: string, cseq = 1): Binding {
  return { aor: 'alice@contoso.test', instance, flow, cseq } as Binding;
}

/** A writer and what it has had written: `+` and `-` with endpoint and flow. */
function writing() {
  const clock = new FakeClock();
  const batches: string[] = [];
  const outcomes: ('done' | 'away')[] = [];
  const store = {
    async writeBindings(upserts, removals) {
      batches.push(
        [...removals.map(one => `-${one.instance}${one.flow}`), ...upserts.map(one => `+${one.instance}${one.flow}`)].join(' '),
      );
      return outcomes.shift() === 'away' ? err(failure('STORE_UNAVAILABLE', { reason: 'it is away' })) : ok(undefined);
    },
  } as Pick<BindingStore, 'writeBindings'> as BindingStore;
  const writer = new BindingWriter(store, clock, () => {});
  const pass = async (ms: number) => {
    clock.advance(ms);
    await new Promise(setImmediate);
    return batches.splice(0);
  };
  return { writer, pass, outcomes };
}

test('what happens within one batch is written at once, the last state of each endpoint', async () => {
  const { writer, pass } = writing();
  writer.bound(binding('a', '1', 1));
  writer.bound(binding('a', '1', 2));
  writer.bound(binding('b', '2'));
  assert.deepEqual(await pass(100), ['+a1 +b2']);
  assert.deepEqual(await pass(1000), []);
});

test('a binding that comes and goes between two writes is never written', async () => {
  const { writer, pass } = writing();
  const short = binding('a', '1');
  writer.bound(short);
  writer.unbound(short);
  assert.deepEqual(await pass(100), []);
});

test('one that renewed a binding of its flow takes the row with it', async () => {
  const { writer, pass } = writing();
  writer.bound(binding('a', '1', 1));
  await pass(100);
  const renewed = binding('a', '1', 2);
  writer.bound(renewed);
  writer.unbound(renewed);
  assert.deepEqual(await pass(100), ['-a1']);
  // and then nothing of it is left
  const again = binding('a', '1', 3);
  writer.bound(again);
  writer.unbound(again);
  assert.deepEqual(await pass(100), []);
});

test('one whose predecessor is on another flow leaves that row to who removes it', async () => {
  const { writer, pass } = writing();
  const first = binding('a', '1');
  writer.bound(first);
  await pass(100);
  const second = binding('a', '2');
  writer.unbound(first);
  writer.bound(second);
  writer.unbound(second);
  assert.deepEqual(await pass(100), ['-a1']);
});

test('a binding of another node is removed though it was not written here', async () => {
  const { writer, pass } = writing();
  writer.unbound(binding('a', '1'));
  assert.deepEqual(await pass(100), ['-a1']);
});

test('a write that failed may have been done: what it brought is removed all the same', async () => {
  const { writer, pass, outcomes } = writing();
  outcomes.push('away');
  const one = binding('a', '1');
  writer.bound(one);
  assert.deepEqual(await pass(100), ['+a1']);
  writer.unbound(one);
  assert.deepEqual(await pass(1000), ['-a1']);
});
