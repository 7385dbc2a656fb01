import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  type ConfigurationBody,
  type ConfigurationKind,
  type ConfigurationObject,
  configurationKinds,
  deploymentOwner,
  kindOf,
} from '../model/configuration-object.ts';
import type { Kind } from '../model/kind.ts';
import { parseScope, scopeIdentity } from '../model/scope.ts';
import { checkExpectedVersion } from './change-plan.ts';
import type { CommandContext } from './command-context.ts';
import type { ConfigurationState } from './configuration-state.ts';
import type { ManagementState } from './management-state.ts';
import { parameterFailure } from './parameter-reader.ts';
import { chooseTenant, chooseTenantOrAll } from './tenant-choice.ts';

/** Who owns the objects of a kind that this command changes. Fails as `chooseTenant`. */
export function ownerOf(context: CommandContext, name: ConfigurationKind, state: ConfigurationState): Result<string> {
  return configurationKinds[name].owner === 'deployment' ? ok(deploymentOwner) : chooseTenant(context, state);
}

/** Whose objects of a kind this command shows; undefined for those of all tenants. Fails with TENANT_UNKNOWN. */
export function ownersShown(
  context: CommandContext,
  name: ConfigurationKind,
  state: ConfigurationState,
): Result<string | undefined> {
  return configurationKinds[name].owner === 'deployment' ? ok(deploymentOwner) : chooseTenantOrAll(context, state);
}

/**
 * An identity in the form stored; a site or pool that it names has to be there.
 * Fails with PARAMETER_INVALID, SCOPE_INVALID, SITE_UNKNOWN or POOL_UNKNOWN.
 */
export function resolveIdentity(
  context: CommandContext,
  kind: Kind,
  state: ConfigurationState,
  identity: string,
): Result<string> {
  const parsed = kind.identity.safeParse(identity);
  if (!parsed.success) return err(parameterFailure(context.name, parsed.error.issues, { identity }));
  if (kind.scopes.length === 0) return ok(parsed.data);
  const scope = parseScope(parsed.data, kind.scopes);
  if (!scope.ok) return scope;
  if (scope.value.kind === 'service') {
    const { pool } = scope.value;
    if (state.find('CsPool', deploymentOwner, pool)) return ok(scopeIdentity(scope.value));
    return err(failure('POOL_UNKNOWN', { parameter: 'Identity', pool }));
  }
  if (scope.value.kind !== 'site') return ok(scopeIdentity(scope.value));
  const site = state.find('CsSite', deploymentOwner, scope.value.site);
  if (!site) return err(failure('SITE_UNKNOWN', { parameter: 'Identity', site: scope.value.site }));
  return ok(scopeIdentity({ kind: 'site', site: site.identity }));
}

/** A stored object, or the global one that has its defaults and version 0. */
export function findObject<K extends ConfigurationKind>(
  name: K,
  state: ConfigurationState,
  owner: string,
  identity: string,
): ConfigurationObject<K> | undefined {
  const stored = state.find(name, owner, identity);
  const { defaults } = kindOf(name);
  if (stored || defaults === undefined || identity !== 'global') return stored;
  const body = defaults as ConfigurationBody<K>;
  return { kind: name, owner: owner as ConfigurationObject['owner'], identity, version: 0, body };
}

/** The objects of a kind, of one owner or of all; global ones that have their defaults included. */
export function listObjects<K extends ConfigurationKind>(
  name: K,
  state: ConfigurationState,
  owner: string | undefined,
): readonly ConfigurationObject<K>[] {
  const stored = state.list(name, owner);
  if (kindOf(name).defaults === undefined) return stored;
  const owners = owner === undefined ? state.tenants().map(tenant => tenant.id) : [owner];
  const missing = owners.filter(of => !state.find(name, of, 'global'));
  return [...missing.flatMap(of => findObject(name, state, of, 'global') ?? []), ...stored];
}

/** The object that a change means, at the version the caller expects. Fails with OBJECT_UNKNOWN, VERSION_STALE or as `resolveIdentity`. */
export function findForChange<K extends ConfigurationKind>(
  context: CommandContext,
  name: K,
  state: ManagementState,
  typed: string,
): Result<ConfigurationObject<K>> {
  const owner = ownerOf(context, name, state.configuration);
  if (!owner.ok) return owner;
  const identity = resolveIdentity(context, kindOf(name), state.configuration, typed);
  if (!identity.ok) return identity;
  const object = findObject(name, state.configuration, owner.value, identity.value);
  if (!object) return err(failure('OBJECT_UNKNOWN', { noun: name, identity: identity.value }));
  const expected = checkExpectedVersion(context, name, object.identity, object.version);
  return expected.ok ? ok(object) : expected;
}

/** Validates a whole body against the schema of its kind. Fails with PARAMETER_INVALID or PARAMETER_MISSING. */
export function readBody<K extends ConfigurationKind>(
  context: CommandContext,
  name: K,
  attributes: Readonly<Record<string, unknown>>,
): Result<ConfigurationBody<K>> {
  const parsed = configurationKinds[name].schema.safeParse(attributes);
  if (parsed.success) return ok(parsed.data as unknown as ConfigurationBody<K>);
  return err(parameterFailure(context.name, parsed.error.issues, attributes));
}
