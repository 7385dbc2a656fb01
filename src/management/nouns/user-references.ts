import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { deploymentOwner } from '../../model/configuration-object.ts';
import { canonicalName, type Fqdn, type TenantId } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { ConfigurationState } from '../configuration-state.ts';

/** Where a user would live: in a pool, or at a provider that hosts users of our own SIP domains. Fails with HOME_UNKNOWN. */
export function findHome(
  state: ConfigurationState,
  tenant: TenantId,
  target: string,
): Result<Partial<Pick<User, 'registrarPool'>> & Pick<User, 'hostingProviderProxyFqdn'>> {
  const name = canonicalName(target);
  if (state.find('CsPool', deploymentOwner, name)) return ok({ registrarPool: name as Fqdn, hostingProviderProxyFqdn: 'SRV:' });
  const provider = state.list('CsHostingProvider', tenant).find(object => object.body.proxyFqdn === name);
  const hosts = provider?.body.enabled && provider.body.enabledSharedAddressSpace && provider.body.hostsOcsUsers;
  return hosts ? ok({ hostingProviderProxyFqdn: name as Fqdn }) : err(failure('HOME_UNKNOWN', { target }));
}
