import { bufferOf } from '../base/bytes.ts';
import type { Aor, Fqdn, TenantId, UserId } from '../model/names.ts';
import type { BlockedSender, HomeLocator, User } from '../model/user.ts';
import type { UserAttributes } from '../model/user-attributes.ts';
import { inChunks } from './chunks.ts';
import type { Database, UserTable } from './schema.ts';
import type { SealedCredential } from './store.ts';

/** Which users to read; everything when empty. */
export interface UserFilter {
  readonly tenant?: TenantId;
  readonly ids?: readonly UserId[];
}

/** Users in the order of their addresses. */
export async function readUsers(db: Database, filter: UserFilter = {}): Promise<User[]> {
  let query = db.selectFrom('users').selectAll();
  if (filter.tenant !== undefined) query = query.where('tenant', '=', filter.tenant);
  if (filter.ids === undefined) return (await query.orderBy('aor').execute()).map(userFromRow);
  const users: User[] = [];
  for (const chunk of inChunks([...new Set(filter.ids)])) {
    for (const row of await query.where('id', 'in', chunk).execute()) users.push(userFromRow(row));
  }
  return users.sort((a, b) => (a.aor < b.aor ? -1 : 1));
}

/** Writes users, replacing those with the same id. */
export async function writeUsers(db: Database, users: readonly User[]): Promise<void> {
  for (const chunk of inChunks(users)) {
    await db
      .insertInto('users')
      .values(chunk.map(rowFromUser))
      .onConflict(conflict =>
        conflict.column('id').doUpdateSet(eb => ({
          tenant: eb.ref('excluded.tenant'),
          aor: eb.ref('excluded.aor'),
          display_name: eb.ref('excluded.display_name'),
          enabled: eb.ref('excluded.enabled'),
          registrar_pool: eb.ref('excluded.registrar_pool'),
          hosting_provider_proxy_fqdn: eb.ref('excluded.hosting_provider_proxy_fqdn'),
          external_access_policy: eb.ref('excluded.external_access_policy'),
          policies: eb.ref('excluded.policies'),
          attributes: eb.ref('excluded.attributes'),
          blocked_senders: eb.ref('excluded.blocked_senders'),
          version: eb.ref('excluded.version'),
          credential_version: eb.ref('excluded.credential_version'),
        })),
      )
      .execute();
  }
}

/** Removes users and their secrets. */
export async function removeUsers(db: Database, ids: readonly UserId[]): Promise<void> {
  for (const chunk of inChunks(ids)) {
    await db.deleteFrom('users').where('id', 'in', chunk).execute();
    await db.deleteFrom('user_credentials').where('user_id', 'in', chunk).execute();
  }
}

/** The sealed credentials of those users that have one. */
export async function readCredentials(db: Database, ids: readonly UserId[]): Promise<Map<UserId, SealedCredential>> {
  const found = new Map<UserId, SealedCredential>();
  for (const chunk of inChunks([...new Set(ids)])) {
    const rows = await db.selectFrom('user_credentials').selectAll().where('user_id', 'in', chunk).execute();
    for (const row of rows) {
      // A copy of its own: a slice of Buffer's shared pool would drag the pool across a thread border.
      found.set(row.user_id as UserId, { keyId: row.key_id, box: new Uint8Array(Buffer.from(row.box, 'base64')) });
    }
  }
  return found;
}

/** Writes sealed credentials, replacing earlier ones. */
export async function writeCredentials(
  db: Database,
  credentials: readonly { readonly id: UserId; readonly sealed: SealedCredential }[],
): Promise<void> {
  for (const chunk of inChunks(credentials)) {
    await db
      .insertInto('user_credentials')
      .values(
        chunk.map(({ id, sealed }) => ({
          user_id: id,
          key_id: sealed.keyId,
          box: bufferOf(sealed.box).toString('base64'),
        })),
      )
      .onConflict(conflict =>
        conflict.column('user_id').doUpdateSet(eb => ({ key_id: eb.ref('excluded.key_id'), box: eb.ref('excluded.box') })),
      )
      .execute();
  }
}

function userFromRow(row: UserTable): User {
  return {
    id: row.id as UserId,
    tenant: row.tenant as TenantId,
    aor: row.aor as Aor,
    displayName: row.display_name,
    enabled: row.enabled === 1,
    registrarPool: row.registrar_pool as Fqdn,
    hostingProviderProxyFqdn: row.hosting_provider_proxy_fqdn as HomeLocator,
    policies: policiesOf(row),
    ...(row.attributes === null ? {} : { attributes: JSON.parse(row.attributes) as UserAttributes }),
    ...(row.blocked_senders === null ? {} : { blockedSenders: JSON.parse(row.blocked_senders) as BlockedSender[] }),
    version: row.version,
    credentialVersion: row.credential_version,
  };
}

/** A server of schema 0002 that still shares the database writes the column of its one policy alone: so that column has the word on it. */
function policiesOf({ policies, external_access_policy: granted }: UserTable): User['policies'] {
  const { CsExternalAccessPolicy: _, ...others } = policies === null ? {} : (JSON.parse(policies) as Record<string, string>);
  return granted === null ? others : { ...others, CsExternalAccessPolicy: granted };
}

function rowFromUser(user: User): UserTable {
  return {
    id: user.id,
    tenant: user.tenant,
    aor: user.aor,
    display_name: user.displayName,
    enabled: user.enabled ? 1 : 0,
    registrar_pool: user.registrarPool,
    hosting_provider_proxy_fqdn: user.hostingProviderProxyFqdn,
    external_access_policy: user.policies.CsExternalAccessPolicy ?? null,
    policies: Object.keys(user.policies).length === 0 ? null : JSON.stringify(user.policies),
    attributes: user.attributes === undefined ? null : JSON.stringify(user.attributes),
    blocked_senders: user.blockedSenders === undefined ? null : JSON.stringify(user.blockedSenders),
    version: user.version,
    credential_version: user.credentialVersion,
  };
}
