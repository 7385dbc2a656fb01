import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Aor } from '../../model/names.ts';
import type { StoreHint } from '../store.ts';
import { addUser, allow, binding, codeOf, commit, fresh, mustCommit, nextTick, type StoreUnderTest, userId } from './samples.ts';

/** Hints, and the end of a store. */
export function feedSuite(open: () => Promise<StoreUnderTest>): void {
  describe('change feed', () => {
    const context = fresh(open);

    it('hints after the commit, once for what was committed together, and never for a refusal', async () => {
      const hints: StoreHint[] = [];
      const stop = context.store().onHint(hint => hints.push(hint));
      await mustCommit(context.store(), { objects: [allow('a.example', null)], users: [addUser(1)] });
      await nextTick();
      assert.deepEqual(hints.splice(0), [
        { kind: 'configuration', version: { epoch: 1, number: 1 } },
        { kind: 'users', ids: [userId(1)] },
      ]);
      await commit(context.store(), { objects: [allow('a.example', null)] });
      await nextTick();
      assert.deepEqual(hints.splice(0), []);
      stop();
      await context.store().writeBindings([binding()], []);
      await nextTick();
      assert.deepEqual(hints, []);
    });

    it('joins the hints of many writes in one tick', async () => {
      const hints: StoreHint[] = [];
      context.store().onHint(hint => hints.push(hint));
      const writes = Array.from({ length: 50 }, (_, i) =>
        context.store().writeBindings([binding({ aor: `b${i}@x.test` as Aor })], []),
      );
      await Promise.all(writes);
      await nextTick();
      const named = hints.flatMap(hint => (hint.kind === 'bindings' ? hint.aors : []));
      assert.equal(new Set(named).size, 50);
      assert.ok(hints.length <= 10, `${hints.length} hints for 50 writes at once`);
    });

    it('closing finishes what was accepted and refuses what comes later', async () => {
      const { version: basedOn } = await context.store().readConfiguration();
      const accepted = commit(context.store(), { basedOn, objects: [allow('last.example', null)] });
      const store = context.store();
      await store.close();
      assert.equal(codeOf(await accepted), 'ok');
      assert.equal(codeOf(await store.writeBindings([binding()], [])), 'STORE_UNAVAILABLE');
      await assert.rejects(store.readConfiguration(), /cannot be used/);
      await context.reopen();
      assert.ok((await context.store().readConfiguration()).objects.some(object => object.identity === 'last.example'));
    });
  });
}
