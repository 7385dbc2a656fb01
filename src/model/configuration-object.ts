import type { z } from 'zod';
import { AccessEdgeConfiguration } from './access-edge-configuration.ts';
import type { ConfigurationVersion } from './configuration-version.ts';
import { ExternalAccessPolicy } from './external-access-policy.ts';
import { AllowedDomain, BlockedDomain } from './federated-domain.ts';
import type { TenantId } from './names.ts';
import { HostingProvider, PublicProvider } from './provider.ts';
import { ProxyConfiguration, RegistrarConfiguration } from './server-settings.ts';
import { AdditionalInternalDomain, SipDomainEntry, Tenant, TenantFederationConfiguration } from './tenant.ts';
import { EdgeServer, Pool, Site } from './topology.ts';

/** Every kind of configuration object: the schema of its body, who owns it, and whether an Edge needs it (D25). */
export const configurationKinds = {
  CsTenant: { schema: Tenant, owner: 'tenant', edge: true },
  CsTenantFederationConfiguration: { schema: TenantFederationConfiguration, owner: 'tenant', edge: true },
  CsSipDomain: { schema: SipDomainEntry, owner: 'tenant', edge: true },
  CsAdditionalInternalDomain: { schema: AdditionalInternalDomain, owner: 'tenant', edge: true },
  CsAllowedDomain: { schema: AllowedDomain, owner: 'tenant', edge: true },
  CsBlockedDomain: { schema: BlockedDomain, owner: 'tenant', edge: true },
  CsHostingProvider: { schema: HostingProvider, owner: 'tenant', edge: true },
  CsPublicProvider: { schema: PublicProvider, owner: 'tenant', edge: true },
  CsExternalAccessPolicy: { schema: ExternalAccessPolicy, owner: 'tenant', edge: false },
  CsAccessEdgeConfiguration: { schema: AccessEdgeConfiguration, owner: 'deployment', edge: true },
  CsRegistrarConfiguration: { schema: RegistrarConfiguration, owner: 'deployment', edge: false },
  CsProxyConfiguration: { schema: ProxyConfiguration, owner: 'deployment', edge: true },
  CsSite: { schema: Site, owner: 'deployment', edge: true },
  CsPool: { schema: Pool, owner: 'deployment', edge: true },
  CsEdgeServer: { schema: EdgeServer, owner: 'deployment', edge: true },
} as const;

/** Name of a configuration object kind: the Lync noun. */
export type ConfigurationKind = keyof typeof configurationKinds;

/** The body of an object of kind K, validated and with defaults filled in. */
export type ConfigurationBody<K extends ConfigurationKind> = Readonly<z.output<(typeof configurationKinds)[K]['schema']>>;

/** Owner of objects that belong to the deployment and not to a tenant. */
export const deploymentOwner = 'deployment';

/** One configuration object: key (owner, kind, identity), a version raised by each change, and its body. */
export interface ConfigurationObject<K extends ConfigurationKind = ConfigurationKind> {
  readonly kind: K;
  readonly owner: TenantId | typeof deploymentOwner;
  /** Domain, name, FQDN, or scope identity (`global`, `site:X`, `tag:X`). */
  readonly identity: string;
  readonly version: number;
  readonly body: ConfigurationBody<K>;
}

/** Everything configured, as stored and as carried by a snapshot. */
export interface ConfigurationDocument {
  readonly version: ConfigurationVersion;
  readonly objects: readonly ConfigurationObject[];
}
