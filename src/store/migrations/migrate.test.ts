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
