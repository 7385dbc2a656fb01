import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { systemClock } from '../../base/clock.ts';
import type { Binding } from '../../model/binding.ts';
import type { Aor } from '../../model/names.ts';
import { PostgresCluster, postgresMissing } from '../../testing/postgres-cluster.ts';
import type { Store, StoreHint } from '../store.ts';
import { storeSuite } from '../store-suite.ts';
import { addUser, allow, binding, codeOf, commit, mustCommit, nextTick, type StoreUnderTest, userId } from '../suite/samples.ts';
import { dropPostgresStore, openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';

let cluster: PostgresCluster;
let databases = 0;
const newDatabase = () => cluster.createDatabase(`parley${databases++}`);
const opened: Store[] = [];

async function mustOpen(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  const store = await openPostgresStore({ url, clock: systemClock, ...options });
  assert.ok(store.ok, store.ok ? '' : store.error.text);
  opened.push(store.value);
  return store.value;
}

describe('PostgreSQL', { skip: postgresMissing() }, () => {
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(async () => {
    await Promise.all(opened.map(store => store.close()));
    await cluster?.remove();
  });

  storeSuite('PostgreSQL', async (): Promise<StoreUnderTest> => {
    const url = newDatabase();
    let store = await mustOpen(url);
    return {
      store: () => store,
      close: () => store.close(),
      async reopen() {
        await store.close();
        store = await mustOpen(url);
      },
    };
  });
  describe('opening', openingSuite);
  describe('two servers on one database', sharingSuite);
  describe('a schema of its own', schemaSuite);
});

function openingSuite(): void {
  const secret = 'a-secret-of-somebody';
  const refused: [string, () => string, string, RegExp][] = [
    ['a wrong password', () => cluster.url('postgres').replace(cluster.password, secret), 'POSTGRES_REFUSED', /password/],
    ['no password', () => cluster.url('postgres').replace(`:${cluster.password}`, ''), 'POSTGRES_REFUSED', /password/],
    ['an unknown database', () => cluster.url('nowhere'), 'POSTGRES_REFUSED', /"nowhere" does not exist/],
    ['a server without TLS', () => `${cluster.url('postgres')}?sslmode=verify-full`, 'POSTGRES_REFUSED', /SSL/],
    [
      'a server that is down',
      () => `postgres://u:${secret}@127.0.0.1:1/x`,
      'STORE_UNAVAILABLE',
      /127\.0\.0\.1:1\/x: nothing listens there/,
    ],
    ['a socket that is not there', () => `postgres://u:${secret}@/x?host=/nowhere`, 'STORE_UNAVAILABLE', /ENOENT/],
    ['a name that is not in DNS', () => `postgres://u:${secret}@db.invalid/x`, 'STORE_UNAVAILABLE', /db\.invalid/],
    ['no URL at all', () => `${secret}@here`, 'POSTGRES_REFUSED', /expected postgres:\/\//],
    ['a URL with a stray percent sign', () => `postgres://u:${secret}%zz@host/z`, 'POSTGRES_REFUSED', /expected postgres:\/\//],
    ['a URL that cannot be read', () => `postgres://u:${secret}#x@host:y/z`, 'POSTGRES_REFUSED', /expected postgres:\/\//],
  ];
  for (const [name, url, code, text] of refused) {
    it(`says ${name}, and never a password`, async () => {
      const store = await openPostgresStore({ url: url(), clock: systemClock });
      assert.ok(!store.ok);
      assert.equal(store.error.code, code, store.error.text);
      assert.match(store.error.text, text);
      const { cause: _cause, ...shown } = store.error;
      assert.ok(!JSON.stringify(shown).includes(secret), JSON.stringify(shown));
    });
  }

  it('says that an account may not make tables', async () => {
    newDatabase();
    const database = `parley${databases - 1}`;
    cluster.sql(database, "create role guest login password 'guest'", 'revoke create on schema public from public');
    const url = cluster.url(database).replace(`parley:${cluster.password}`, 'guest:guest');
    const store = await openPostgresStore({ url, clock: systemClock });
    assert.equal(codeOf(store), 'POSTGRES_REFUSED');
    assert.match(store.ok ? '' : store.error.text, /permission denied/);
  });

  it('takes the Unix socket, and the password apart from the URL', async () => {
    newDatabase();
    const url = cluster.socketUrl(`parley${databases - 1}`).replace(`:${cluster.password}`, '');
    const store = await mustOpen(url, { password: cluster.password });
    assert.equal((await mustCommit(store, { objects: [allow('a.example', null)] })).revision, 1);
  });

  it('refuses the data of a newer version and says which', async () => {
    const url = newDatabase();
    await (await mustOpen(url)).close();
    cluster.sql(`parley${databases - 1}`, "insert into kysely_migration (name, timestamp) values ('9999-later', 'x')");
    const store = await openPostgresStore({ url, clock: systemClock });
    assert.equal(codeOf(store), 'DATABASE_NEWER');
    assert.match(store.ok ? '' : store.error.text, /9999-later/);
  });

  it('lets servers start together on an empty database', async () => {
    const url = newDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => mustOpen(url, { schema: 'together' })));
    const versions = await Promise.all(stores.map(async store => (await store.readConfiguration()).version));
    assert.deepEqual(new Set(versions.map(({ epoch, number }) => `${epoch}.${number}`)), new Set(['1.0']));
  });

  it('saves to disk before it answers, whatever the default of the server is', async () => {
    const url = newDatabase();
    cluster.sql('postgres', `alter database parley${databases - 1} set synchronous_commit = off`);
    const store = await mustOpen(`${url}?application_name=waits`);
    await mustCommit(store, { objects: [allow('a.example', null)] });
    cluster.sql('postgres', `alter database parley${databases - 1} set default_transaction_isolation = serializable`);
    const other = await mustOpen(url);
    const results = await Promise.all(
      [store, other].map(each => commit(each, { objects: [allow('b.example', null)], basedOn: { epoch: 1, number: 1 } })),
    );
    assert.deepEqual(results.map(codeOf).sort(), ['STORE_CONFLICT', 'ok']);
  });
}

/** What a store hints at, collected until it is enough. */
function collect(store: Store): {
  readonly hints: StoreHint[];
  until(enough: (hints: readonly StoreHint[]) => boolean): Promise<void>;
} {
  const hints: StoreHint[] = [];
  let look = () => {};
  store.onHint(hint => {
    hints.push(hint);
    look();
  });
  return {
    hints,
    until: enough =>
      new Promise(resolve => {
        look = () => {
          if (enough(hints)) resolve();
        };
        look();
      }),
  };
}

function sharingSuite(): void {
  let one: Store;
  let other: Store;
  before(async () => {
    const url = newDatabase();
    [one, other] = [await mustOpen(url), await mustOpen(url)];
  });

  it('each hears of what the other wrote, and finds it; nobody hears of its own twice', async () => {
    const [atOne, atOther] = [collect(one), collect(other)];
    await mustCommit(one, { objects: [allow('a.example', null)], users: [addUser(1)] });
    const expected: StoreHint[] = [
      { kind: 'configuration', version: { epoch: 1, number: 1 } },
      { kind: 'users', ids: [userId(1)] },
    ];
    await atOther.until(hints => hints.length >= 2);
    assert.deepEqual(atOther.hints, expected);
    assert.equal((await other.readConfiguration()).version.number, 1);
    assert.equal((await other.readUsers()).length, 1);
    await other.writeBindings([binding()], []);
    await atOne.until(hints => hints.length >= 3);
    assert.deepEqual(atOne.hints, [...expected, { kind: 'bindings', aors: [binding().aor] }]);
    assert.deepEqual(await one.readBindings([binding().aor]), [binding()]);
    await other.forgetIncarnations('n1', 'another');
    await atOne.until(hints => hints.length >= 4);
    assert.deepEqual(await one.readBindings(), []);
  });

  it('of changes made at once on the same base keeps exactly one', async () => {
    for (let round = 0; round < 5; round++) {
      const { version: basedOn } = await one.readConfiguration();
      const results = await Promise.all(
        [one, other, one, other].map((store, i) => commit(store, { basedOn, objects: [allow(`r${round}s${i}.example`, null)] })),
      );
      assert.deepEqual(results.map(codeOf).sort(), ['STORE_CONFLICT', 'STORE_CONFLICT', 'STORE_CONFLICT', 'ok']);
      assert.equal((await other.readConfiguration()).version.number, basedOn.number + 1);
    }
  });

  it('a write that the server gives up for a deadlock is run again', async () => {
    const [first, second] = ['d1@contoso.test', 'd2@contoso.test'].map(aor => binding({ aor: aor as Aor })) as [Binding, Binding];
    await one.writeBindings([first, second], []);
    const rival = new Client(cluster.url(`parley${databases - 1}`));
    await rival.connect();
    // whoever finds the deadlock gives up, and that is to be the store
    await rival.query("set deadlock_timeout = '60s'");
    const touch = (aor: Aor) => rival.query('update bindings set cseq = 7 where aor = $1', [aor]);
    await rival.query('begin');
    await touch(second.aor);
    const writing = one.writeBindings([{ ...first, cseq: 8 }, second], []);
    const waiters = "select from pg_stat_activity where wait_event_type = 'Lock'";
    while ((await rival.query(waiters)).rowCount === 0) await pause(10);
    await touch(first.aor);
    await rival.query('commit');
    await rival.end();
    assert.equal(codeOf(await writing), 'ok');
    assert.equal((await other.readBindings([first.aor]))[0]?.cseq, 8);
  });

  it('a change too long for one notification is heard of in full', async () => {
    const heard = collect(other);
    const users = Array.from({ length: 900 }, (_, i) => addUser(1000 + i));
    await mustCommit(one, { users });
    const named = () => new Set(heard.hints.flatMap(hint => (hint.kind === 'users' ? hint.ids : [])));
    await heard.until(() => named().size === 900);
    assert.deepEqual(
      [...named()].sort(),
      users.map(({ id }) => id),
    );
  });

  it('a notification that is not understood is a reason to read everything again', async () => {
    const both = [collect(one), collect(other)];
    cluster.sql(
      `parley${databases - 1}`,
      "select pg_notify('parley_' || oid, 'from a later version') from pg_namespace where nspname = 'public'",
    );
    for (const heard of both) await heard.until(hints => hints.some(({ kind }) => kind === 'resync'));
  });

  it('a closed store hears nothing any more', async () => {
    const heard = collect(other);
    await other.close();
    await mustCommit(one, { objects: [allow('late.example', null)] });
    await nextTick();
    assert.deepEqual(heard.hints, []);
  });
}

function schemaSuite(): void {
  it('keeps deployments in one database apart: data, versions and hints; removing one leaves the other', async () => {
    const url = newDatabase();
    const [first, second] = [await mustOpen(url, { schema: 'first' }), await mustOpen(url, { schema: 'Second One' })];
    const heard = collect(second);
    await mustCommit(first, { objects: [allow('a.example', null)] });
    assert.equal((await second.readConfiguration()).version.number, 0);
    await mustCommit(second, { users: [addUser(1)] });
    await heard.until(hints => hints.length > 0);
    assert.deepEqual(heard.hints, [{ kind: 'users', ids: [userId(1)] }]);
    await first.close();
    assert.equal(codeOf(await dropPostgresStore({ url, schema: 'first' })), 'ok');
    assert.equal(codeOf(await dropPostgresStore({ url, schema: 'first' })), 'ok', 'it is gone already');
    assert.equal((await second.readUsers()).length, 1);
    const again = await mustOpen(url, { schema: 'first' });
    assert.deepEqual(await again.readConfiguration(), { version: { epoch: 1, number: 0 }, objects: [] });
  });
}
