import { type Kysely, sql } from 'kysely';

/**
 * Granted policies of any kind: JSON in one column, as it is always read and written whole, with its user. The column of the one policy there
 * was stays, is written along and has the word on that policy, while servers of the schema before may share the database; a later migration drops it.
 */
export async function addUserPolicies(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('policies', 'text').execute();
  // names of policies are letters, digits, spaces, dots, hyphens and underscores: nothing that JSON would escape
  await sql`update users set policies = '{"CsExternalAccessPolicy":"' || external_access_policy || '"}'
    where external_access_policy is not null`.execute(db);
}
