import type { z } from 'zod';
import type { ConfigurationVersion } from './configuration-version.ts';
import type { Kind } from './kind.ts';
import { accessEdgeConfiguration } from './kinds/access-edge-configuration.ts';
import { edgeServer } from './kinds/edge-server.ts';
import { externalAccessPolicy } from './kinds/external-access-policy.ts';
import { allowedDomain, blockedDomain } from './kinds/federated-domain.ts';
import { pool } from './kinds/pool.ts';
import { presencePolicy } from './kinds/presence-policy.ts';
import { hostingProvider, publicProvider } from './kinds/provider.ts';
import { proxyConfiguration } from './kinds/proxy-configuration.ts';
import { registrarConfiguration } from './kinds/registrar-configuration.ts';
import { additionalInternalDomain, sipDomain } from './kinds/sip-domain.ts';
import { site } from './kinds/site.ts';
import { tenant } from './kinds/tenant.ts';
import { tenantFederationConfiguration } from './kinds/tenant-federation-configuration.ts';
import type { TenantId } from './names.ts';

/** Every kind of configuration object, in the order of the reference. A new kind is its file and its line here. */
const kinds = [
  accessEdgeConfiguration,
  tenantFederationConfiguration,
  allowedDomain,
  blockedDomain,
  hostingProvider,
  publicProvider,
  externalAccessPolicy,
  presencePolicy,
  tenant,
  sipDomain,
  additionalInternalDomain,
  site,
  pool,
  edgeServer,
  registrarConfiguration,
  proxyConfiguration,
] as const;

type Kinds = { readonly [K in (typeof kinds)[number] as K['name']]: K };

/** The definitions of all kinds by name. */
export const configurationKinds: Kinds = Object.fromEntries(kinds.map(kind => [kind.name, kind])) as unknown as Kinds;

/** Name of a configuration object kind: the Lync noun. */
export type ConfigurationKind = keyof Kinds;

/** The body of an object of kind K, validated and with defaults filled in. */
export type ConfigurationBody<K extends ConfigurationKind> = Readonly<z.output<Kinds[K]['schema']>>;

/** Owner of objects that belong to the deployment and not to a tenant. */
export const deploymentOwner = 'deployment';

/** One configuration object: key (owner, kind, identity), a version raised by each change, and its body. */
export interface ConfigurationObject<K extends ConfigurationKind = ConfigurationKind> {
  readonly kind: K;
  readonly owner: TenantId | typeof deploymentOwner;
  /** Domain, name, FQDN, or scope identity (`global`, `site:X`, `service:Registrar:X`, `tag:X`). */
  readonly identity: string;
  readonly version: number;
  readonly body: ConfigurationBody<K>;
}

/** Everything configured, as stored and as carried by a snapshot. */
export interface ConfigurationDocument {
  readonly version: ConfigurationVersion;
  readonly objects: readonly ConfigurationObject[];
}

/** A kind whatever it is, for code that is the same for all. */
export function kindOf(name: ConfigurationKind): Kind {
  return configurationKinds[name] as unknown as Kind;
}

/** The kinds of policies that are granted to users. */
export const userPolicyKinds: readonly (Kind & { readonly name: UserPolicyKind })[] = (
  kinds as unknown as readonly (Kind & { readonly name: UserPolicyKind })[]
).filter(kind => kind.scopes.includes('tag'));

/** Name of a kind of user policy. */
export type UserPolicyKind = {
  [K in ConfigurationKind]: 'tag' extends Kinds[K]['scopes'][number] ? K : never;
}[ConfigurationKind];
