import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { FailureError } from '../../base/failure.ts';
import type { SipDomain } from '../../model/names.ts';
import { PostgresCluster, postgresMissing } from '../../testing/postgres-cluster.ts';
import { newestSchema } from '../migrations/migrate.ts';
import { restorePostgres } from '../postgres/postgres-restore.ts';
import { openPostgresStore } from '../postgres/postgres-store.ts';
import { openSqliteDatabase } from '../sqlite/sqlite-database.ts';
import { inspectSqlite, restoreSqlite } from '../sqlite/sqlite-restore.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import type { Store } from '../store.ts';
import { addUser, allow, binding, block, codeOf, mustCommit, userId } from '../suite/samples.ts';
import { BackupSum, backupLines, readBackup } from './backup-format.ts';
import type { RestoredState } from './backup-rows.ts';
import { storeTables } from './backup-tables.ts';
import type { TableRows } from './table-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-backup-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, String(files++), 'parley.db');

const origin = { product: '1.2.3', server: 'fe1.contoso.test', madeAt: '2026-01-01T00:00:00.000Z', snapshotKey: 'k' };

async function mustOpen(path: string): Promise<Store> {
  const store = await openSqliteStore({ path, clock: systemClock });
  assert.ok(store.ok, store.ok ? '' : store.error.text);
  return store.value;
}

/** Some of everything, in a history longer than what is read at a time. */
async function fill(store: Store): Promise<void> {
  await mustCommit(store, { objects: [allow('ä.example', null, { comment: 'ä "quoted"\n\u2028' }), block('b.example')] });
  const sealedCredential = { keyId: 'seal1', box: new Uint8Array([0, 1, 255]) };
  const blockedSenders = ['b.example' as SipDomain];
  await mustCommit(store, { users: [{ ...addUser(1), sealedCredential }, addUser(2, { blockedSenders })] });
  for (let i = 0; i < 230; i++) await mustCommit(store, { objects: [allow(`d${i}.example`, null)] });
  await store.writeBindings([binding()], []);
}

async function linesOf(store: Store): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of backupLines(store, origin)) lines.push(line);
  return lines;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function stateOf(lines: readonly string[], change: Partial<RestoredState> = {}): RestoredState {
  async function* rows(): AsyncGenerator<TableRows> {
    for await (const line of readBackup(each(lines), 'the file')) if (line.kind === 'rows') yield line.rows;
  }
  return { schema: newestSchema, rows: rows(), epoch: 7, atMs: 1, summary: 'restored', ...change };
}

/** What a store says, but for what a restore changes on purpose. */
async function contentsOf(store: Store) {
  const { objects } = await store.readConfiguration();
  const order = (a: { kind: string; identity: string }, b: { kind: string; identity: string }) =>
    `${a.kind} ${a.identity}` < `${b.kind} ${b.identity}` ? -1 : 1;
  return {
    objects: [...objects].sort(order),
    users: await store.readUsers(),
    credentials: await store.readCredentials([userId(1), userId(2)]),
    revisions: (await store.readRevisions(1000)).filter(({ author }) => author !== 'restore'),
  };
}

async function assertRestored(from: Store, to: Store): Promise<void> {
  assert.deepEqual(await contentsOf(to), await contentsOf(from));
  assert.deepEqual((await to.readConfiguration()).version, { epoch: 7, number: 233 });
  const [latest] = await to.readRevisions(1);
  assert.deepEqual([latest?.number, latest?.epoch, latest?.author, latest?.summary], [233, 7, 'restore', 'restored']);
  assert.deepEqual(await to.readBindings(), [], 'connections are not restored');
  assert.equal(codeOf(await to.commit({ ...change, basedOn: (await to.readConfiguration()).version })), 'ALREADY_EXISTS');
}
const change = { author: 'a', summary: 's', objects: [allow('b.example', null)], users: [] };

