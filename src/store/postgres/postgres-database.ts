import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { appliedMigrations, migrateToNewest, newerSchema, newestSchema } from '../migrations/migrate.ts';
import type { Database, Schema } from '../schema.ts';
import { ignoreLostConnections, type PostgresConnection } from './postgres-connection.ts';
import { postgresOpenFailure } from './postgres-failure.ts';

/** A migrated schema. */
export interface PostgresSchema {
  readonly name: string;
  /** The channel of its change feed: the schema's own, for channels belong to the whole database. */
  readonly channel: string;
}

/**
 * Makes the schema if it is named and missing, and brings it up to date, on connections without time limits that are closed again.
 * Servers that start together wait for each other. Fails with POSTGRES_REFUSED, DATABASE_NEWER or STORE_UNAVAILABLE.
 */
export async function preparePostgres(
  connection: PostgresConnection,
  schema: string | undefined,
): Promise<Result<PostgresSchema>> {
  try {
    return await withDatabase(connection, async db => {
      if (schema !== undefined) await createSchema(db, schema);
      return migrate(db, connection.server, schema);
    });
  } catch (error) {
    const known = postgresOpenFailure(connection.server, error);
    if (known) return err(known);
    throw error;
  }
}

/** Removes a schema with everything in it. Fails with POSTGRES_REFUSED or STORE_UNAVAILABLE. */
export async function dropPostgresSchema(connection: PostgresConnection, schema: string): Promise<Result<void>> {
  try {
    await withDatabase(connection, db => db.schema.dropSchema(schema).ifExists().cascade().execute());
    return ok(undefined);
  } catch (error) {
    const known = postgresOpenFailure(connection.server, error);
    if (known) return err(known);
    throw error;
  }
}

async function withDatabase<T>({ config }: PostgresConnection, work: (db: Database) => Promise<T>): Promise<T> {
  const pool = new Pool({ ...config, max: 1 });
  ignoreLostConnections(pool);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** Looks first: an account may use a schema that it could not have made. */
async function createSchema(db: Database, schema: string): Promise<void> {
  const { rows } = await sql`select from pg_catalog.pg_namespace where nspname = ${schema}`.execute(db);
  if (rows.length > 0) return;
  try {
    await db.schema.createSchema(schema).ifNotExists().execute();
  } catch (error) {
    // "if not exists" does not cover two servers that make it in the same moment.
    if (!(error instanceof Error && 'code' in error && error.code === '23505')) throw error;
  }
}

async function migrate(db: Database, server: string, schema: string | undefined): Promise<Result<PostgresSchema>> {
  if (schema !== undefined) await sql`select set_config('search_path', quote_ident(${schema}), false)`.execute(db);
  const { rows } = await sql<{ name: string; id: number }>`
    select nspname as name, cast(oid as bigint) as id from pg_catalog.pg_namespace where nspname = current_schema()`.execute(db);
  const current = rows[0];
  if (!current) return err(failure('POSTGRES_REFUSED', { server, reason: 'the account has no schema to keep tables in' }));
  await sql`select set_config('search_path', quote_ident(${current.name}), false)`.execute(db);
  const newer = newerSchema(await appliedMigrations(db, current.name));
  if (newer !== undefined) return err(failure('DATABASE_NEWER', { path: server, found: newer, known: newestSchema }));
  await migrateToNewest(db, current.name);
  return ok({ name: current.name, channel: `parley_${current.id}` });
}
