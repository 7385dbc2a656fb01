import { type ConfigurationDifference, type ObjectKey, objectKeyText } from '../model/configuration-change.ts';
import { type ConfigurationDocument, type ConfigurationObject, configurationKinds } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { canonicalJson } from './canonical-json.ts';

/** Who a snapshot is for: an Edge gets no per-user policy; users and credentials are in neither (D25). */
export type Projection = 'edge' | 'node';

/** The part of a configuration that one kind of recipient gets, in a fixed order. Never changed once made. */
export class ProjectedState {
  readonly projection: Projection;
  readonly version: ConfigurationVersion;
  readonly #objects: ReadonlyMap<string, ConfigurationObject>;
  #text: string | undefined;

  private constructor(projection: Projection, version: ConfigurationVersion, objects: ReadonlyMap<string, ConfigurationObject>) {
    this.projection = projection;
    this.version = version;
    this.#objects = objects;
  }

  /** The state of a document as the recipient sees it. */
  static of(document: ConfigurationDocument, projection: Projection): ProjectedState {
    const objects = new Map<string, ConfigurationObject>();
    for (const object of document.objects) if (isProjected(object, projection)) objects.set(objectKeyText(object), object);
    return new ProjectedState(projection, document.version, objects);
  }

  /** The objects as canonical JSON, ordered by key; made once, however many recipients there are. */
  objectsText(): string {
    if (this.#text === undefined) {
      const keys = [...this.#objects.keys()].sort();
      this.#text = `[${keys.map(key => canonicalJson(this.#objects.get(key))).join(',')}]`;
    }
    return this.#text;
  }

  /** What a holder of `from` needs to become this; undefined over a change of epoch, where object versions say nothing. */
  differenceFrom(from: ProjectedState): ConfigurationDifference | undefined {
    if (from.version.epoch !== this.version.epoch || from.projection !== this.projection) return undefined;
    const changed: ConfigurationObject[] = [];
    for (const [key, object] of this.#objects) if (from.#objects.get(key)?.version !== object.version) changed.push(object);
    const removed: ObjectKey[] = [];
    for (const [key, { kind, owner, identity }] of from.#objects) {
      if (!this.#objects.has(key)) removed.push({ kind, owner, identity });
    }
    return { changed, removed };
  }

  /** The document a recipient runs from. */
  toDocument(): ConfigurationDocument {
    return { version: this.version, objects: [...this.#objects.values()] };
  }

  /** The state after a difference, of which the recipient sees its part. */
  advance(version: ConfigurationVersion, difference: ConfigurationDifference): ProjectedState {
    const objects = new Map(this.#objects);
    for (const key of difference.removed) objects.delete(objectKeyText(key));
    for (const object of difference.changed) {
      if (isProjected(object, this.projection)) objects.set(objectKeyText(object), object);
    }
    return new ProjectedState(this.projection, version, objects);
  }
}

function isProjected({ kind }: ConfigurationObject, projection: Projection): boolean {
  return projection === 'node' || configurationKinds[kind].edge;
}
