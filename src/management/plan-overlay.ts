import { objectKeyText } from '../model/configuration-change.ts';
import type { Aor, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { ObjectChange, UserChange } from '../store/store.ts';
import type { ChangePlan } from './change-plan.ts';
import type { ManagementState } from './management-state.ts';
import type { UserTable } from './user-table.ts';

/** Plans on top of a state, each of which sees what those before it would do; together they are one change of that state. */
export class PlanOverlay {
  readonly #base: ManagementState;
  readonly #objects = new Map<string, ObjectChange>();
  readonly #users = new Map<UserId, UserChange>();
  #state: ManagementState;

  constructor(base: ManagementState) {
    this.#base = base;
    this.#state = base;
  }

  /** The state as it would be; what is new in it has the version 0. */
  get state(): ManagementState {
    return this.#state;
  }

  /** All that was added, as one change of the state below: each object and user once. */
  get changes(): Pick<ChangePlan, 'objects' | 'users'> {
    return { objects: [...this.#objects.values()], users: [...this.#users.values()] };
  }

  /** How many objects and users are changed. */
  get count(): number {
    return this.#objects.size + this.#users.size;
  }

  /** Puts a plan made for `state` on top. */
  add({ objects, users }: Pick<ChangePlan, 'objects' | 'users'>): void {
    for (const change of objects) merge(this.#objects, objectKeyText(change), change, change.body === null);
    for (const change of users) {
      const sealed = change.sealedCredential ?? this.#users.get(change.id)?.sealedCredential;
      const kept = sealed && change.user ? { ...change, sealedCredential: sealed } : change;
      merge(this.#users, change.id, kept, change.user === null);
    }
    const changed = [...this.#objects.values()];
    this.#state = {
      configuration: objects.length > 0 ? this.#base.configuration.overlaid(changed) : this.#state.configuration,
      users: users.length > 0 ? overlaidUsers(this.#base.users, this.#users) : this.#state.users,
    };
  }
}

/** A later change of the same thing replaces the earlier one, and is still a change of what was there at first. */
function merge<K, C extends { readonly expectedVersion: number | null }>(
  changes: Map<K, C>,
  key: K,
  change: C,
  removes: boolean,
): void {
  const { expectedVersion } = changes.get(key) ?? change;
  if (removes && expectedVersion === null) changes.delete(key);
  else changes.set(key, { ...change, expectedVersion });
}

function overlaidUsers(base: UserTable, changes: ReadonlyMap<UserId, UserChange>): UserTable {
  const changed = new Map<UserId, User>();
  const byAor = new Map<Aor, User>();
  for (const { id, user } of changes.values()) {
    if (!user) continue;
    const after = { ...user, version: base.get(id)?.version ?? 0 };
    changed.set(id, after);
    byAor.set(after.aor, after);
  }
  const untouched = (user: User | undefined) => (user && !changes.has(user.id) ? user : undefined);
  return {
    find: aor => byAor.get(aor) ?? untouched(base.find(aor)),
    get: id => (changes.has(id) ? changed.get(id) : base.get(id)),
    *all() {
      for (const user of base.all()) if (!changes.has(user.id)) yield user;
      yield* changed.values();
    },
  };
}
