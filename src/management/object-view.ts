import type { ConfigurationObject } from '../model/configuration-object.ts';
import type { User } from '../model/user.ts';
import type { ObjectView } from './command-result.ts';
import type { ConfigurationState } from './configuration-state.ts';
import { policyViews } from './user-policies.ts';

/** A configuration object as commands show it. */
export function objectView(state: ConfigurationState, object: ConfigurationObject): ObjectView {
  const tenant = state.tenantName(object.owner);
  return {
    identity: object.identity,
    ...(tenant === undefined || object.kind === 'CsTenant' ? {} : { tenant }),
    ...(object.kind === 'CsTenant' ? { tenantId: object.owner } : {}),
    ...object.body,
    version: object.version,
  };
}

/** A user as commands show it; a policy of null means Automatic, and what is not known of the person is left out. Credentials are no part of it. */
export function userView(state: ConfigurationState, user: User): ObjectView {
  return {
    identity: user.aor,
    sipAddress: `sip:${user.aor}`,
    displayName: user.displayName,
    enabled: user.enabled,
    registrarPool: user.registrarPool,
    hostingProviderProxyFqdn: user.hostingProviderProxyFqdn,
    ...policyViews(user),
    ...user.attributes,
    blockedSenders: user.blockedSenders ?? [],
    tenant: state.tenantName(user.tenant) ?? user.tenant,
    version: user.version,
  };
}

/** A user's own block list as commands show it; the version is the user's. */
export function blockListView(state: ConfigurationState, user: User): ObjectView {
  return {
    identity: user.aor,
    blockedSenders: user.blockedSenders ?? [],
    tenant: state.tenantName(user.tenant) ?? user.tenant,
    version: user.version,
  };
}
