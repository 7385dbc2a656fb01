import type { z } from 'zod';
import {
  type ConfigurationBody,
  type ConfigurationDocument,
  type ConfigurationKind,
  type ConfigurationObject,
  configurationKinds,
  deploymentOwner,
  kindOf,
} from './configuration-object.ts';
import type { ConfigurationVersion } from './configuration-version.ts';
import type { Kind } from './kind.ts';
import type { Provider } from './kinds/provider.ts';
import type { Fqdn, SipDomain, TenantId } from './names.ts';

type Kinds = typeof configurationKinds;

/** What is compiled of a kind: one body where it is only global, else all by identity or scope identity. */
type CompiledKind<K extends ConfigurationKind> = Kinds[K]['scopes'] extends readonly ['global']
  ? ConfigurationBody<K>
  : ReadonlyMap<z.output<Kinds[K]['identity']>, ConfigurationBody<K>>;

/** One field for each kind of an owner, as its definition names it. */
type FieldsOf<O extends 'tenant' | 'deployment'> = {
  readonly [K in ConfigurationKind as O extends Kinds[K]['owner'] ? Kinds[K]['field'] : never]: CompiledKind<K>;
};

/** One tenant's configuration as look-up tables. Never changed once compiled. */
export interface TenantConfiguration extends FieldsOf<'tenant'> {
  readonly id: TenantId;
  readonly name: string;
  /** Hosting and public providers by name; names and proxy FQDNs are unique over both kinds. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly providersByProxy: ReadonlyMap<Fqdn, Provider>;
}

/** A deployment's configuration compiled for look-ups: what a node decides from, swapped as a whole on every change. */
export interface Configuration extends FieldsOf<'deployment'> {
  readonly version: ConfigurationVersion;
  readonly tenants: ReadonlyMap<TenantId, TenantConfiguration>;
  /** Verified SIP domains and additional internal domains of all tenants. */
  readonly tenantByDomain: ReadonlyMap<SipDomain, TenantConfiguration>;
}

/** Bodies by identity, by field. */
type Tables = Record<string, Map<string, unknown>>;

const kindNames = Object.keys(configurationKinds) as ConfigurationKind[];
const kindsOf = {
  tenant: kindNames.map(kindOf).filter(kind => kind.owner === 'tenant'),
  deployment: kindNames.map(kindOf).filter(kind => kind.owner === 'deployment'),
};

/** Whether there is one object of a kind and owner: the global one. */
function isSingle(kind: Kind): boolean {
  return kind.scopes.length === 1;
}

function emptyTables(kinds: readonly Kind[]): Tables {
  return Object.fromEntries(kinds.map(kind => [kind.field, new Map<string, unknown>()]));
}

/** The tables with the one body of what is only global; closed by default where nothing is stored. */
function fieldsOf(kinds: readonly Kind[], tables: Tables): Record<string, unknown> {
  return Object.fromEntries(
    kinds.map(kind => [kind.field, isSingle(kind) ? (tables[kind.field]?.get('global') ?? kind.defaults) : tables[kind.field]]),
  );
}

/** Compiles a document into look-up tables; what is not stored has its defaults (closed). Linear in the number of objects. */
export function compileConfiguration(document: ConfigurationDocument): Configuration {
  const deployment = emptyTables(kindsOf.deployment);
  const ofTenants = new Map<TenantId, Tables>();
  let last: ConfigurationObject | undefined;
  let table = new Map<string, unknown>();
  for (const object of document.objects) {
    // in a document the objects of a kind and owner mostly follow each other
    if (object.kind !== last?.kind || object.owner !== last.owner) table = tableOf(deployment, ofTenants, object);
    last = object;
    table.set(object.identity, object.body);
  }
  const tenants = new Map([...ofTenants].map(([id, tables]) => [id, compileTenant(id, tables)]));
  const tenantByDomain = new Map<SipDomain, TenantConfiguration>();
  for (const tenant of tenants.values()) {
    for (const [domain, entry] of tenant.sipDomains) if (entry.verified) tenantByDomain.set(domain, tenant);
    for (const domain of tenant.additionalInternalDomains.keys()) tenantByDomain.set(domain, tenant);
  }
  const fields = fieldsOf(kindsOf.deployment, deployment) as unknown as FieldsOf<'deployment'>;
  return { ...fields, version: document.version, tenants, tenantByDomain };
}

function tableOf(deployment: Tables, ofTenants: Map<TenantId, Tables>, object: ConfigurationObject): Map<string, unknown> {
  const { owner, field } = kindOf(object.kind);
  if (owner === 'deployment') return deployment[field] as Map<string, unknown>;
  if (object.owner === deploymentOwner) throw new Error(`${object.kind} ${object.identity} has no tenant`);
  let tables = ofTenants.get(object.owner);
  if (!tables) ofTenants.set(object.owner, (tables = emptyTables(kindsOf.tenant)));
  return tables[field] as Map<string, unknown>;
}

function compileTenant(id: TenantId, tables: Tables): TenantConfiguration {
  const fields = fieldsOf(kindsOf.tenant, tables) as unknown as FieldsOf<'tenant'>;
  const all: Provider[] = [
    ...[...fields.hostingProviders].map(([name, body]) => ({ kind: 'hosting', name, ...body }) as const),
    ...[...fields.publicProviders].map(([name, body]) => ({ kind: 'public', name, ...body }) as const),
  ];
  const [name = id] = fields.entries.keys();
  return {
    ...fields,
    id,
    name,
    providers: new Map(all.map(provider => [provider.name, provider])),
    providersByProxy: new Map(all.map(provider => [provider.proxyFqdn, provider])),
  };
}
