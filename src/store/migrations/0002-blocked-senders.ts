import type { Kysely } from 'kysely';

/** Users get a block list of their own: JSON in one column, as it is always read and written whole, with its user. */
export async function addBlockedSenders(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('blocked_senders', 'text').execute();
}
