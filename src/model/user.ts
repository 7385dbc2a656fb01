import type { Aor, Fqdn, SipDomain, TenantId, UserId } from './names.ts';
import type { UserAttributes } from './user-attributes.ts';

/** `SRV:` marks a user homed in this deployment; otherwise the proxy FQDN of the provider that hosts the user. */
export type HomeLocator = 'SRV:' | Fqdn;

/** An entry of a user's own block list: an address, or a domain for everybody in it. Canonical, so that equal ones are the same text. */
export type BlockedSender = Aor | SipDomain;

/** Entries that one user's block list may have. */
export const maxBlockedSenders = 1000;

/** CsUser: an enabled or suspended user. Rows, not configuration: they are in the store with versions, never in a snapshot (D25). */
export interface User {
  readonly id: UserId;
  readonly tenant: TenantId;
  readonly aor: Aor;
  readonly displayName: string;
  /** false: temporarily disabled (suspended); everything of the user is kept. */
  readonly enabled: boolean;
  readonly registrarPool: Fqdn;
  readonly hostingProviderProxyFqdn: HomeLocator;
  /** Names of the granted user policies, without `tag:`, by the name of their kind; a kind that is not among them is Automatic. */
  readonly policies: Readonly<Record<string, string>>;
  /** What is known of the person. Absent: nothing; never empty. */
  readonly attributes?: UserAttributes;
  /** The user's own block list, sorted: to whom the user looks offline. Absent: to nobody; never empty. */
  readonly blockedSenders?: readonly BlockedSender[];
  /** Raised by every change; a stale write is a conflict. */
  readonly version: number;
  /** Raised when the password changes: flows authenticated before are no longer good. */
  readonly credentialVersion: number;
}
