import { Kysely, PostgresDialect, sql } from 'kysely';
import { FailureError, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { fillStore, type RestoredState } from '../backup/backup-rows.ts';
import { storeTables } from '../backup/backup-tables.ts';
import type { Database, Schema } from '../schema.ts';
import { openPool, type PostgresAddress, postgresConnection } from './postgres-connection.ts';
import { preparePostgres } from './postgres-database.ts';
import { postgresOpenFailure } from './postgres-failure.ts';
import { lockOfServers } from './postgres-feed.ts';

const migrationTables = ['kysely_migration', 'kysely_migration_lock'];

/**
 * Replaces what a schema holds in one transaction: it is there as a whole or not at all.
 * Fails with RESTORE_STORE_IN_USE while a server follows the schema, POSTGRES_REFUSED, DATABASE_NEWER or STORE_UNAVAILABLE; throws what
 * `state.rows` throws.
 */
export async function restorePostgres(address: PostgresAddress, state: RestoredState): Promise<Result<void>> {
  const connection = postgresConnection(address);
  if (!connection.ok) return connection;
  const { server } = connection.value;
  const schema = await preparePostgres(connection.value, address.schema);
  if (!schema.ok) return schema;
  const { name, channel } = schema.value;
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(connection.value, name, 1) }) });
  try {
    await db.transaction().execute(async transaction => {
      const { rows } = await sql<{ free: boolean }>`
        select pg_try_advisory_xact_lock(${sql.raw(lockOfServers)}(${channel}, 0)) as free`.execute(transaction);
      if (!rows[0]?.free) throw new FailureError(failure('RESTORE_STORE_IN_USE', { store: server }));
      await dropTables(transaction, name);
      await fillStore(transaction, state, name);
    });
    return ok(undefined);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'RESTORE_STORE_IN_USE') return err(error.failure);
    const known = postgresOpenFailure(server, error);
    if (known) return err(known);
    throw error;
  } finally {
    await db.destroy();
  }
}

async function dropTables(db: Database, schema: string): Promise<void> {
  for (const table of [...storeTables, ...migrationTables])
    await db.schema.withSchema(schema).dropTable(table).ifExists().execute();
}
