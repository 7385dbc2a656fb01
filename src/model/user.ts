import type { Aor, Fqdn, TenantId, UserId } from './names.ts';

/** `SRV:` marks a user homed in this deployment; otherwise the proxy FQDN of the provider that hosts the user. */
export type HomeLocator = 'SRV:' | Fqdn;

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
  /** Name of the granted user policy, without `tag:`; null = Automatic. */
  readonly externalAccessPolicy: string | null;
  /** Raised by every change; a stale write is a conflict. */
  readonly version: number;
  /** Raised when the password changes: flows authenticated before are no longer good. */
  readonly credentialVersion: number;
}
