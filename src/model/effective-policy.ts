import type { Configuration } from './configuration.ts';
import type { ScopedKind } from './kind.ts';
import { type ExternalAccessPolicy, externalAccessPolicy } from './kinds/external-access-policy.ts';
import { type PresencePolicy, presencePolicy } from './kinds/presence-policy.ts';
import { scopeIdentity } from './scope.ts';
import type { User } from './user.ts';

/** A policy or settings together with the scope that supplied them: `user:NAME`, `service:Registrar:POOL`, `site:NAME` or `global`. */
export interface EffectivePolicy<P> {
  readonly policy: P;
  readonly source: string;
  /** Set when the user was granted a policy that no longer exists: the next scope was taken. */
  readonly danglingGrant?: string;
}

/** A kind whose objects have scopes; P is its body. */
type KindOf<P> = Pick<ScopedKind, 'name' | 'owner' | 'field'> & { readonly defaults: P };

/**
 * What governs a user: granted to the user > the user's pool > its site > global; the nearest supplies every attribute, nothing is merged.
 * Where nothing is stored, that is the default of the kind: closed.
 */
export function effectivePolicy<P>(kind: KindOf<P>, configuration: Configuration, user: User): EffectivePolicy<P> {
  const owner = kind.owner === 'deployment' ? configuration : configuration.tenants.get(user.tenant);
  const table = (owner as unknown as Readonly<Record<string, ReadonlyMap<string, P>>> | undefined)?.[kind.field];
  return nearestPolicy(kind, user, configuration.pools.get(user.registrarPool)?.site, table);
}

/** The same among the objects of the user's tenant, or of the deployment, by scope identity; `site` is that of the user's pool. */
export function nearestPolicy<P>(
  kind: Pick<KindOf<P>, 'name' | 'defaults'>,
  user: User,
  site: string | undefined,
  objects: { get(identity: string): P | undefined } | undefined,
): EffectivePolicy<P> {
  const granted = user.policies[kind.name];
  if (granted !== undefined) {
    const policy = objects?.get(scopeIdentity({ kind: 'tag', name: granted }));
    if (policy) return { policy, source: `user:${granted}` };
  }
  const inherited = inheritedPolicy(kind, user, site, objects);
  return granted === undefined ? inherited : { ...inherited, danglingGrant: granted };
}

function inheritedPolicy<P>(
  kind: Pick<KindOf<P>, 'defaults'>,
  { registrarPool: pool }: User,
  site: string | undefined,
  objects: { get(identity: string): P | undefined } | undefined,
): EffectivePolicy<P> {
  const scopes = [
    scopeIdentity({ kind: 'service', pool }),
    ...(site === undefined ? [] : [scopeIdentity({ kind: 'site', site })]),
  ];
  for (const source of [...scopes, 'global']) {
    const policy = objects?.get(source);
    if (policy) return { policy, source };
  }
  return { policy: kind.defaults, source: 'global' };
}

type EffectivePolicyReader<P> = (configuration: Configuration, user: User) => EffectivePolicy<P>;

/** The effective policy of one kind for code that asks often: what was found for a user holds until user or configuration is another object. */
function rememberingPolicy<P>(kind: KindOf<P>): EffectivePolicyReader<P> {
  interface Remembered {
    readonly configuration: Configuration;
    readonly effective: EffectivePolicy<P>;
  }
  const remembered = new WeakMap<User, Remembered>();
  return (configuration, user) => {
    const known = remembered.get(user);
    if (known?.configuration === configuration) return known.effective;
    const effective = effectivePolicy(kind, configuration, user);
    remembered.set(user, { configuration, effective });
    return effective;
  };
}

/** What a user may do with people outside; asked by each message. */
export const effectiveExternalAccessPolicy: EffectivePolicyReader<ExternalAccessPolicy> = rememberingPolicy(externalAccessPolicy);

/** How many may watch a user. */
export const effectivePresencePolicy: EffectivePolicyReader<PresencePolicy> = rememberingPolicy(presencePolicy);
