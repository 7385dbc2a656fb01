import type { Clock, Timer } from '../base/clock.ts';
import type { UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { SealedCredential, Store } from '../store/store.ts';
import type { UserDirectory } from './user-directory.ts';

/** Users whose credentials are read at a time, and the pause after them, milliseconds: sign-ins and changes get their turn in between. */
const perRead = 500;
const pauseMs = 20;
/** A store that is away is asked again after this, milliseconds. */
const retryMs = 5_000;

interface Held {
  /** Of the user's credential when it was read. */
  readonly version: number;
  /** Absent: the user has none. */
  readonly sealed: SealedCredential | undefined;
}

/**
 * The sealed credentials of all users in memory, some 0.4 KB each: so a first sign-in does not need the store, which may be away. They follow the
 * users, whose versions tell when one was replaced, and are opened by nobody here.
 */
export class SealedCredentials {
  readonly #store: Pick<Store, 'readCredentials'>;
  readonly #directory: Pick<UserDirectory, 'all' | 'get' | 'onChanged'>;
  readonly #clock: Clock;
  readonly #held = new Map<UserId, Held>();
  readonly #wanted = new Set<UserId>();
  readonly #stopChanges: () => void;
  #timer: Timer | undefined;
  #closed = false;

  constructor(store: Pick<Store, 'readCredentials'>, directory: Pick<UserDirectory, 'all' | 'get' | 'onChanged'>, clock: Clock) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#stopChanges = directory.onChanged((before, after) => this.#changed(before, after));
    for (const { id } of directory.all()) this.#wanted.add(id);
    this.#readLater(pauseMs);
  }

  /** How many users' credentials are held. */
  get count(): number {
    return this.#held.size;
  }

  /** Credentials by user: from memory where they are those of the user as it is known now, and not `fresh`; else from the store. Throws as the store does. */
  async read(ids: readonly UserId[], fresh: ReadonlySet<UserId>): Promise<ReadonlyMap<UserId, SealedCredential>> {
    const found = new Map<UserId, SealedCredential>();
    const missing: UserId[] = [];
    for (const id of ids) {
      const held = this.#current(id);
      // nor are those of nobody looked up, or the time would tell who is a user
      const isKnown = held !== undefined || !this.#directory.get(id);
      if (fresh.has(id) || !isKnown) missing.push(id);
      else if (held?.sealed) found.set(id, held.sealed);
    }
    if (missing.length === 0) return found;
    for (const [id, sealed] of await this.#fetch(missing)) found.set(id, sealed);
    return found;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#stopChanges();
  }

  #current(id: UserId): Held | undefined {
    const held = this.#held.get(id);
    return held && held.version === this.#directory.get(id)?.credentialVersion ? held : undefined;
  }

  /** A version that is older than what was read is found out by the next change of the user, never the other way round. */
  async #fetch(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, SealedCredential>> {
    const versions = ids.map(id => this.#directory.get(id)?.credentialVersion);
    const found = await this.#store.readCredentials(ids);
    ids.forEach((id, at) => {
      const version = versions[at];
      if (version !== undefined && this.#directory.get(id)) this.#held.set(id, { version, sealed: found.get(id) });
    });
    return found;
  }

  #changed(before: User | undefined, after: User | undefined): void {
    if (!after) {
      if (before) this.#held.delete(before.id);
      return;
    }
    if (before?.id === after.id && before.credentialVersion === after.credentialVersion) return;
    this.#wanted.add(after.id);
    this.#readLater(pauseMs);
  }

  #readLater(delayMs: number): void {
    if (this.#timer || this.#closed || this.#wanted.size === 0) return;
    this.#timer = this.#clock.after(delayMs, () => void this.#readSome());
  }

  async #readSome(): Promise<void> {
    const ids: UserId[] = [];
    for (const id of this.#wanted) {
      this.#wanted.delete(id);
      if (this.#directory.get(id) && !this.#current(id)) ids.push(id);
      if (ids.length >= perRead) break;
    }
    let nextMs = pauseMs;
    try {
      if (ids.length > 0) await this.#fetch(ids);
    } catch {
      // whoever signs in meets the reason and reports it
      for (const id of ids) this.#wanted.add(id);
      nextMs = retryMs;
    }
    this.#timer = undefined;
    this.#readLater(nextMs);
  }
}
