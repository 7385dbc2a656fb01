import type { Aor, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { ManagementStore } from './management-ports.ts';

/** All users by address and id, kept current by hints and by the commits of this process. */
export class UserIndex {
  readonly #store: ManagementStore;
  readonly #stopHints: () => void;
  #byId = new Map<UserId, User>();
  #byAor = new Map<Aor, User>();
  #loaded = false;
  #stale = new Set<UserId>();
  #refreshing: Promise<void> = Promise.resolve();

  constructor(store: ManagementStore) {
    this.#store = store;
    this.#stopHints = store.onHint(hint => {
      if (hint.kind === 'users' && this.#loaded) for (const id of hint.ids) this.#stale.add(id);
      if (hint.kind === 'resync') this.forget();
    });
  }

  /** Brings the index up to date; call before reading from it. */
  refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.then(
      () => this.#update(),
      () => this.#update(),
    );
    return this.#refreshing;
  }

  /** Users that were just changed here, or that a conflict has shown to be old. */
  markStale(ids: readonly UserId[]): void {
    if (this.#loaded) for (const id of ids) this.#stale.add(id);
  }

  /** Makes the next refresh read everything. */
  forget(): void {
    this.#loaded = false;
  }

  byAor(aor: Aor): User | undefined {
    return this.#byAor.get(aor);
  }

  byId(id: UserId): User | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<User> {
    return this.#byId.values();
  }

  close(): void {
    this.#stopHints();
    this.#byId.clear();
    this.#byAor.clear();
    this.#loaded = false;
  }

  async #update(): Promise<void> {
    if (!this.#loaded) {
      this.#stale = new Set();
      // Set before reading: a hint that arrives while the store is read must not be lost.
      this.#loaded = true;
      try {
        this.#replaceAll(await this.#store.readUsers());
      } catch (fault) {
        this.#loaded = false;
        throw fault;
      }
    }
    if (this.#stale.size === 0) return;
    const ids = [...this.#stale];
    this.#stale = new Set();
    try {
      this.#replace(ids, await this.#store.readUsers({ ids }));
    } catch (fault) {
      this.#loaded = false;
      throw fault;
    }
  }

  #replaceAll(users: readonly User[]): void {
    this.#byId = new Map(users.map(user => [user.id, user]));
    this.#byAor = new Map(users.map(user => [user.aor, user]));
  }

  #replace(ids: readonly UserId[], users: readonly User[]): void {
    for (const id of ids) {
      const old = this.#byId.get(id);
      if (old && this.#byAor.get(old.aor) === old) this.#byAor.delete(old.aor);
      this.#byId.delete(id);
    }
    for (const user of users) {
      this.#byId.set(user.id, user);
      this.#byAor.set(user.aor, user);
    }
  }
}
