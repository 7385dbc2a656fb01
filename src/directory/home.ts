import type { Configuration } from '../model/configuration.ts';
import type { Fqdn } from '../model/names.ts';
import type { Provider } from '../model/provider.ts';
import type { User } from '../model/user.ts';

/** Where a user lives: what answers requests for the address. */
export type Home =
  | { readonly kind: 'local'; readonly pool: Fqdn }
  | { readonly kind: 'provider'; readonly provider: Provider }
  | { readonly kind: 'unreachable'; readonly at: Fqdn; readonly reason: HomelessReason };

/** Why a home cannot be reached: its pool or provider is not configured, switched off, or does not share the address space. */
export type HomelessReason = 'pool-unknown' | 'provider-unknown' | 'provider-disabled' | 'provider-not-shared';

/** The home of a user: a pool of this deployment, or the hosting provider with which the tenant shares its addresses. */
export function homeOf(configuration: Configuration, user: User): Home {
  const locator = user.hostingProviderProxyFqdn;
  if (locator === 'SRV:') {
    const pool = user.registrarPool;
    return configuration.pools.has(pool) ? { kind: 'local', pool } : { kind: 'unreachable', at: pool, reason: 'pool-unknown' };
  }
  const provider = configuration.tenants.get(user.tenant)?.providersByProxy.get(locator);
  if (!provider) return { kind: 'unreachable', at: locator, reason: 'provider-unknown' };
  if (!provider.enabled) return { kind: 'unreachable', at: locator, reason: 'provider-disabled' };
  const shared = provider.kind === 'hosting' && provider.enabledSharedAddressSpace;
  return shared ? { kind: 'provider', provider } : { kind: 'unreachable', at: locator, reason: 'provider-not-shared' };
}
