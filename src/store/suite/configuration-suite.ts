import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeDocument } from '../../model/configuration-change.ts';
import type { ConfigurationDocument } from '../../model/configuration-object.ts';
import { AllowedDomain } from '../../model/kinds/federated-domain.ts';
import type { ObjectChange, Store } from '../store.ts';
import { addUser, allow, block, codeOf, commit, fresh, mustCommit, type StoreUnderTest, tenant } from './samples.ts';

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
  changeSuite(open);
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

/** What changed since a version leads to what is stored. */
function changeSuite(open: () => Promise<StoreUnderTest>): void {
  describe('change of the configuration', () => {
    const context = fresh(open);

    it('leads from any version to the present one', async () => {
      const steps: readonly (readonly ObjectChange[])[] = [
        [allow('a.example', null), allow('b.example', null), block('c.example')],
        [allow('a.example', 1, { comment: 'ä\n' })],
        [{ ...allow('b.example', 1), body: null }, allow('d.example', null)],
        [allow('b.example', null, { includeSubdomains: true })],
        [{ ...allow('d.example', 3), body: null }],
      ];
      const known: ConfigurationDocument[] = [];
      for (const objects of steps) {
        known.push(await context.store().readConfiguration());
        await mustCommit(context.store(), { objects });
      }
      const present = await context.store().readConfiguration();
      for (const before of [...known, present]) {
        const change = await context.store().readConfigurationChange(before.version);
        assert.ok(change);
        assert.deepEqual(inOrder(changeDocument(before, change)), inOrder(present));
      }
    });

    it('is empty when only users changed', async () => {
      const { version } = await mustCommitUser(context.store());
      const change = await context.store().readConfigurationChange(version);
      assert.deepEqual(change, { since: version, version, changed: [], removed: [] });
    });

    it('is not told over epochs, from a version to come, or when it is too much', async () => {
      const { version } = await context.store().readConfiguration();
      const unknown = [
        { ...version, epoch: version.epoch + 1 },
        { ...version, number: version.number + 1 },
      ];
      for (const since of unknown) assert.equal(await context.store().readConfigurationChange(since), undefined);
      const many = Array.from({ length: 1001 }, (_, i) => allow(`m${i}.example`, null));
      await mustCommit(context.store(), { objects: many.slice(1) });
      assert.equal((await context.store().readConfigurationChange(version))?.changed.length, 1000);
      await mustCommit(context.store(), { objects: many.slice(0, 1) });
      assert.equal(await context.store().readConfigurationChange(version), undefined);
    });
  });
}

async function mustCommitUser(store: Store): Promise<ConfigurationDocument> {
  const before = await store.readConfiguration();
  await mustCommit(store, { users: [addUser(1)] });
  return before;
}

function inOrder({ version, objects }: ConfigurationDocument): ConfigurationDocument {
  const keyed = objects.map(object => [`${object.owner} ${object.kind} ${object.identity}`, object] as const);
  return { version, objects: keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object) };
}
