import type { Kysely } from 'kysely';

/** The first schema. Text keys, JSON as text, booleans as integers, times as bigint: the same on every engine. */
export async function createFirstSchema(db: Kysely<unknown>): Promise<void> {
  await createConfiguration(db);
  await createUsers(db);
  await createHistory(db);
  await createBindings(db);
}

async function createConfiguration(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('configuration_objects')
    .addColumn('owner', 'text', c => c.notNull())
    .addColumn('kind', 'text', c => c.notNull())
    .addColumn('identity', 'text', c => c.notNull())
    .addColumn('version', 'bigint', c => c.notNull())
    .addColumn('body', 'text', c => c.notNull())
    .addPrimaryKeyConstraint('configuration_objects_key', ['owner', 'kind', 'identity'])
    .execute();
  await db.schema
    .createTable('unique_claims')
    .addColumn('claim', 'text', c => c.primaryKey())
    .addColumn('holder_kind', 'text', c => c.notNull())
    .addColumn('holder_owner', 'text', c => c.notNull())
    .addColumn('holder_identity', 'text', c => c.notNull())
    .execute();
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('tenant', 'text', c => c.notNull())
    .addColumn('aor', 'text', c => c.notNull())
    .addColumn('display_name', 'text', c => c.notNull())
    .addColumn('enabled', 'integer', c => c.notNull())
    .addColumn('registrar_pool', 'text', c => c.notNull())
    .addColumn('hosting_provider_proxy_fqdn', 'text', c => c.notNull())
    .addColumn('external_access_policy', 'text')
    .addColumn('version', 'bigint', c => c.notNull())
    .addColumn('credential_version', 'bigint', c => c.notNull())
    .execute();
  await db.schema.createIndex('users_by_tenant').on('users').column('tenant').execute();
  await db.schema
    .createTable('user_credentials')
    .addColumn('user_id', 'text', c => c.primaryKey())
    .addColumn('key_id', 'text', c => c.notNull())
    .addColumn('box', 'text', c => c.notNull())
    .execute();
}

async function createHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('store_state')
    .addColumn('id', 'integer', c => c.primaryKey())
    .addColumn('epoch', 'bigint', c => c.notNull())
    .addColumn('revision', 'bigint', c => c.notNull())
    .addColumn('configuration', 'bigint', c => c.notNull())
    .execute();
  await db.schema
    .createTable('revisions')
    .addColumn('number', 'bigint', c => c.primaryKey())
    .addColumn('epoch', 'bigint', c => c.notNull())
    .addColumn('at_ms', 'bigint', c => c.notNull())
    .addColumn('author', 'text', c => c.notNull())
    .addColumn('summary', 'text', c => c.notNull())
    .execute();
  await db.schema
    .createTable('revision_changes')
    .addColumn('revision', 'bigint', c => c.notNull())
    .addColumn('position', 'integer', c => c.notNull())
    .addColumn('kind', 'text', c => c.notNull())
    .addColumn('owner', 'text', c => c.notNull())
    .addColumn('identity', 'text', c => c.notNull())
    .addColumn('state_before', 'text')
    .addColumn('state_after', 'text')
    .addPrimaryKeyConstraint('revision_changes_key', ['revision', 'position'])
    .execute();
}

async function createBindings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('bindings')
    .addColumn('aor', 'text', c => c.notNull())
    .addColumn('instance', 'text', c => c.notNull())
    .addColumn('tenant', 'text', c => c.notNull())
    .addColumn('contact_uri', 'text', c => c.notNull())
    .addColumn('call_id', 'text', c => c.notNull())
    .addColumn('cseq', 'bigint', c => c.notNull())
    .addColumn('priority', 'integer', c => c.notNull())
    .addColumn('node', 'text', c => c.notNull())
    .addColumn('incarnation', 'text', c => c.notNull())
    .addColumn('flow', 'text', c => c.notNull())
    .addColumn('user_agent', 'text', c => c.notNull())
    .addColumn('registered_at_ms', 'bigint', c => c.notNull())
    .addColumn('expires_at_ms', 'bigint', c => c.notNull())
    .addPrimaryKeyConstraint('bindings_key', ['aor', 'instance'])
    .execute();
  await db.schema.createIndex('bindings_by_node').on('bindings').columns(['node', 'incarnation']).execute();
}
