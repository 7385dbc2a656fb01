import type { Kysely } from 'kysely';

/** The store knows which timeline of a PostgreSQL server it was written on; no word about it on an engine without one. */
export async function addPostgresTimeline(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('store_state').addColumn('timeline', 'text').execute();
}
