import type { Kysely } from 'kysely';

/** Revisions say from where they were made; unknown of those that are there. */
export async function addRevisionSource(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('revisions').addColumn('source', 'text').execute();
}
