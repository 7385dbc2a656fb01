import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Database } from '../schema.ts';
import { createFirstSchema } from './0001-first.ts';
import { addBlockedSenders } from './0002-blocked-senders.ts';
import { addUserPolicies } from './0003-user-policies.ts';
import { giveAddressesOneForm } from './0004-one-address-form.ts';
import { addUserAttributes } from './0005-user-attributes.ts';
import { addRevisionSource } from './0006-revision-source.ts';
import { addPostgresTimeline } from './0007-postgres-timeline.ts';

/** Every migration by name, in the order of the names. A released one is never changed: later ones expand, then contract (D43). */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': { up: createFirstSchema },
  '0002-blocked-senders': { up: addBlockedSenders },
  '0003-user-policies': { up: addUserPolicies },
  '0004-one-address-form': { up: giveAddressesOneForm },
  '0005-user-attributes': { up: addUserAttributes },
  '0006-revision-source': { up: addRevisionSource },
  '0007-postgres-timeline': { up: addPostgresTimeline },
};

/** Name of the newest schema this program knows. */
export const newestSchema: string = Object.keys(migrations).sort().at(-1) ?? '';

/** Names of the migrations that a database has had, newest first. `schema` is the one that `db` works in, on an engine that has several. */
export async function appliedMigrations(db: Database, schema?: string): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const isHere = (table: { readonly schema?: string }) => schema === undefined || table.schema === schema;
  if (!tables.some(table => table.name === 'kysely_migration' && isHere(table))) return [];
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name', 'desc')
    .execute();
  return rows.map(row => row.name);
}

/** The newest among applied migrations that this program does not know, if there is one: the database belongs to a newer version. */
export function newerSchema(applied: readonly string[]): string | undefined {
  return applied.find(name => !isKnownSchema(name));
}

/** Whether this program knows a migration of that name: what was written with it can be read. */
export function isKnownSchema(name: string): boolean {
  return Object.hasOwn(migrations, name);
}

/**
 * Brings the schema up to date and makes sure that the store state row is there; throws what the engine threw. `schema` as for
 * `appliedMigrations`.
 */
export async function migrateToNewest(db: Database, schema?: string): Promise<void> {
  await migrateToSchema(db, newestSchema, schema);
  await db
    .insertInto('store_state')
    .values({ id: 1, epoch: 1, revision: 0, configuration: 0, timeline: null })
    .onConflict(conflict => conflict.column('id').doNothing())
    .execute();
}

/** Brings an empty or older schema to the migration `name`, and leaves its tables as they are then; throws what the engine threw. */
export async function migrateToSchema(db: Database, name: string, schema?: string): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const place = schema === undefined ? {} : { migrationTableSchema: schema };
  const { error } = await new Migrator({ db, provider, ...place }).migrateTo(name);
  if (error !== undefined) throw error;
}
