import type { UserId } from '../model/names.ts';
import type { CredentialSealer, DigestSecrets } from './credential-sealer.ts';
import type { SealedBox } from './seal-keys.ts';

/** Where sealed credentials come from, in batches; those of `fresh` are to be read from the store, whatever is known of them. */
export type ReadSealedCredentials = (
  ids: readonly UserId[],
  fresh: ReadonlySet<UserId>,
) => Promise<ReadonlyMap<UserId, SealedBox>>;

/** The user's credential is being read: ask again when `until` has settled. */
export interface CredentialPending {
  readonly kind: 'pending';
  readonly until: Promise<unknown>;
}

/** A credential was looked for; `secrets` is absent when the user has none or it cannot be opened. */
export interface CredentialKnown {
  readonly kind: 'known';
  readonly secrets: DigestSecrets | undefined;
}

/** The store could not be read just now; said once to each who waited for it. */
export interface CredentialUnavailable {
  readonly kind: 'unavailable';
}

interface Entry {
  readonly version: number;
  readonly known: CredentialKnown;
}

const maxEntries = 50_000;
/** A miss is asked again after the store said so: a password may be set any moment. */
const unavailable: CredentialUnavailable = { kind: 'unavailable' };
const unknownSecrets: CredentialKnown = { kind: 'known', secrets: undefined };

/**
 * Opened credentials of users who sign in, by user and credential version; everything asked for within one turn of the event
 * loop is read from the store at once, and so is what is asked for while the store reads.
 */
export class CredentialCache {
  readonly #read: ReadSealedCredentials;
  readonly #sealer: CredentialSealer;
  readonly #entries = new Map<UserId, Entry>();
  readonly #wanted = new Map<UserId, number>();
  #fresh = new Set<UserId>();
  readonly #unavailable = new Set<UserId>();
  /** Under way. */
  #reading: Promise<boolean> | undefined;
  /** Begins when that one is done. */
  #next: Promise<boolean> | undefined;

  constructor(read: ReadSealedCredentials, sealer: CredentialSealer) {
    this.#read = read;
    this.#sealer = sealer;
  }

  /** The secrets of a user in the given credential version, or what to wait for, or that the store is away. */
  get(user: UserId, version: number): CredentialKnown | CredentialPending | CredentialUnavailable {
    const entry = this.#entries.get(user);
    if (entry?.version === version) return entry.known;
    if (this.#unavailable.delete(user)) return unavailable;
    return { kind: 'pending', until: this.#want(user, version) };
  }

  /** Reads a credential although it may be known: whether that could be done. */
  readAgain(user: UserId, version: number): Promise<boolean> {
    this.#fresh.add(user);
    return this.#want(user, version);
  }

  #want(user: UserId, version: number): Promise<boolean> {
    this.#wanted.set(user, version);
    this.#next ??= this.#readNext();
    return this.#next;
  }

  async #readNext(): Promise<boolean> {
    await this.#reading;
    this.#reading = this.#next;
    this.#next = undefined;
    return this.#readWanted();
  }

  async #readWanted(): Promise<boolean> {
    const wanted = new Map(this.#wanted);
    this.#wanted.clear();
    const fresh = this.#fresh;
    this.#fresh = new Set();
    let found: ReadonlyMap<UserId, SealedBox>;
    try {
      found = await this.#read([...wanted.keys()], fresh);
    } catch {
      // whoever waited is told, and the next one who asks makes us try again
      for (const [user, version] of wanted) if (this.#entries.get(user)?.version !== version) this.#unavailable.add(user);
      return false;
    }
    for (const [user, version] of wanted) {
      const sealed = found.get(user);
      const secrets = sealed ? this.#sealer.unseal(user, sealed) : this.#sealer.unsealNothing();
      this.#remember(user, { version, known: secrets?.ok ? { kind: 'known', secrets: secrets.value } : unknownSecrets });
    }
    return true;
  }

  #remember(user: UserId, entry: Entry): void {
    this.#entries.delete(user);
    this.#entries.set(user, entry);
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value as UserId);
  }
}
