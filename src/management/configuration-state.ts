import { compareTexts } from '../base/compare-texts.ts';
import { copyTables } from '../base/copy-tables.ts';
import { type ConfigurationChange, type ObjectKey, requireFollows } from '../model/configuration-change.ts';
import {
  type ConfigurationDocument,
  type ConfigurationKind,
  type ConfigurationObject,
  deploymentOwner,
} from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { TenantId } from '../model/names.ts';
import { uniqueKeysOf } from '../model/unique-key.ts';
import type { ObjectChange } from '../store/store.ts';

/** A tenant as commands see it. */
export interface TenantEntry {
  readonly id: string;
  readonly name: string;
}

/** One state of the configuration with the indexes that validation needs. Never changed; a commit makes a new one. */
export class ConfigurationState {
  readonly version: ConfigurationVersion;
  readonly #byKind: ReadonlyMap<ConfigurationKind, ReadonlyMap<string, ConfigurationObject>>;
  readonly #holders: ReadonlyMap<string, ConfigurationObject>;
  /** The only tenant whose objects are seen; absent: all. */
  readonly #tenant: string | undefined;

  private constructor(
    version: ConfigurationVersion,
    byKind: ReadonlyMap<ConfigurationKind, ReadonlyMap<string, ConfigurationObject>>,
    holders: ReadonlyMap<string, ConfigurationObject>,
    tenant?: string,
  ) {
    this.version = version;
    this.#byKind = byKind;
    this.#holders = holders;
    this.#tenant = tenant;
  }

  /** The state that a document describes. */
  static of(document: ConfigurationDocument): ConfigurationState {
    const byKind = new Map<ConfigurationKind, Map<string, ConfigurationObject>>();
    const holders = new Map<string, ConfigurationObject>();
    for (const object of document.objects) {
      let objects = byKind.get(object.kind);
      if (!objects) byKind.set(object.kind, (objects = new Map()));
      objects.set(keyOf(object), object);
      for (const key of uniqueKeysOf(object)) holders.set(key, object);
    }
    return new ConfigurationState(document.version, byKind, holders);
  }

  /** This state as one tenant sees it: with what the deployment has, and nothing of other tenants but that a name is taken. */
  within(tenant: TenantId): ConfigurationState {
    return new ConfigurationState(this.version, this.#byKind, this.#holders, tenant);
  }

  /** The state after a change of this one: only the tables of the kinds it is about are made anew. Throws when it follows from another version. */
  after(change: ConfigurationChange): ConfigurationState {
    requireFollows(change, this.version);
    return this.#with(change.version, change.removed, change.changed);
  }

  /** The state as it would be after changes, still of this version; an object that is new has the version 0. */
  overlaid(changes: readonly ObjectChange[]): ConfigurationState {
    const removed = changes.filter(change => change.body === null);
    const changed = changes.flatMap(({ kind, owner, identity, body }) => {
      const version = this.find(kind, owner, identity)?.version ?? 0;
      return body === null ? [] : [{ kind, owner, identity, version, body } as ConfigurationObject];
    });
    return this.#with(this.version, removed, changed);
  }

  #with(
    version: ConfigurationVersion,
    removed: readonly ObjectKey[],
    changed: readonly ConfigurationObject[],
  ): ConfigurationState {
    const keys = [...removed, ...changed];
    if (keys.length === 0) return this;
    const touched = copyTables(
      this.#byKind,
      keys.map(key => key.kind),
    );
    const holders = new Map(this.#holders);
    // what was claimed goes first: one object may take over what another one held
    for (const key of keys) {
      const before = touched.get(key.kind)?.get(keyOf(key));
      if (before) for (const claim of uniqueKeysOf(before)) holders.delete(claim);
    }
    for (const key of removed) touched.get(key.kind)?.delete(keyOf(key));
    for (const object of changed) {
      touched.get(object.kind)?.set(keyOf(object), object);
      for (const claim of uniqueKeysOf(object)) holders.set(claim, object);
    }
    return new ConfigurationState(version, new Map([...this.#byKind, ...touched]), holders, this.#tenant);
  }

  /** The object of that kind, owner and identity; letter case of the identity does not count. */
  find<K extends ConfigurationKind>(kind: K, owner: string, identity: string): ConfigurationObject<K> | undefined {
    if (!this.#sees(owner)) return undefined;
    return this.#byKind.get(kind)?.get(keyOf({ owner, identity })) as ConfigurationObject<K> | undefined;
  }

  /** All objects of a kind, of one owner or of all, in the order of their identities. */
  list<K extends ConfigurationKind>(kind: K, owner?: string): readonly ConfigurationObject<K>[] {
    const all = [...(this.#byKind.get(kind)?.values() ?? [])] as ConfigurationObject<K>[];
    const isMine = (object: ConfigurationObject) => this.#sees(object.owner) && (owner === undefined || object.owner === owner);
    const mine = owner === undefined && this.#tenant === undefined ? all : all.filter(isMine);
    return mine.sort((a, b) => compareTexts(a.identity, b.identity));
  }

  /** Everything an owner has. */
  ownedBy(owner: string): readonly ConfigurationObject[] {
    if (!this.#sees(owner)) return [];
    return [...this.#byKind.values()].flatMap(objects => [...objects.values()].filter(object => object.owner === owner));
  }

  /** The object that claims a unique key already. */
  holderOf(key: string): ConfigurationObject | undefined {
    return this.#holders.get(key);
  }

  #sees(owner: string): boolean {
    return this.#tenant === undefined || owner === this.#tenant || owner === deploymentOwner;
  }

  /** All tenants, oldest first: ids are ULIDs. */
  tenants(): readonly TenantEntry[] {
    return this.list('CsTenant')
      .map(tenant => ({ id: tenant.owner, name: tenant.identity }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Whether a tenant is the oldest of all, whoever asks: in an on-premises deployment it is the organisation itself (D18). */
  isFirstTenant(id: string): boolean {
    const ids = [...(this.#byKind.get('CsTenant')?.values() ?? [])].map(tenant => tenant.owner);
    return ids.length > 0 && ids.every(other => id <= other);
  }

  /** Name of the tenant that owns something; undefined for the deployment. */
  tenantName(owner: string): string | undefined {
    return owner === deploymentOwner ? undefined : (this.tenants().find(tenant => tenant.id === owner)?.name ?? owner);
  }
}

function keyOf({ owner, identity }: Pick<ObjectKey, 'owner' | 'identity'>): string {
  return `${owner} ${identity.toLowerCase()}`;
}
