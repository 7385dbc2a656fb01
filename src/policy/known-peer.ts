import type { Configuration } from '../model/configuration.ts';
import type { Fqdn, SipDomain } from '../model/names.ts';
import { parentOf } from '../resolve/strict-name.ts';
import { findListEntry } from './classify-domain.ts';

/**
 * Whether a certificate's names may be a partner's that some tenant knows: a server of an allowed domain, or of an enabled provider. It permits
 * nothing; who is not known has smaller limits until a request of his was accepted.
 */
export function isKnownPeer(configuration: Configuration, names: readonly string[]): boolean {
  for (const tenant of configuration.tenants.values()) {
    for (const name of names) {
      if (tenant.providersByProxy.get(name as Fqdn)?.enabled === true) return true;
      if (findListEntry(tenant, parentOf(name) as SipDomain)?.list === 'allowed') return true;
    }
  }
  return false;
}
