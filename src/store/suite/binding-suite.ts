import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Aor } from '../../model/names.ts';
import { binding, byInstance, fresh, type StoreUnderTest } from './samples.ts';

/** Durable bindings. */
export function bindingSuite(open: () => Promise<StoreUnderTest>): void {
  describe('bindings', () => {
    const context = fresh(open);
    const read = () => context.store().readBindings(['u1@contoso.test' as Aor]);

    it('keeps one row per address and instance', async () => {
      await context.store().writeBindings([binding(), binding({ cseq: 2 }), binding({ instance: 'other' })], []);
      assert.deepEqual(await read(), [binding({ instance: 'other' }), binding({ cseq: 2 })].sort(byInstance));
    });

    it('a late close never removes a newer binding', async () => {
      await context.store().writeBindings([binding({ flow: 'f2', registeredAtMs: 2000 })], []);
      await context.store().writeBindings([], [binding({ flow: 'f1' })]);
      assert.equal((await read()).find(row => row.instance === 'i1')?.flow, 'f2');
      await context.store().writeBindings([], [binding({ flow: 'f2' })]);
      assert.deepEqual(
        (await read()).map(row => row.instance),
        ['other'],
      );
    });

    it('an older registration of another node loses, a clock set back on the same node does not', async () => {
      await context.store().writeBindings([binding({ registeredAtMs: 5000 })], []);
      await context.store().writeBindings([binding({ registeredAtMs: 4000, node: 'n2' })], []);
      assert.equal((await read()).find(row => row.instance === 'i1')?.node, 'n1');
      await context.store().writeBindings([binding({ registeredAtMs: 4000, cseq: 9 })], []);
      assert.equal((await read()).find(row => row.instance === 'i1')?.cseq, 9);
    });

    it('forgets earlier incarnations of a node and nothing else', async () => {
      await context
        .store()
        .writeBindings([binding({ instance: 'foreign', node: 'n2' }), binding({ instance: 'now', incarnation: '2' })], []);
      const forgotten = await context.store().forgetIncarnations('n1', '2');
      assert.ok(forgotten.ok);
      assert.deepEqual(
        (await read()).map(row => row.instance),
        ['foreign', 'now'],
      );
      await context.reopen();
      assert.equal((await context.store().readBindings()).length, 2);
    });
  });
}
