import { compareTexts } from '../base/compare-texts.ts';
import { copyTables } from '../base/copy-tables.ts';
import type { ConfigurationDifference, ObjectKey } from '../model/configuration-change.ts';
import { type ConfigurationDocument, type ConfigurationObject, configurationKinds } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { canonicalJson } from './canonical-json.ts';

/** Who a snapshot is for: an Edge gets no per-user policy; users and credentials are in neither (D25). */
export type Projection = 'edge' | 'node';

/** The objects of one kind and owner, by identity. */
type ObjectGroup = ReadonlyMap<string, ConfigurationObject>;

/** The part of a configuration that one kind of recipient gets. Never changed once made: two states share the groups in which they do not differ. */
export class ProjectedState {
  readonly projection: Projection;
  readonly version: ConfigurationVersion;
  readonly #groups: ReadonlyMap<string, ObjectGroup>;
  #text: string | undefined;

  private constructor(projection: Projection, version: ConfigurationVersion, groups: ReadonlyMap<string, ObjectGroup>) {
    this.projection = projection;
    this.version = version;
    this.#groups = groups;
  }

  /** The state of a document as the recipient sees it. */
  static of(document: ConfigurationDocument, projection: Projection): ProjectedState {
    const groups = new Map<string, Map<string, ConfigurationObject>>();
    let last: ConfigurationObject | undefined;
    let group = new Map<string, ConfigurationObject>();
    for (const object of document.objects) {
      if (!isProjected(object, projection)) continue;
      // in a document the objects of a group mostly follow each other
      if (object.kind !== last?.kind || object.owner !== last.owner) {
        group = groups.get(groupName(object)) ?? new Map<string, ConfigurationObject>();
        groups.set(groupName(object), group);
      }
      last = object;
      group.set(object.identity, object);
    }
    return new ProjectedState(projection, document.version, groups);
  }

  /** The objects as canonical JSON, ordered by kind, owner and identity; made once, however many recipients there are. */
  objectsText(): string {
    if (this.#text === undefined) {
      const objects = byName(this.#groups).flatMap(group => byName(group));
      this.#text = `[${objects.map(object => canonicalJson(object)).join(',')}]`;
    }
    return this.#text;
  }

  /** What a holder of `from` needs to become this; undefined over a change of epoch, where object versions say nothing. */
  differenceFrom(from: ProjectedState): ConfigurationDifference | undefined {
    if (from.version.epoch !== this.version.epoch || from.projection !== this.projection) return undefined;
    const changed: ConfigurationObject[] = [];
    const removed: ObjectKey[] = [];
    for (const [name, group] of this.#groups) {
      const before = from.#groups.get(name);
      if (before === group) continue;
      for (const [identity, object] of group) if (before?.get(identity)?.version !== object.version) changed.push(object);
    }
    for (const [name, before] of from.#groups) {
      const group = this.#groups.get(name);
      if (before === group) continue;
      for (const { kind, owner, identity } of before.values()) {
        if (!group?.has(identity)) removed.push({ kind, owner, identity });
      }
    }
    return { changed, removed };
  }

  /** The document a recipient runs from. */
  toDocument(): ConfigurationDocument {
    return { version: this.version, objects: [...this.#groups.values()].flatMap(group => [...group.values()]) };
  }

  /** The state after a difference, of which the recipient sees its part. */
  advance(version: ConfigurationVersion, difference: ConfigurationDifference): ProjectedState {
    const removed = difference.removed.filter(key => isProjected(key, this.projection));
    const changed = difference.changed.filter(object => isProjected(object, this.projection));
    const touched = copyTables(this.#groups, [...removed, ...changed].map(groupName));
    for (const key of removed) touched.get(groupName(key))?.delete(key.identity);
    for (const object of changed) touched.get(groupName(object))?.set(object.identity, object);
    return new ProjectedState(this.projection, version, new Map([...this.#groups, ...touched]));
  }
}

function isProjected({ kind }: Pick<ObjectKey, 'kind'>, projection: Projection): boolean {
  return projection === 'node' || configurationKinds[kind].edge;
}

function groupName({ kind, owner }: Pick<ObjectKey, 'kind' | 'owner'>): string {
  return `${kind}\n${owner}`;
}

function byName<T>(values: ReadonlyMap<string, T>): T[] {
  return [...values].sort(([a], [b]) => compareTexts(a, b)).map(([, value]) => value);
}
