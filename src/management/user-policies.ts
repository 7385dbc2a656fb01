import { z } from 'zod';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  type ConfigurationBody,
  type ConfigurationKind,
  type ConfigurationObject,
  deploymentOwner,
  kindOf,
  type UserPolicyKind,
  userPolicyKinds,
} from '../model/configuration-object.ts';
import { nearestPolicy } from '../model/effective-policy.ts';
import type { TenantId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { ConfigurationState } from './configuration-state.ts';

/** The attribute of a user, and parameter of Enable-CsUser, that names the granted policy of a kind: `externalAccessPolicy`. */
function policyAttribute(kind: UserPolicyKind): string {
  return kind.charAt(2).toLowerCase() + kind.slice(3);
}

/** Parameters that grant user policies at once. */
export const policyParameters: Readonly<Record<string, z.ZodOptional<z.ZodString>>> = Object.fromEntries(
  userPolicyKinds.map(({ name, title }) => [
    policyAttribute(name),
    z.string().optional().describe(`name of a ${title} to grant at once`),
  ]),
);

/** The grants that parameters ask for. Fails with POLICY_UNKNOWN. */
export function readPolicies(
  state: ConfigurationState,
  tenant: TenantId,
  parameters: Readonly<Record<string, unknown>>,
): Result<User['policies']> {
  const policies: Record<string, string> = {};
  for (const { name } of userPolicyKinds) {
    const wanted = parameters[policyAttribute(name)];
    if (typeof wanted !== 'string') continue;
    const policy = findPolicy(state, name, tenant, wanted);
    if (!policy.ok) return policy;
    policies[name] = policy.value.identity.slice('tag:'.length);
  }
  return ok(policies);
}

/** The granted policy of each kind as commands show it; null means Automatic. */
export function policyViews({ policies }: Pick<User, 'policies'>): Readonly<Record<string, string | null>> {
  return Object.fromEntries(userPolicyKinds.map(({ name }) => [policyAttribute(name), policies[name] ?? null]));
}

/** A user policy that may be granted. Fails with POLICY_UNKNOWN. */
export function findPolicy<K extends ConfigurationKind>(
  state: ConfigurationState,
  name: K,
  tenant: string,
  typed: string,
): Result<ConfigurationObject<K>> {
  const policy = state.find(name, tenant, `tag:${typed.trim().replace(/^tag:/i, '')}`);
  return policy ? ok(policy) : err(failure('POLICY_UNKNOWN', { noun: name, title: kindOf(name).title, policy: typed }));
}

/**
 * The policy of each kind that governs a user, by its identity, as the one that was granted, that of the site or the global one; and a sentence for
 * each grant of a policy that is gone.
 */
export function effectivePolicyViews(
  state: ConfigurationState,
  user: User,
): { readonly identities: Readonly<Record<string, string>>; readonly notices: readonly string[] } {
  const site = state.find('CsPool', deploymentOwner, user.registrarPool)?.body.site;
  const identities: Record<string, string> = {};
  const notices: string[] = [];
  for (const { name, title } of userPolicyKinds) {
    const objects = { get: (identity: string) => state.find(name, user.tenant, identity)?.body };
    const kind = { name, defaults: kindOf(name).defaults as ConfigurationBody<UserPolicyKind> };
    const { source, danglingGrant } = nearestPolicy(kind, user, site, objects);
    identities[policyAttribute(name)] = source.replace(/^user:/, 'tag:');
    if (danglingGrant !== undefined)
      notices.push(`The ${title} ${danglingGrant} was granted to ${user.aor} and no longer exists.`);
  }
  return { identities, notices };
}
