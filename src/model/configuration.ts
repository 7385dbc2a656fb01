import { AccessEdgeConfiguration } from './access-edge-configuration.ts';
import {
  type ConfigurationDocument,
  type ConfigurationKind,
  type ConfigurationObject,
  deploymentOwner,
} from './configuration-object.ts';
import type { ConfigurationVersion } from './configuration-version.ts';
import type { ExternalAccessPolicy } from './external-access-policy.ts';
import type { AllowedDomain, BlockedDomain } from './federated-domain.ts';
import type { Fqdn, SipDomain, TenantId } from './names.ts';
import type { Provider } from './provider.ts';
import { ProxyConfiguration, RegistrarConfiguration } from './server-settings.ts';
import { type SipDomainEntry, TenantFederationConfiguration } from './tenant.ts';
import type { EdgeServer, Pool, Site } from './topology.ts';

/** One tenant's configuration as look-up tables. Never changed once compiled. */
export interface TenantConfiguration {
  readonly id: TenantId;
  readonly name: string;
  readonly federation: TenantFederationConfiguration;
  readonly sipDomains: ReadonlyMap<SipDomain, SipDomainEntry>;
  readonly additionalInternalDomains: ReadonlySet<SipDomain>;
  readonly allowedDomains: ReadonlyMap<SipDomain, AllowedDomain>;
  readonly blockedDomains: ReadonlyMap<SipDomain, BlockedDomain>;
  /** Hosting and public providers by name; names and proxy FQDNs are unique over both kinds. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly providersByProxy: ReadonlyMap<Fqdn, Provider>;
  /** By scope identity: `global`, `site:X`, `tag:X`. */
  readonly externalAccessPolicies: ReadonlyMap<string, ExternalAccessPolicy>;
}

/** A deployment's configuration compiled for look-ups: what a node decides from, swapped as a whole on every change. */
export interface Configuration {
  readonly version: ConfigurationVersion;
  readonly accessEdge: AccessEdgeConfiguration;
  readonly registrar: RegistrarConfiguration;
  readonly proxy: ProxyConfiguration;
  readonly sites: ReadonlyMap<string, Site>;
  readonly pools: ReadonlyMap<Fqdn, Pool>;
  readonly edgeServers: ReadonlyMap<Fqdn, EdgeServer>;
  readonly tenants: ReadonlyMap<TenantId, TenantConfiguration>;
  /** Verified SIP domains and additional internal domains of all tenants. */
  readonly tenantByDomain: ReadonlyMap<SipDomain, TenantConfiguration>;
}

interface TenantTables {
  id: TenantId;
  name: string;
  federation: TenantFederationConfiguration;
  sipDomains: Map<SipDomain, SipDomainEntry>;
  additionalInternalDomains: Set<SipDomain>;
  allowedDomains: Map<SipDomain, AllowedDomain>;
  blockedDomains: Map<SipDomain, BlockedDomain>;
  providers: Map<string, Provider>;
  providersByProxy: Map<Fqdn, Provider>;
  externalAccessPolicies: Map<string, ExternalAccessPolicy>;
}

interface Tables {
  accessEdge: AccessEdgeConfiguration;
  registrar: RegistrarConfiguration;
  proxy: ProxyConfiguration;
  sites: Map<string, Site>;
  pools: Map<Fqdn, Pool>;
  edgeServers: Map<Fqdn, EdgeServer>;
  tenants: Map<TenantId, TenantTables>;
}

type Place<K extends ConfigurationKind> = (tables: Tables, object: ConfigurationObject<K>) => void;

const place: { readonly [K in ConfigurationKind]: Place<K> } = {
  CsTenant: (tables, object) => {
    tenantTables(tables, object).name = object.identity;
  },
  CsTenantFederationConfiguration: (tables, object) => {
    tenantTables(tables, object).federation = object.body;
  },
  CsSipDomain: (tables, object) => {
    tenantTables(tables, object).sipDomains.set(object.identity as SipDomain, object.body);
  },
  CsAdditionalInternalDomain: (tables, object) => {
    tenantTables(tables, object).additionalInternalDomains.add(object.identity as SipDomain);
  },
  CsAllowedDomain: (tables, object) => {
    tenantTables(tables, object).allowedDomains.set(object.identity as SipDomain, object.body);
  },
  CsBlockedDomain: (tables, object) => {
    tenantTables(tables, object).blockedDomains.set(object.identity as SipDomain, object.body);
  },
  CsHostingProvider: (tables, object) => {
    placeProvider(tables, object, { kind: 'hosting', name: object.identity, ...object.body });
  },
  CsPublicProvider: (tables, object) => {
    placeProvider(tables, object, { kind: 'public', name: object.identity, ...object.body });
  },
  CsExternalAccessPolicy: (tables, object) => {
    tenantTables(tables, object).externalAccessPolicies.set(object.identity, object.body);
  },
  CsAccessEdgeConfiguration: (tables, object) => {
    tables.accessEdge = object.body;
  },
  CsRegistrarConfiguration: (tables, object) => {
    tables.registrar = object.body;
  },
  CsProxyConfiguration: (tables, object) => {
    tables.proxy = object.body;
  },
  CsSite: (tables, object) => {
    tables.sites.set(object.identity, object.body);
  },
  CsPool: (tables, object) => {
    tables.pools.set(object.identity as Fqdn, object.body);
  },
  CsEdgeServer: (tables, object) => {
    tables.edgeServers.set(object.identity as Fqdn, object.body);
  },
};

function placeProvider(tables: Tables, object: ConfigurationObject, provider: Provider): void {
  const tenant = tenantTables(tables, object);
  tenant.providers.set(provider.name, provider);
  tenant.providersByProxy.set(provider.proxyFqdn, provider);
}

function tenantTables(tables: Tables, object: ConfigurationObject): TenantTables {
  if (object.owner === deploymentOwner) throw new Error(`${object.kind} ${object.identity} has no tenant`);
  let tenant = tables.tenants.get(object.owner);
  if (!tenant) {
    tenant = {
      id: object.owner,
      name: object.owner,
      federation: TenantFederationConfiguration.parse({}),
      sipDomains: new Map(),
      additionalInternalDomains: new Set(),
      allowedDomains: new Map(),
      blockedDomains: new Map(),
      providers: new Map(),
      providersByProxy: new Map(),
      externalAccessPolicies: new Map(),
    };
    tables.tenants.set(object.owner, tenant);
  }
  return tenant;
}

function placeObject<K extends ConfigurationKind>(tables: Tables, object: ConfigurationObject<K>): void {
  (place[object.kind] as Place<K>)(tables, object);
}

/** Compiles a document into look-up tables; singletons that are not stored have their defaults (closed). Linear in the number of objects. */
export function compileConfiguration(document: ConfigurationDocument): Configuration {
  const tables: Tables = {
    accessEdge: AccessEdgeConfiguration.parse({}),
    registrar: RegistrarConfiguration.parse({}),
    proxy: ProxyConfiguration.parse({}),
    sites: new Map(),
    pools: new Map(),
    edgeServers: new Map(),
    tenants: new Map(),
  };
  for (const object of document.objects) placeObject(tables, object);
  const tenantByDomain = new Map<SipDomain, TenantConfiguration>();
  for (const tenant of tables.tenants.values()) {
    for (const [domain, entry] of tenant.sipDomains) if (entry.verified) tenantByDomain.set(domain, tenant);
    for (const domain of tenant.additionalInternalDomains) tenantByDomain.set(domain, tenant);
  }
  return { ...tables, version: document.version, tenantByDomain };
}
