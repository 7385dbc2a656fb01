import type { UserId } from '../model/names.ts';
import type { CredentialSealer, DigestSecrets } from './credential-sealer.ts';
import type { SealedBox } from './seal-keys.ts';

/** Where sealed credentials come from: the store, read in batches. */
export type ReadSealedCredentials = (ids: readonly UserId[]) => Promise<ReadonlyMap<UserId, SealedBox>>;

/** The user's credential is being read: ask again when `until` has settled. */
export interface CredentialPending {
  readonly kind: 'pending';
  readonly until: Promise<void>;
}

/** A credential was looked for; `secrets` is absent when the user has none or it cannot be opened. */
export interface CredentialKnown {
  readonly kind: 'known';
  readonly secrets: DigestSecrets | undefined;
}

interface Entry {
  readonly version: number;
  readonly known: CredentialKnown;
}

const maxEntries = 50_000;
/** A miss is asked again after the store said so: a password may be set any moment. */
const unknownSecrets: CredentialKnown = { kind: 'known', secrets: undefined };

/**
 * Opened credentials of users who sign in, by user and credential version; everything asked for within one turn of the event
 * loop is read from the store at once.
 */
export class CredentialCache {
  readonly #read: ReadSealedCredentials;
  readonly #sealer: CredentialSealer;
  readonly #entries = new Map<UserId, Entry>();
  readonly #wanted = new Map<UserId, number>();
  #reading: Promise<void> | undefined;

  constructor(read: ReadSealedCredentials, sealer: CredentialSealer) {
    this.#read = read;
    this.#sealer = sealer;
  }

  /** The secrets of a user in the given credential version, or what to wait for. A failed read leaves the entry unread. */
  get(user: UserId, version: number): CredentialKnown | CredentialPending {
    const entry = this.#entries.get(user);
    if (entry?.version === version) return entry.known;
    this.#wanted.set(user, version);
    this.#reading ??= Promise.resolve().then(() => this.#readWanted());
    return { kind: 'pending', until: this.#reading };
  }

  async #readWanted(): Promise<void> {
    const wanted = new Map(this.#wanted);
    this.#wanted.clear();
    this.#reading = undefined;
    const found = await this.#read([...wanted.keys()]);
    for (const [user, version] of wanted) {
      const sealed = found.get(user);
      const secrets = sealed ? this.#sealer.unseal(user, sealed) : undefined;
      this.#remember(user, { version, known: secrets?.ok ? { kind: 'known', secrets: secrets.value } : unknownSecrets });
    }
  }

  #remember(user: UserId, entry: Entry): void {
    this.#entries.delete(user);
    this.#entries.set(user, entry);
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value as UserId);
  }
}
