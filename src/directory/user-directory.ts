import type { Clock } from '../base/clock.ts';
import { Listeners } from '../base/listeners.ts';
import type { Aor, TenantId, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { Store } from '../store/store.ts';
import { RefreshLoop } from './refresh-loop.ts';

/** What is told about a user: undefined before = new, undefined after = removed. */
export type UserListener = (before: User | undefined, after: User | undefined) => void;

/** All users, in memory: found by address or id without a look into the store, and kept current by its hints. */
export class UserDirectory {
  readonly #store: Pick<Store, 'readUsers' | 'onHint'>;
  readonly #loop: RefreshLoop;
  readonly #byAor = new Map<Aor, User>();
  readonly #byId = new Map<UserId, User>();
  readonly #listeners = new Listeners<Parameters<UserListener>>();
  readonly #stopHints: () => void;
  /** Hinted at and not read yet. */
  #stale = new Set<UserId>();
  /** Hints may have been lost: everything is read again. */
  #allStale = false;

  private constructor(store: Pick<Store, 'readUsers' | 'onHint'>, clock: Clock) {
    this.#store = store;
    this.#loop = new RefreshLoop(clock, () => this.#readStale());
    this.#stopHints = store.onHint(hint => {
      if (hint.kind === 'users') for (const id of hint.ids) this.#stale.add(id);
      else if (hint.kind === 'resync') this.#allStale = true;
      else return;
      this.#loop.hint();
    });
  }

  /** Reads all users and follows them from then on; throws FailureError when the store cannot be read. */
  static async open(store: Pick<Store, 'readUsers' | 'onHint'>, clock: Clock): Promise<UserDirectory> {
    const directory = new UserDirectory(store, clock);
    const all = await store.readUsers();
    // A hint during the read makes its user stale, so the older state cannot stay.
    directory.#apply(
      all.filter(user => !directory.#byId.has(user.id)),
      [],
    );
    await directory.refresh();
    return directory;
  }

  /** Number of users of all tenants. */
  get count(): number {
    return this.#byId.size;
  }

  /** The user of an address. */
  find(aor: Aor): User | undefined {
    return this.#byAor.get(aor);
  }

  get(id: UserId): User | undefined {
    return this.#byId.get(id);
  }

  /** The users of all tenants, in no particular order. */
  all(): IterableIterator<User> {
    return this.#byId.values();
  }

  /** The users of one tenant, in no particular order; goes through all users. */
  list(tenant: TenantId): readonly User[] {
    return [...this.#byId.values()].filter(user => user.tenant === tenant);
  }

  /** Resolves when every change hinted at before this call is seen; with ids, also when these users are read anew. */
  refresh(ids: readonly UserId[] = []): Promise<void> {
    for (const id of ids) this.#stale.add(id);
    return this.#loop.refresh();
  }

  /** Reads everything again. */
  reread(): Promise<void> {
    this.#allStale = true;
    return this.#loop.refresh();
  }

  /** Resolves when every change hinted at before this call is seen, at once where there is none; rejects with FailureError when the store cannot be read. */
  caughtUp(): Promise<void> {
    return this.#loop.caughtUp();
  }

  /** Calls `listener` for each user that changed, within the tick of the read; returns the function that stops it. */
  onChanged(listener: UserListener): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#stopHints();
    this.#loop.close();
    this.#listeners.clear();
  }

  async #readStale(): Promise<void> {
    if (this.#allStale) await this.#readAll();
    if (this.#stale.size === 0) return;
    const ids = [...this.#stale];
    this.#stale = new Set();
    let found: readonly User[];
    try {
      found = await this.#store.readUsers({ ids });
    } catch (error) {
      for (const id of ids) this.#stale.add(id);
      throw error;
    }
    const present = new Set(found.map(user => user.id));
    this.#apply(
      found,
      ids.filter(id => !present.has(id)),
    );
  }

  async #readAll(): Promise<void> {
    this.#allStale = false;
    let all: readonly User[];
    try {
      all = await this.#store.readUsers();
    } catch (error) {
      this.#allStale = true;
      throw error;
    }
    const present = new Set(all.map(user => user.id));
    this.#apply(
      all,
      [...this.#byId.keys()].filter(id => !present.has(id)),
    );
  }

  #apply(found: readonly User[], gone: readonly UserId[]): void {
    const changes: [User | undefined, User | undefined][] = [];
    for (const user of found) {
      const before = this.#byId.get(user.id);
      if (before?.version !== user.version) changes.push([before, user]);
    }
    for (const id of gone) if (this.#byId.has(id)) changes.push([this.#byId.get(id), undefined]);
    // First all old addresses away, then the new ones: two users may have changed places.
    for (const [before] of changes) {
      if (!before) continue;
      this.#byId.delete(before.id);
      this.#byAor.delete(before.aor);
    }
    for (const [, after] of changes) {
      if (!after) continue;
      this.#byId.set(after.id, after);
      this.#byAor.set(after.aor, after);
    }
    for (const [before, after] of changes) this.#listeners.tell(before, after);
  }
}