describe('backup of SQLite', () => {
  let store: Store;
  let lines: string[];
  before(async () => {
    store = await mustOpen(newFile());
    await fill(store);
    lines = await linesOf(store);
  });
  after(() => store.close());

  it('names every table of the database', async () => {
    const opened = await openSqliteDatabase({ path: newFile() });
    assert.ok(opened.ok);
    const tables = (await opened.value.db.introspection.getTables()).map(({ name }) => name);
    opened.value.connection.close();
    assert.deepEqual(tables.filter(name => !name.startsWith('kysely')).sort(), [...storeTables].sort());
  });

  it('is restored into a file that is not there', async () => {
    const path = newFile();
    (await mustOpen(path)).close();
    await until(() => codeOf(inspectSqlite(path)) === 'ok');
    rmSync(path);
    const restored = await restoreSqlite(path, `${path}.former`, stateOf(lines));
    assert.ok(restored.ok, restored.ok ? '' : restored.error.text);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const again = await mustOpen(path);
    await assertRestored(store, again);
    await again.close();
    assert.ok(!existsSync(`${path}.former`));
  });

  it('keeps the former file, also a damaged one', async () => {
    const path = newFile();
    const former = await mustOpen(path);
    await mustCommit(former, { objects: [allow('former.example', null)] });
    assert.equal(codeOf(inspectSqlite(path)), 'RESTORE_STORE_IN_USE');
    await former.close();
    assert.deepEqual(inspectSqlite(path), { ok: true, value: { exists: true, epoch: 1 } });
    assert.ok((await restoreSqlite(path, `${path}.former`, stateOf(lines))).ok);
    const kept = await mustOpen(`${path}.former`);
    assert.equal((await kept.readConfiguration()).objects.length, 1);
    await kept.close();
    writeFileSync(path, 'x'.repeat(9_000));
    assert.deepEqual(inspectSqlite(path), { ok: true, value: { exists: true } });
    assert.ok((await restoreSqlite(path, `${path}.damaged`, stateOf(lines))).ok);
    assert.equal(statSync(`${path}.damaged`).size, 9_000);
  });

  const wrong: readonly [what: string, lines: (of: readonly string[]) => readonly string[], code: string, text: RegExp][] = [
    ['cut at the end', of => of.slice(0, -1), 'BACKUP_DAMAGED', /its end is missing/],
    ['cut in a line', of => [...of.slice(0, 3), of[3]!.slice(0, 40)], 'BACKUP_DAMAGED', /line 4 is not whole/],
    ['with a line less', of => of.toSpliced(4, 1), 'BACKUP_DAMAGED', /content was changed/],
    ['with a changed letter', of => of.map(line => line.replace('b.example', 'c.example')), 'BACKUP_DAMAGED', /changed/],
    ['with more behind its end', of => [...of, '{}'], 'BACKUP_DAMAGED', /follows its end/],
    ['empty', () => [], 'BACKUP_DAMAGED', /it is empty/],
    ['something else', () => ['{"hello":1}'], 'BACKUP_DAMAGED', /does not begin/],
    [
      'of rows for a table of the engine',
      of => resummed(of, '{"table":"kysely_migration","columns":["name"],"rows":[]}'),
      'BACKUP_DAMAGED',
      /line 2/,
    ],
    ['of a later format', of => [of[0]!.replace('"format":2', '"format":3')], 'BACKUP_NEWER', /1\.2\.3, format 3/],
    ['of a later schema', of => [of[0]!.replace(newestSchema, '9999-later')], 'BACKUP_NEWER', /schema 9999-later/],
  ];
  for (const [what, alter, code, text] of wrong) {
    it(`${what} is refused, and the file there stays as it is`, async () => {
      const path = newFile();
      const there = await mustOpen(path);
      await mustCommit(there, { objects: [allow('there.example', null)] });
      await there.close();
      const thrown = await restoreSqlite(path, `${path}.former`, stateOf(alter(lines))).then(
        () => undefined,
        (fault: unknown) => fault,
      );
      assert.ok(thrown instanceof FailureError, String(thrown));
      assert.equal(thrown.failure.code, code);
      assert.match(thrown.failure.text, text);
      assert.deepEqual(readdirSync(join(path, '..')), ['parley.db']);
      const same = await mustOpen(path);
      assert.equal((await same.readConfiguration()).objects.length, 1);
      await same.close();
    });
  }
});

function resummed([header = '']: readonly string[], line: string): string[] {
  const sum = new BackupSum();
  return [sum.add(header), sum.add(line), sum.endLine()];
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve));
}

describe('backup on PostgreSQL', { skip: postgresMissing() }, () => {
  let cluster: PostgresCluster;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(() => cluster?.remove());

  async function open(url: string, schema?: string): Promise<Store> {
    const store = await openPostgresStore({ url, clock: systemClock, ...(schema ? { schema } : {}) });
    assert.ok(store.ok, store.ok ? '' : store.error.text);
    return store.value;
  }

  it('moves from SQLite to PostgreSQL and back, and from schema to schema', async () => {
    const first = await mustOpen(newFile());
    await fill(first);
    const url = cluster.createDatabase('moved');
    const restored = await restorePostgres({ url, schema: 'contoso' }, stateOf(await linesOf(first)));
    assert.ok(restored.ok, restored.ok ? '' : restored.error.text);
    const second = await open(url, 'contoso');
    await assertRestored(first, second);
    const path = newFile();
    await (await mustOpen(path)).close();
    assert.ok((await restoreSqlite(path, `${path}.former`, stateOf(await linesOf(second), { epoch: 8 }))).ok);
    const third = await mustOpen(path);
    assert.deepEqual(await contentsOf(third), await contentsOf(first));
    await Promise.all([first.close(), second.close(), third.close()]);
  });

  it('leaves everything as it was while a server follows it, when the rows break off, and in other schemas', async () => {
    const url = cluster.createDatabase('used');
    const source = await mustOpen(newFile());
    await fill(source);
    const lines = await linesOf(source);
    await source.close();
    const there = await open(url, 'a');
    const other = await open(url, 'b');
    await mustCommit(there, { objects: [allow('there.example', null)] });
    await mustCommit(other, { objects: [allow('other.example', null)] });
    assert.equal(codeOf(await restorePostgres({ url, schema: 'a' }, stateOf(lines))), 'RESTORE_STORE_IN_USE');
    await there.close();
    await assert.rejects(restorePostgres({ url, schema: 'a' }, stateOf(lines.slice(0, -1))), FailureError);
    const same = await open(url, 'a');
    assert.equal((await same.readConfiguration()).objects.length, 1);
    await same.close();
    assert.equal(codeOf(await restorePostgres({ url, schema: 'a' }, stateOf(lines))), 'ok');
    assert.equal((await other.readConfiguration()).objects.length, 1);
    await other.close();
  });
});
