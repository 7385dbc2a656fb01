import type { Kysely } from 'kysely';

/** What is known of people beside their accounts: JSON in one column, as it is always read and written whole, with its user. */
export async function addUserAttributes(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('attributes', 'text').execute();
}
