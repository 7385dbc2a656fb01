import type { Configuration, TenantConfiguration } from './configuration.ts';
import { ExternalAccessPolicy } from './external-access-policy.ts';
import type { User } from './user.ts';

/** A policy together with the scope that supplied it: `user:NAME`, `site:NAME` or `global`. */
export interface EffectivePolicy<P> {
  readonly policy: P;
  readonly source: string;
  /** Set when the user was granted a policy that no longer exists: the next scope was taken. */
  readonly danglingGrant?: string;
}

const closedPolicy: ExternalAccessPolicy = ExternalAccessPolicy.parse({});

interface Remembered {
  readonly configuration: Configuration;
  readonly effective: EffectivePolicy<ExternalAccessPolicy>;
}
/** What was found for a user is asked for again by each message. A user or configuration that changes is another object. */
const remembered = new WeakMap<User, Remembered>();

/** The external access policy that governs a user: granted > site > global; the nearest supplies every attribute, nothing is merged. */
export function effectiveExternalAccessPolicy(configuration: Configuration, user: User): EffectivePolicy<ExternalAccessPolicy> {
  const known = remembered.get(user);
  if (known?.configuration === configuration) return known.effective;
  const effective = findPolicy(configuration, user);
  remembered.set(user, { configuration, effective });
  return effective;
}

function findPolicy(configuration: Configuration, user: User): EffectivePolicy<ExternalAccessPolicy> {
  const tenant = configuration.tenants.get(user.tenant);
  const granted = user.externalAccessPolicy;
  if (granted !== null) {
    const policy = tenant?.externalAccessPolicies.get(`tag:${granted}`);
    if (policy) return { policy, source: `user:${granted}` };
  }
  const inherited = inheritedPolicy(configuration, tenant, user);
  return granted === null ? inherited : { ...inherited, danglingGrant: granted };
}

function inheritedPolicy(
  configuration: Configuration,
  tenant: TenantConfiguration | undefined,
  user: User,
): EffectivePolicy<ExternalAccessPolicy> {
  const site = configuration.pools.get(user.registrarPool)?.site;
  const ofSite = site === undefined ? undefined : tenant?.externalAccessPolicies.get(`site:${site}`);
  if (ofSite) return { policy: ofSite, source: `site:${site}` };
  return { policy: tenant?.externalAccessPolicies.get('global') ?? closedPolicy, source: 'global' };
}
