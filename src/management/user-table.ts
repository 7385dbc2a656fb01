import type { Aor, TenantId, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';

/** Users as commands look them up. */
export interface UserTable {
  /** The user of an address. */
  find(aor: Aor): User | undefined;
  get(id: UserId): User | undefined;
  /** In no particular order. */
  all(): Iterable<User>;
}

/** The users of one tenant: others do not exist. */
export function usersOfTenant(users: UserTable, tenant: TenantId): UserTable {
  const own = (user: User | undefined) => (user?.tenant === tenant ? user : undefined);
  return {
    find: aor => own(users.find(aor)),
    get: id => own(users.get(id)),
    *all() {
      for (const user of users.all()) if (user.tenant === tenant) yield user;
    },
  };
}
