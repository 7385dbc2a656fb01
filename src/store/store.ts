import type { Result } from '../base/result.ts';
import type { Binding } from '../model/binding.ts';
import type { ConfigurationChange } from '../model/configuration-change.ts';
import type { ConfigurationBody, ConfigurationDocument, ConfigurationKind } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { Aor, TenantId, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';

/** Change of one configuration object. `expectedVersion: null` = must not exist yet; `body: null` = remove. */
export interface ObjectChange<K extends ConfigurationKind = ConfigurationKind> {
  readonly kind: K;
  readonly owner: string;
  readonly identity: string;
  readonly expectedVersion: number | null;
  readonly body: ConfigurationBody<K> | null;
}

/** Change of one user. `expectedVersion: null` = must not exist yet; `user: null` = remove with everything that belongs to the user. */
export interface UserChange {
  readonly id: UserId;
  readonly expectedVersion: number | null;
  readonly user: Omit<User, 'version'> | null;
  /** A new sealed credential; absent = keep. */
  readonly sealedCredential?: SealedCredential;
}

/** A user's secrets as stored: ciphertext and the id of the key that sealed it; never the key, never the clear text (D4). */
export interface SealedCredential {
  readonly keyId: string;
  readonly box: Uint8Array;
}

/** One transaction on configuration and users; it becomes one revision or nothing at all. */
export interface ChangeSet {
  readonly author: string;
  /** Address the change came from. */
  readonly from?: string;
  /** The command as an admin would type it, without secrets. */
  readonly summary: string;
  /** The configuration this change was validated against; a different current one is a conflict (STORE_CONFLICT). */
  readonly basedOn: ConfigurationVersion;
  readonly objects: readonly ObjectChange[];
  readonly users: readonly UserChange[];
}

/** What a committed change set became. `configuration` moves only when objects changed. */
export interface Committed {
  readonly revision: number;
  readonly configuration: ConfigurationVersion;
}

/** One entry of the history: who changed what when, with the state before and after. */
export interface Revision {
  readonly number: number;
  readonly epoch: number;
  readonly atMs: number;
  readonly author: string;
  /** Address the change came from; absent where that is not known. */
  readonly from?: string;
  readonly summary: string;
  readonly changes: readonly RevisionChange[];
}

/** One object or user in a revision; `before: null` = created, `after: null` = removed. Never holds credentials. */
export interface RevisionChange {
  readonly kind: ConfigurationKind | 'CsUser';
  readonly owner: string;
  readonly identity: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Key of a binding and who must hold it for a delete to count: a late close never removes a newer binding (D21). */
export interface BindingKey {
  readonly aor: Aor;
  readonly instance: string;
  readonly node: string;
  readonly incarnation: string;
  readonly flow: string;
}

/** A hint that something changed; never truth: the receiver re-reads (D19). */
export type StoreHint =
  | { readonly kind: 'configuration'; readonly version: ConfigurationVersion }
  | { readonly kind: 'users'; readonly ids: readonly UserId[] }
  | { readonly kind: 'bindings'; readonly aors: readonly Aor[] }
  /** Hints may have been lost: whatever is followed has to be read again as a whole. */
  | { readonly kind: 'resync' };

/** The configuration, users and history: read and changed with revisions. */
export interface ConfigurationStore {
  readConfiguration(): Promise<ConfigurationDocument>;
  /** What changed since a version that was read; undefined when the store cannot tell, or not in short: then all is to be read. */
  readConfigurationChange(since: ConfigurationVersion): Promise<ConfigurationChange | undefined>;
  /** Fails with STORE_CONFLICT (stale version or basedOn), ALREADY_EXISTS, NOT_FOUND, or STORE_UNAVAILABLE; durable when it returns ok. */
  commit(change: ChangeSet): Promise<Result<Committed>>;
  /** Newest first; `before` pages backwards. */
  readRevisions(limit: number, before?: number): Promise<readonly Revision[]>;
}

/** Users and their sealed credentials. */
export interface UserStore {
  readUsers(filter?: { readonly tenant?: TenantId; readonly ids?: readonly UserId[] }): Promise<readonly User[]>;
  readCredentials(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, SealedCredential>>;
}

/** Durable side of the registrar's bindings. */
export interface BindingStore {
  /** Writes in one transaction, newest state wins per (aor, instance). */
  writeBindings(upserts: readonly Binding[], removals: readonly BindingKey[]): Promise<Result<void>>;
  readBindings(aors?: readonly Aor[]): Promise<readonly Binding[]>;
  /** Removes bindings of earlier incarnations of this node. */
  forgetIncarnations(node: string, except: string): Promise<Result<void>>;
}

/** The beginning of a backup: where the store stands, and its present state as pieces. */
export interface BackupState {
  /** Name of the newest migration the rows are of. */
  readonly schema: string;
  readonly epoch: number;
  /** The last revision; the history up to it is read afterwards, for it never changes. */
  readonly revision: number;
  /** JSON texts, each a `TableRows`. */
  readonly pieces: readonly string[];
}

/** A part of the history, and the last revision in it. */
export interface BackupHistory {
  readonly pieces: readonly string[];
  readonly last: number;
}

/** What a backup is made from, while the store is in use. */
export interface BackupStore {
  /** The present state, all of it at one moment. */
  readBackupState(): Promise<BackupState>;
  /** The history after revision `after` and up to `upTo`, a part at a time. */
  readBackupHistory(after: number, upTo: number): Promise<BackupHistory>;
}

/** The store as a role holds it. `close` finishes what was accepted. */
export interface Store extends ConfigurationStore, UserStore, BindingStore, BackupStore {
  /** Calls `listener` after each commit, coalesced; returns the function that stops it. */
  onHint(listener: (hint: StoreHint) => void): () => void;
  close(): Promise<void>;
}

/** A store on its engine. */
export interface OpenedStore extends Store {
  /** Goes through everything that is stored, which takes a while. Fails with DATABASE_CORRUPT; a database server sees to that itself. */
  verify(): Promise<Result<void>>;
}
