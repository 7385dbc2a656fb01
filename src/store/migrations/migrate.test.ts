import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import type { SipDomain } from '../../model/names.ts';
import type { Schema } from '../schema.ts';
import { sqliteDialect } from '../sqlite/sqlite-dialect.ts';
import { user } from '../suite/samples.ts';
import { readUsers, writeUsers } from '../user-repository.ts';
import { migrateToNewest, migrateToSchema } from './migrate.ts';

test('users of the first schema have blocked nobody, and can block from then on', async () => {
  const connection = new DatabaseSync(':memory:');
  const db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
  await migrateToSchema(db, '0001-first');
  const { aor, tenant, id } = user(1);
  connection.exec(
    `insert into users values ('${id}', '${tenant}', '${aor}', 'User 1', 1, 'pool.contoso.test', 'SRV:', null, 1, 1)`,
  );
  await migrateToNewest(db);
  assert.deepEqual(await readUsers(db), [user(1, { version: 1 })]);
  const blocking = user(1, { version: 2, blockedSenders: ['fabrikam.test' as SipDomain] });
  await writeUsers(db, [blocking]);
  assert.deepEqual(await readUsers(db), [blocking]);
  await migrateToNewest(db);
  connection.close();
});

test('a granted policy moves to where those of every kind are, and a server of the version before reads and writes it still', async () => {
  const connection = new DatabaseSync(':memory:');
  const db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
  await migrateToSchema(db, '0002-blocked-senders');
  const insert = connection.prepare(`insert into users values (?, ?, ?, 'User', 1, 'pool.contoso.test', 'SRV:', ?, 1, 1, null)`);
  const samples = [user(1, { policies: {} }), user(2, { policies: { CsExternalAccessPolicy: 'Basic access-1.0' } })];
  for (const { id, tenant, aor, policies } of samples) insert.run(id, tenant, aor, policies.CsExternalAccessPolicy ?? null);
  await migrateToNewest(db);
  assert.deepEqual(
    (await readUsers(db)).map(({ policies }) => policies),
    samples.map(({ policies }) => policies),
  );
  await writeUsers(db, [
    user(1, { policies: { CsExternalAccessPolicy: 'New', CsPresencePolicy: 'Quiet' } }),
    user(2, { policies: {} }),
  ]);
  const before = connection.prepare('select external_access_policy from users order by aor').all();
  assert.deepEqual(
    before.map(row => row.external_access_policy),
    ['New', null],
  );
  // and what that server grants or takes back, in its one column, counts
  const granting = connection.prepare('update users set external_access_policy = ? where id = ?');
  granting.run(null, user(1).id);
  granting.run('Sales', user(2).id);
  assert.deepEqual(
    (await readUsers(db)).map(({ policies }) => policies),
    [{ CsPresencePolicy: 'Quiet' }, { CsExternalAccessPolicy: 'Sales' }],
  );
  connection.close();
});

test('addresses that were stored in another form get the one there is, unless it is taken', async () => {
  const connection = new DatabaseSync(':memory:');
  const db = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
  await migrateToSchema(db, '0002-blocked-senders');
  const stored = [
    ['a', 'n%20x@contoso.test', '["a%62@northwind.test","fabrikam.test","ab@northwind.test"]'],
    ['b', 'a\u0308rger@contoso.test', null],
    ['c', 'a\u0007b@contoso.test', null],
    ['d', '%61nn@contoso.test', null],
    ['e', 'ann@contoso.test', null],
  ] as const;
  const insert = connection.prepare(
    `insert into users values (?, 't', ?, 'name', 1, 'pool.contoso.test', 'SRV:', null, 1, 1, ?)`,
  );
  const claim = connection.prepare(`insert into unique_claims values (?, 'CsUser', 't', ?)`);
  for (const [id, aor, list] of stored) {
    insert.run(id, aor, list);
    claim.run(`address ${aor}`, aor);
  }
  await migrateToNewest(db);
  const users = new Map((await readUsers(db)).map(each => [each.id as string, each]));
  const addresses = stored.map(([id]) => users.get(id)?.aor);
  const expected = ['n%20x', 'ärger', 'a%07b', '%61nn', 'ann'].map(name => `${name}@contoso.test`);
  assert.deepEqual(addresses, expected);
  assert.deepEqual(users.get('a')?.blockedSenders, ['ab@northwind.test', 'fabrikam.test']);
  const claims = connection.prepare('select claim, holder_identity as holder from unique_claims').all();
  assert.deepEqual(claims.map(row => row.claim).sort(), expected.map(aor => `address ${aor}`).sort());
  assert.ok(claims.every(row => row.claim === `address ${row.holder}`));
  connection.close();
});
