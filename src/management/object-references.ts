import { type Failure, failure } from '../base/failure.ts';
import {
  type ConfigurationKind,
  type ConfigurationObject,
  configurationKinds,
  deploymentOwner,
  kindOf,
} from '../model/configuration-object.ts';
import type { AnyObject, Kind } from '../model/kind.ts';
import { uniqueKeysOf } from '../model/unique-key.ts';
import type { ConfigurationState } from './configuration-state.ts';

/** The failure for an attribute that names an object which is not there; undefined when all are. */
export function missingReference(
  state: ConfigurationState,
  kind: Kind,
  owner: string,
  body: AnyObject['body'],
): Failure | undefined {
  for (const [attribute, reference] of Object.entries(kind.references)) {
    const identity = body[attribute];
    if (typeof identity !== 'string') continue;
    const target = reference.kind as ConfigurationKind;
    const found = state.find(target, ownerOfKind(target, owner), identity);
    // what is referred to is looked up by its exact name later
    if (found?.identity !== identity) return reference.missing(identity);
  }
  return undefined;
}

/** What an object cannot be removed for: another that names it in an attribute, or whose scope it is. */
export function useOf(state: ConfigurationState, { kind, owner, identity }: ConfigurationObject): string | undefined {
  for (const name of Object.keys(configurationKinds) as ConfigurationKind[]) {
    const user = kindOf(name);
    for (const [attribute, reference] of Object.entries(user.references)) {
      if (reference.kind !== kind) continue;
      const found = (state.list(name) as readonly AnyObject[]).find(
        object => object.body[attribute] === identity && ownerOfKind(kind, object.owner) === owner,
      );
      if (found) return reference.use(found.identity);
    }
    const scope = scopeOf(kind, identity);
    if (scope === undefined || user.scopes.length === 0) continue;
    const scoped = state.list(name).find(object => object.identity === scope);
    if (scoped) return `the ${user.title} ${scope} belongs to it`;
  }
  return undefined;
}

function ownerOfKind(kind: ConfigurationKind, owner: string): string {
  return configurationKinds[kind].owner === 'deployment' ? deploymentOwner : owner;
}

/** The scope that an object is. */
function scopeOf(kind: ConfigurationKind, identity: string): string | undefined {
  if (kind === 'CsSite') return `site:${identity}`;
  return kind === 'CsPool' ? `service:Registrar:${identity}` : undefined;
}

/** The failure for a name, domain or proxy that another object has already; undefined when the object may have all it claims. */
export function takenFailure(state: ConfigurationState, object: ConfigurationObject): Failure | undefined {
  for (const key of uniqueKeysOf(object)) {
    const holder = state.holderOf(key);
    if (!holder || isSame(holder, object)) continue;
    const { kind: noun, identity } = object;
    return kindOf(noun).taken?.(key, object, holder) ?? failure('OBJECT_EXISTS', { noun, identity });
  }
  return undefined;
}

function isSame(a: ConfigurationObject, b: ConfigurationObject): boolean {
  return a.kind === b.kind && a.owner === b.owner && a.identity === b.identity;
}
