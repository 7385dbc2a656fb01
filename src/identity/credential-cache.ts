import type { UserId } from '../model/names.ts';
import type { CredentialSealer, DigestSecrets } from './credential-sealer.ts';
import type { SealedBox } from './seal-keys.ts';

/** Where sealed credentials come from, in batches; those of `fresh` are to be read from the store, whatever is known of them. */
export type ReadSealedCredentials = (
  ids: readonly UserId[],
  fresh: ReadonlySet<UserId>,
) => Promise<ReadonlyMap<UserId, SealedBox>>;

/** A credential that was looked for; `secrets` is absent when the user has none or it cannot be opened. */
export interface CredentialKnown {
  readonly secrets: DigestSecrets | undefined;
}

interface Entry {
  readonly version: number;
  readonly known: CredentialKnown;
}

const maxEntries = 50_000;
const unknownSecrets: CredentialKnown = { secrets: undefined };

/**
 * Opened credentials of users who sign in, by user and credential version; everything asked for within one turn of the event
 * loop is read from the store at once, and so is what is asked for while the store reads. What came of a reading is told to all
 * who waited for it.
 */
export class CredentialCache {
  readonly #read: ReadSealedCredentials;
  readonly #sealer: CredentialSealer;
  readonly #entries = new Map<UserId, Entry>();
  readonly #wanted = new Map<UserId, number>();
  #fresh = new Set<UserId>();
  /** Under way. */
  #reading: Promise<boolean> | undefined;
  /** Begins when that one is done. */
  #next: Promise<boolean> | undefined;

  constructor(read: ReadSealedCredentials, sealer: CredentialSealer) {
    this.#read = read;
    this.#sealer = sealer;
  }

  /** The secrets of a user in the given credential version, where they are in memory. */
  peek(user: UserId, version: number): CredentialKnown | undefined {
    const entry = this.#entries.get(user);
    return entry?.version === version ? entry.known : undefined;
  }

  /** Looks for a credential, which `peek` has then; false when the store could not be read. */
  read(user: UserId, version: number): Promise<boolean> {
    this.#wanted.set(user, version);
    this.#next ??= this.#readNext();
    return this.#next;
  }

  /** The same in the store itself, although the credential may be known. */
  readAgain(user: UserId, version: number): Promise<boolean> {
    this.#fresh.add(user);
    return this.read(user, version);
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
      return false;
    }
    for (const [user, version] of wanted) {
      const sealed = found.get(user);
      const secrets = sealed ? this.#sealer.unseal(user, sealed) : this.#sealer.unsealNothing();
      this.#remember(user, { version, known: secrets?.ok ? { secrets: secrets.value } : unknownSecrets });
    }
    return true;
  }

  #remember(user: UserId, entry: Entry): void {
    this.#entries.delete(user);
    this.#entries.set(user, entry);
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value as UserId);
  }
}
