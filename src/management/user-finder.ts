import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Aor, parseAor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { UserTable } from './user-table.ts';

/**
 * The user an identity means: an address, with or without `sip:`, or a display name that only one user has. An address as it is stored comes first: one
 * that could not be given its one form is another user's in that form, whom a command on it must not hit.
 * With a tenant, users of other tenants do not exist. Fails with OBJECT_UNKNOWN or IDENTITY_AMBIGUOUS.
 */
export function findUser(users: UserTable, tenant: string | undefined, identity: string): Result<User> {
  const stored = users.find(identity.trim() as Aor);
  if (stored && (tenant === undefined || stored.tenant === tenant)) return ok(stored);
  const aor = parseAor(identity);
  if (aor.ok) {
    const user = users.find(aor.value);
    if (user && (tenant === undefined || user.tenant === tenant)) return ok(user);
    return err(failure('OBJECT_UNKNOWN', { noun: 'CsUser', identity: aor.value }));
  }
  const wanted = identity.trim().toLowerCase();
  const found = [...users.all()].filter(
    user => user.displayName.toLowerCase() === wanted && (tenant === undefined || user.tenant === tenant),
  );
  const [only] = found;
  if (only && found.length === 1) return ok(only);
  if (found.length > 1) return err(failure('IDENTITY_AMBIGUOUS', { count: found.length, identity }));
  return err(failure('OBJECT_UNKNOWN', { noun: 'CsUser', identity }));
}
