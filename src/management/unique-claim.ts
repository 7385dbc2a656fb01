import { type Failure, failure } from '../base/failure.ts';
import type { ConfigurationObject } from '../model/configuration-object.ts';
import type { Provider } from '../model/provider.ts';
import { uniqueKeysOf } from '../model/unique-key.ts';
import type { ConfigurationState } from './configuration-state.ts';

/** The failure for a name, domain or proxy that another object has already; undefined when the object may have all it claims. */
export function takenFailure(state: ConfigurationState, object: ConfigurationObject): Failure | undefined {
  for (const key of uniqueKeysOf(object)) {
    const holder = state.holderOf(key);
    if (!holder || isSame(holder, object)) continue;
    return failureFor(key, object, holder);
  }
  return undefined;
}

function isSame(a: ConfigurationObject, b: ConfigurationObject): boolean {
  return a.kind === b.kind && a.owner === b.owner && a.identity === b.identity;
}

function failureFor(key: string, object: ConfigurationObject, holder: ConfigurationObject): Failure {
  const { identity } = object;
  if (key.startsWith('federated-domain ')) {
    const other = holder.kind === 'CsAllowedDomain' ? 'allowed domains' : 'blocked domains';
    return failure('DOMAIN_ON_OTHER_LIST', { identity, other });
  }
  if (key.startsWith('provider-name ')) return failure('PROVIDER_NAME_TAKEN', { identity, other: holder.kind });
  if (key.startsWith('provider-proxy ')) {
    const { proxyFqdn } = object.body as Provider;
    return failure('PROVIDER_PROXY_TAKEN', { proxyFqdn, other: holder.identity, otherNoun: holder.kind });
  }
  // Says nothing about whose it is: another tenant's domains are none of this tenant's business.
  if (key.startsWith('sip-domain ')) return failure('SIP_DOMAIN_TAKEN', { identity });
  return failure('OBJECT_EXISTS', { noun: object.kind, identity });
}
