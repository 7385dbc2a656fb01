import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AllowedDomain } from '../../model/federated-domain.ts';
import type { ObjectChange } from '../store.ts';
import { allow, codeOf, commit, fresh, mustCommit, type StoreUnderTest, tenant } from './samples.ts';

/** Objects, versions, conflicts, history. */
export function configurationSuite(open: () => Promise<StoreUnderTest>): void {
  describe('configuration', () => {
    const context = fresh(open);

    it('starts empty at version 1.0', async () => {
      assert.deepEqual(await context.store().readConfiguration(), { version: { epoch: 1, number: 0 }, objects: [] });
    });

    it('keeps an object with body and version', async () => {
      const first = await mustCommit(context.store(), { objects: [allow('a.example', null, { comment: 'ä "quoted", \\ \n' })] });
      assert.deepEqual(first, { revision: 1, configuration: { epoch: 1, number: 1 } });
      const { objects, version } = await context.store().readConfiguration();
      assert.deepEqual(version, { epoch: 1, number: 1 });
      assert.deepEqual(objects, [
        {
          kind: 'CsAllowedDomain',
          owner: tenant,
          identity: 'a.example',
          version: 1,
          body: AllowedDomain.parse({ comment: 'ä "quoted", \\ \n' }),
        },
      ]);
    });

    it('raises the version of what is changed and records before and after', async () => {
      await mustCommit(context.store(), {
        objects: [allow('a.example', 1, { includeSubdomains: true })],
        summary: 'Set-CsAllowedDomain',
      });
      const [revision] = await context.store().readRevisions(1);
      assert.equal(revision?.number, 2);
      assert.equal(revision?.author, 'tester');
      assert.equal(revision?.summary, 'Set-CsAllowedDomain');
      assert.ok((revision?.atMs ?? 0) > 0);
      const [change] = revision?.changes ?? [];
      assert.equal((change?.before as AllowedDomain).includeSubdomains, false);
      assert.equal((change?.after as AllowedDomain).includeSubdomains, true);
    });

    const refused: [string, ObjectChange, string][] = [
      ['a stale version', allow('a.example', 1), 'STORE_CONFLICT'],
      ['a new object that is there', allow('a.example', null), 'ALREADY_EXISTS'],
      ['a change of nothing', allow('b.example', 1), 'NOT_FOUND'],
      ['a removal of nothing', { ...allow('b.example', 1), body: null }, 'NOT_FOUND'],
    ];
    for (const [name, change, code] of refused) {
      it(`refuses ${name}, and with it the whole change set`, async () => {
        const result = await commit(context.store(), { objects: [allow('c.example', null), change] });
        assert.equal(codeOf(result), code);
        const { objects, version } = await context.store().readConfiguration();
        assert.deepEqual(
          objects.map(object => object.identity),
          ['a.example'],
        );
        assert.equal(version.number, 2);
      });
    }

    concurrencySuite(context);
    historySuite(context);
  });
}

type Context = Pick<StoreUnderTest, 'store' | 'reopen'>;

function concurrencySuite(context: Context): void {
  it('refuses a change validated against another configuration', async () => {
    const basedOn = { epoch: 1, number: 1 };
    assert.equal(codeOf(await commit(context.store(), { basedOn, objects: [allow('c.example', null)] })), 'STORE_CONFLICT');
    assert.equal(codeOf(await commit(context.store(), { basedOn: { epoch: 2, number: 2 }, objects: [] })), 'STORE_CONFLICT');
  });

  it('of two changes made at once on the same base keeps exactly one', async () => {
    const { version: basedOn } = await context.store().readConfiguration();
    const results = await Promise.all(
      ['x.example', 'y.example'].map(domain => commit(context.store(), { basedOn, objects: [allow(domain, null)] })),
    );
    assert.deepEqual(results.map(codeOf).sort(), ['STORE_CONFLICT', 'ok']);
  });

  it('rejects only the operation that is faulty', async () => {
    const { version: basedOn } = await context.store().readConfiguration();
    const twice = [allow('z.example', null), allow('z.example', null)];
    const [faulty, fine] = await Promise.allSettled([
      commit(context.store(), { basedOn, objects: twice }),
      commit(context.store(), { basedOn, objects: [allow('w.example', null)] }),
    ]);
    assert.equal(faulty.status, 'rejected');
    assert.ok(fine.status === 'fulfilled' && fine.value.ok);
  });
}

function historySuite(context: Context): void {
  it('removes an object, pages through the history, and keeps all over a restart', async () => {
    const object = (await context.store().readConfiguration()).objects.find(found => found.identity === 'a.example');
    await mustCommit(context.store(), { objects: [{ ...allow('a.example', object?.version ?? null), body: null }] });
    const seen = await context.store().readConfiguration();
    const newest = await context.store().readRevisions(2);
    const older = await context.store().readRevisions(10, newest.at(-1)?.number);
    assert.equal(newest[0]?.changes[0]?.after, null);
    assert.deepEqual(
      [...newest, ...older].map(revision => revision.number),
      [5, 4, 3, 2, 1],
    );
    await context.reopen();
    assert.deepEqual(await context.store().readConfiguration(), seen);
    assert.deepEqual(await context.store().readRevisions(2), newest);
  });
}
