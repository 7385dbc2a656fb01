import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { AllowedDomain } from '../../model/kinds/federated-domain.ts';
import type { Store } from '../store.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-open-files-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function open(name: string): Promise<{ readonly store: Store; readonly path: string }> {
  const path = join(folder, name, 'parley.db');
  const opened = await openSqliteStore({ path, clock: systemClock });
  assert.ok(opened.ok);
  test.after(() => opened.value.close());
  return { store: opened.value, path };
}

let names = 0;

/** How a change ends: its revision, or why it is refused. */
async function change(store: Store): Promise<string> {
  const { version } = await store.readConfiguration();
  const identity = `d${names++}.example`;
  const object = {
    kind: 'CsAllowedDomain',
    owner: 't1',
    identity,
    expectedVersion: null,
    body: AllowedDomain.parse({}),
  } as const;
  const committed = await store.commit({ author: 'a', summary: 's', basedOn: version, objects: [object], users: [] });
  return committed.ok ? `revision ${committed.value.revision}` : committed.error.code;
}

test('a data folder that is removed under a running server takes no change, and says so', async () => {
  const { store, path } = await open('removed');
  assert.equal(await change(store), 'revision 1');
  rmSync(dirname(path), { recursive: true });
  assert.equal(await change(store), 'DATABASE_GONE');
  assert.deepEqual((await store.writeBindings([], [])).ok, false);
  await assert.rejects(store.readRevisions(1), /was removed while the server had it open/);
  const { objects } = await store.readConfiguration();
  assert.equal(objects.length, 1, 'what is held is still read, for a backup');
});

test('so does one whose file, or whose log, was replaced by another', async () => {
  for (const suffix of ['', '-wal']) {
    const { store, path } = await open(`replaced${suffix}`);
    assert.equal(await change(store), 'revision 1');
    copyFileSync(`${path}${suffix}`, `${path}.copy`);
    renameSync(`${path}.copy`, `${path}${suffix}`);
    assert.equal(await change(store), 'DATABASE_GONE');
    await assert.rejects(store.readRevisions(1), /was replaced while/);
  }
});

test('a folder that is put back is written again', async () => {
  const { store, path } = await open('back');
  assert.equal(await change(store), 'revision 1');
  renameSync(dirname(path), `${dirname(path)}.away`);
  assert.equal(await change(store), 'DATABASE_GONE');
  renameSync(`${dirname(path)}.away`, dirname(path));
  assert.equal(await change(store), 'revision 2');
});
