import { type Configuration, compileConfiguration } from '../model/configuration.ts';
import { type ConfigurationKind, type ConfigurationObject, configurationKinds } from '../model/configuration-object.ts';
import type { Aor, Fqdn, TenantId, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';

/** Id of the tenant `contoso` of the sample. */
export const sampleTenant = '01HZZZZZZZZZZZZZZZZZZZZZZ0' as TenantId;
/** Id of the tenant `northwind`, in the same deployment. */
export const otherTenant = '01HZZZZZZZZZZZZZZZZZZZZZZ1' as TenantId;

/** One object as a test writes it: what is left out has its default. */
export interface SampleObject {
  readonly kind: ConfigurationKind;
  readonly identity: string;
  readonly body?: object;
  readonly owner?: string;
}

const deploymentKinds = new Set<ConfigurationKind>(
  (Object.keys(configurationKinds) as ConfigurationKind[]).filter(kind => configurationKinds[kind].owner === 'deployment'),
);

/** A small organisation, ready to federate: contoso.test with one pool and one Edge, federation on, discovery off, its global policy open. */
export const sampleObjects: readonly SampleObject[] = [
  { kind: 'CsTenant', identity: 'contoso', body: { displayName: 'Contoso' } },
  {
    kind: 'CsTenantFederationConfiguration',
    identity: 'global',
    body: { allowFederatedUsers: true, allowedDomains: 'AllKnown' },
  },
  { kind: 'CsSipDomain', identity: 'contoso.test', body: { isDefault: true, verified: true } },
  { kind: 'CsExternalAccessPolicy', identity: 'global', body: { enableFederationAccess: true } },
  { kind: 'CsAccessEdgeConfiguration', identity: 'global', body: { allowFederatedUsers: true } },
  { kind: 'CsSite', identity: 'main', body: { federationRoute: 'edge.contoso.test' } },
  { kind: 'CsPool', identity: 'fe.contoso.test', body: { site: 'main', computers: [{ fqdn: 'fe.contoso.test' }] } },
  {
    kind: 'CsEdgeServer',
    identity: 'edge.contoso.test',
    body: {
      site: 'main',
      externalFqdn: 'sip.contoso.test',
      computers: [{ fqdn: 'edge.contoso.test' }],
      federationEnabled: true,
      registrar: 'fe.contoso.test',
    },
  },
];

/** Compiles the sample with `changes` on top: an object of the same kind, owner and identity replaces the sample's, its body merged over it. */
export function sampleConfiguration(changes: readonly SampleObject[] = []): Configuration {
  const byKey = new Map<string, SampleObject>();
  for (const object of [...sampleObjects, ...changes]) {
    const key = `${object.owner ?? ''} ${object.kind} ${object.identity}`;
    byKey.set(key, { ...object, body: { ...byKey.get(key)?.body, ...object.body } });
  }
  return compileConfiguration({ version: { epoch: 1, number: 1 }, objects: [...byKey.values()].map(toObject) });
}

/** A user of the sample, homed on its pool with no policy granted. */
export function sampleUser(overrides: Partial<User> = {}): User {
  return {
    id: '01HZZZZZZZZZZZZZZZZZZZZZZ2' as UserId,
    tenant: sampleTenant,
    aor: 'alice@contoso.test' as Aor,
    displayName: 'Alice',
    enabled: true,
    registrarPool: 'fe.contoso.test' as Fqdn,
    hostingProviderProxyFqdn: 'SRV:',
    policies: {},
    version: 1,
    credentialVersion: 1,
    ...overrides,
  };
}

function toObject(object: SampleObject): ConfigurationObject {
  const owner = object.owner ?? (deploymentKinds.has(object.kind) ? 'deployment' : sampleTenant);
  const body = configurationKinds[object.kind].schema.parse(object.body ?? {});
  return { kind: object.kind, owner, identity: object.identity, version: 1, body } as ConfigurationObject;
}
