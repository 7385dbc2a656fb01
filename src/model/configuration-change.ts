import { compareTexts } from '../base/compare-texts.ts';
import type { ConfigurationDocument, ConfigurationKind, ConfigurationObject } from './configuration-object.ts';
import { type ConfigurationVersion, compareVersions } from './configuration-version.ts';

/** What names one configuration object. */
export interface ObjectKey {
  readonly kind: ConfigurationKind;
  readonly owner: string;
  readonly identity: string;
}

/** What leads from one state of the configuration to a later one; removing what is not there does nothing. */
export interface ConfigurationDifference {
  readonly changed: readonly ConfigurationObject[];
  readonly removed: readonly ObjectKey[];
}

/** What became of the configuration between two versions of one epoch. */
export interface ConfigurationChange extends ConfigurationDifference {
  readonly since: ConfigurationVersion;
  readonly version: ConfigurationVersion;
}

/** The key as one string: unequal keys never collide, for no part holds a line feed. */
export function objectKeyText({ kind, owner, identity }: ObjectKey): string {
  return `${kind}\n${owner}\n${identity}`;
}

/** True when a change leads on from a version: to any other one it says nothing. */
export function followsFrom(change: ConfigurationChange, version: ConfigurationVersion): boolean {
  return compareVersions(change.since, version) === 0;
}

/** Throws when a change leads on from another version than this one. */
export function requireFollows(change: ConfigurationChange, version: ConfigurationVersion): void {
  if (!followsFrom(change, version)) throw new Error('a change of another version of the configuration');
}

/** Differences that follow each other as one: of each object the last word counts. */
export function joinDifferences(differences: readonly ConfigurationDifference[]): ConfigurationDifference {
  const last = new Map<string, { readonly key: ObjectKey; readonly object?: ConfigurationObject }>();
  for (const { removed, changed } of differences) {
    for (const key of removed) last.set(objectKeyText(key), { key });
    for (const object of changed) last.set(objectKeyText(object), { key: object, object });
  }
  const words = [...last.values()];
  return {
    changed: words.flatMap(({ object }) => object ?? []),
    removed: words.flatMap(({ key, object }) => (object ? [] : key)),
  };
}

/** The document after a change of it, in the same order of owner, kind and identity. Throws when the change follows from another version. */
export function changeDocument(document: ConfigurationDocument, change: ConfigurationChange): ConfigurationDocument {
  requireFollows(change, document.version);
  const keys = [...change.removed, ...change.changed];
  const touched = new Set(keys.map(objectKeyText));
  // by identity first: almost no object is touched, and the text of each key would cost more than everything else here
  const identities = new Set(keys.map(key => key.identity));
  const added = change.changed.toSorted(compareKeys);
  const objects: ConfigurationObject[] = [];
  let next = 0;
  for (const object of document.objects) {
    if (identities.has(object.identity) && touched.has(objectKeyText(object))) continue;
    for (; next < added.length && compareKeys(added[next] as ConfigurationObject, object) < 0; next++)
      objects.push(added[next] as ConfigurationObject);
    objects.push(object);
  }
  return { version: change.version, objects: [...objects, ...added.slice(next)] };
}

function compareKeys(a: ConfigurationObject, b: ConfigurationObject): number {
  return compareTexts(a.owner, b.owner) || compareTexts(a.kind, b.kind) || compareTexts(a.identity, b.identity);
}
