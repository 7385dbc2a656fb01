import {
  type ConfigurationDocument,
  type ConfigurationKind,
  type ConfigurationObject,
  deploymentOwner,
} from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { uniqueKeysOf } from '../model/unique-key.ts';

/** A tenant as commands see it. */
export interface TenantEntry {
  readonly id: string;
  readonly name: string;
}

/** One state of the configuration with the indexes that validation needs. Never changed; a commit makes a new one. */
export class ConfigurationState {
  readonly version: ConfigurationVersion;
  readonly #byKind = new Map<ConfigurationKind, Map<string, ConfigurationObject>>();
  readonly #holders = new Map<string, ConfigurationObject>();

  constructor(document: ConfigurationDocument) {
    this.version = document.version;
    for (const object of document.objects) {
      let objects = this.#byKind.get(object.kind);
      if (!objects) this.#byKind.set(object.kind, (objects = new Map()));
      objects.set(objectKey(object.owner, object.identity), object);
      for (const key of uniqueKeysOf(object)) this.#holders.set(key, object);
    }
  }

  /** The object of that kind, owner and identity; letter case of the identity does not count. */
  find<K extends ConfigurationKind>(kind: K, owner: string, identity: string): ConfigurationObject<K> | undefined {
    return this.#byKind.get(kind)?.get(objectKey(owner, identity)) as ConfigurationObject<K> | undefined;
  }

  /** All objects of a kind, of one owner or of all, in the order of their identities. */
  list<K extends ConfigurationKind>(kind: K, owner?: string): readonly ConfigurationObject<K>[] {
    const all = [...(this.#byKind.get(kind)?.values() ?? [])] as ConfigurationObject<K>[];
    const mine = owner === undefined ? all : all.filter(object => object.owner === owner);
    return mine.sort((a, b) => (a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0));
  }

  /** Everything an owner has. */
  ownedBy(owner: string): readonly ConfigurationObject[] {
    return [...this.#byKind.values()].flatMap(objects => [...objects.values()].filter(object => object.owner === owner));
  }

  /** The object that claims a unique key already. */
  holderOf(key: string): ConfigurationObject | undefined {
    return this.#holders.get(key);
  }

  /** All tenants, oldest first: ids are ULIDs. */
  tenants(): readonly TenantEntry[] {
    return this.list('CsTenant')
      .map(tenant => ({ id: tenant.owner, name: tenant.identity }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Name of the tenant that owns something; undefined for the deployment. */
  tenantName(owner: string): string | undefined {
    return owner === deploymentOwner ? undefined : (this.tenants().find(tenant => tenant.id === owner)?.name ?? owner);
  }
}

function objectKey(owner: string, identity: string): string {
  return `${owner} ${identity.toLowerCase()}`;
}
