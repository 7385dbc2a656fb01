import type { ConfigurationObject } from './configuration-object.ts';
import type { Provider } from './provider.ts';
import type { User } from './user.ts';

/**
 * What an object claims for itself alone; the store refuses a second claim of the same key in the same transaction that writes the object.
 * A domain is on one list only, provider names and proxies are unique over both kinds, a SIP domain belongs to one tenant of all.
 */
export function uniqueKeysOf(object: ConfigurationObject): readonly string[] {
  switch (object.kind) {
    case 'CsAllowedDomain':
    case 'CsBlockedDomain':
      return [`federated-domain ${object.owner} ${object.identity}`];
    case 'CsHostingProvider':
    case 'CsPublicProvider':
      return [
        `provider-name ${object.owner} ${object.identity.toLowerCase()}`,
        `provider-proxy ${object.owner} ${(object.body as Provider).proxyFqdn}`,
      ];
    case 'CsSipDomain':
    case 'CsAdditionalInternalDomain':
      return [`sip-domain ${object.identity}`];
    case 'CsTenant':
      return [`tenant-name ${object.identity.toLowerCase()}`];
    default:
      return [];
  }
}

/** A user's claim: the address, over all tenants. */
export function uniqueKeysOfUser(user: User): readonly string[] {
  return [`address ${user.aor}`];
}
