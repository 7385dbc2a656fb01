import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { AllowedDomain } from '../../model/kinds/federated-domain.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { newestSchema } from '../migrations/migrate.ts';
import type { ChangeSet, Store } from '../store.ts';
import { storeSuite } from '../store-suite.ts';
import type { StoreUnderTest } from '../suite/samples.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(folder, `${files++}`, 'parley.db');

async function mustOpen(path: string, maxBytes?: number): Promise<Store> {
  const opened = await openSqliteStore({ path, clock: systemClock, ...(maxBytes === undefined ? {} : { maxBytes }) });
  assert.ok(opened.ok, opened.ok ? '' : opened.error.text);
  return opened.value;
}

storeSuite('SQLite', async (): Promise<StoreUnderTest> => {
  const path = newPath();
  let store = await mustOpen(path);
  return {
    store: () => store,
    close: () => store.close(),
    async reopen() {
      await store.close();
      store = await mustOpen(path);
    },
  };
});

function addDomains(basedOn: ChangeSet['basedOn'], prefix: string, count: number, comment = ''): ChangeSet {
  const objects = Array.from({ length: count }, (_, i) => ({
    kind: 'CsAllowedDomain' as const,
    owner: '01J',
    identity: `${prefix}${i}.example`,
    expectedVersion: null,
    body: AllowedDomain.parse({ comment }),
  }));
  return { author: 'tester', summary: 'add', basedOn, objects, users: [] };
}

describe('SQLite file', () => {
  it('is for its owner only and takes the time of a revision from the clock', async () => {
    const path = newPath();
    const opened = await openSqliteStore({ path, clock: new FakeClock(1234) });
    assert.ok(opened.ok);
    await opened.value.commit(addDomains({ epoch: 1, number: 0 }, 'd', 1));
    assert.equal((await opened.value.readRevisions(1))[0]?.atMs, 1234);
    await opened.value.close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('says when the folder cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const opened = await openSqliteStore({ path: join(file, 'parley.db'), clock: systemClock });
    assert.equal(opened.ok ? '' : opened.error.code, 'DATA_FOLDER_NOT_WRITABLE');
  });

  it('says when the file is no database, and when a page is damaged', async () => {
    const garbage = join(folder, 'garbage.db');
    writeFileSync(garbage, 'This is not a database. '.repeat(1000));
    const opened = await openSqliteStore({ path: garbage, clock: systemClock });
    assert.equal(opened.ok ? '' : opened.error.code, 'DATABASE_CORRUPT');
    const path = newPath();
    const store = await mustOpen(path);
    await store.commit(addDomains({ epoch: 1, number: 0 }, 'd', 500));
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 20_000);
    writeFileSync(path, bytes);
    const damaged = await openSqliteStore({ path, clock: systemClock });
    assert.ok(damaged.ok);
    const verified = await damaged.value.verify();
    assert.equal(verified.ok ? '' : verified.error.code, 'DATABASE_CORRUPT');
    await damaged.value.close();
  });

  it('refuses the data of a newer version and says which', async () => {
    const path = newPath();
    await (await mustOpen(path)).close();
    const database = new DatabaseSync(path);
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-later', 'x')");
    database.close();
    const opened = await openSqliteStore({ path, clock: systemClock });
    assert.ok(!opened.ok);
    assert.equal(opened.error.code, 'DATABASE_NEWER');
    assert.match(opened.error.text, new RegExp(`9999-later.*${newestSchema}`));
  });

  it('belongs to one process at a time', async () => {
    const path = newPath();
    const store = await mustOpen(path);
    const second = await openSqliteStore({ path, clock: systemClock });
    assert.equal(second.ok ? '' : second.error.code, 'DATABASE_IN_USE');
    await store.close();
    await (await mustOpen(path)).close();
  });
});

describe('full disk', () => {
  it('refuses what does not fit, keeps nothing of it, and serves what fits', async () => {
    const path = newPath();
    const store = await mustOpen(path, 400_000);
    const first = await store.commit(addDomains({ epoch: 1, number: 0 }, 'd', 10));
    assert.ok(first.ok);
    const basedOn = first.value.configuration;
    const [tooBig, small] = await Promise.all([
      store.commit(addDomains(basedOn, 'big', 1000, 'x'.repeat(1000))),
      store.commit(addDomains(basedOn, 'small', 1)),
    ]);
    assert.equal(tooBig.ok ? '' : tooBig.error.code, 'STORE_UNAVAILABLE');
    assert.ok(small.ok);
    const identities = (await store.readConfiguration()).objects.map(object => object.identity);
    assert.equal(identities.length, 11);
    assert.ok(identities.includes('small0.example'));
    assert.deepEqual(
      (await store.readRevisions(9)).map(revision => revision.number),
      [2, 1],
    );
    await store.close();
  });
});
