import { addressOf, type LabOrganisation, labPolicy } from '../lab/deployment-plan.ts';
import { type Configuration, compileConfiguration } from '../model/configuration.ts';
import {
  type ConfigurationKind,
  type ConfigurationObject,
  configurationKinds,
  deploymentOwner,
} from '../model/configuration-object.ts';
import { type Aor, canonicalAor, type Fqdn, type TenantId, type UserId } from '../model/names.ts';
import type { BlockedSender, User } from '../model/user.ts';
import type { PlayChange } from './play-step.ts';

/** Where everything listens in memory. */
export const playPorts = { client: 5061, trunk: 5065, federation: 5061, inside: 5062 } as const;

type Listener = (before: User, after: User | undefined) => void;

/** What an organisation of the lab has configured, and its users, in memory: changes are there at once. */
export class PlayConfiguration {
  readonly #organisation: LabOrganisation;
  readonly #tenant: TenantId;
  readonly #objects = new Map<string, ConfigurationObject>();
  readonly #users = new Map<string, User>();
  readonly #listeners = new Set<Listener>();
  #number = 0;
  #current: Configuration | undefined;
  #ofEdge: Configuration | undefined;

  constructor(organisation: LabOrganisation) {
    this.#organisation = organisation;
    this.#tenant = `01PLAY${organisation.name.toUpperCase()}` as TenantId;
    for (const [kind, identity, body] of objectsOf(organisation)) this.#set(kind, identity, body);
    for (const user of organisation.users) this.#addUser(addressOf(organisation, user) as Aor, user.displayName);
  }

  /** As the Front End has it. */
  get current(): Configuration {
    return (this.#current ??= this.#compile(() => true));
  }

  /** As the Edge has it: only what is in its snapshots. */
  get ofEdge(): Configuration {
    return (this.#ofEdge ??= this.#compile(({ kind }) => configurationKinds[kind].edge));
  }

  get users(): Iterable<User> {
    return this.#users.values();
  }

  find(aor: string): User | undefined {
    return this.#users.get(aor);
  }

  /** Tells about every user that is changed. */
  onUserChanged(listener: Listener): void {
    this.#listeners.add(listener);
  }

  apply(change: PlayChange): void {
    if (change.kind === 'user') this.#changeUser(change.address, { enabled: change.enabled });
    else if (change.kind === 'policy') {
      this.#changeUser(change.address, { policies: change.granted ? { CsExternalAccessPolicy: labPolicy } : {} });
    } else if (change.kind === 'block-list') this.#changeBlockList(change);
    else if (change.kind === 'account') this.#changeAccount(canonicalAor(change.address), change.exists);
    else if (change.kind === 'edge-pool') this.#set(...edgePoolOf(this.#organisation, change.published));
    else {
      const isBlocked = change.list === 'Blocked';
      this.#objects.delete(`${isBlocked ? 'CsAllowedDomain' : 'CsBlockedDomain'} ${change.domain}`);
      this.#set(isBlocked ? 'CsBlockedDomain' : 'CsAllowedDomain', change.domain, {});
    }
  }

  #changeBlockList({ address, entry, isBlocked }: Extract<PlayChange, { kind: 'block-list' }>): void {
    const blocked = (entry.includes('@') ? canonicalAor(entry) : entry) as BlockedSender;
    const others = this.find(canonicalAor(address))?.blockedSenders?.filter(other => other !== blocked) ?? [];
    const list = isBlocked ? [...others, blocked] : others;
    this.#changeUser(address, { blockedSenders: list.length > 0 ? list : undefined });
  }

  #addUser(aor: Aor, displayName: string): void {
    this.#users.set(aor, {
      id: `01PLAY${aor}` as UserId,
      tenant: this.#tenant,
      aor,
      displayName,
      enabled: true,
      registrarPool: this.#organisation.frontEnd.pool as Fqdn,
      hostingProviderProxyFqdn: 'SRV:',
      policies: { CsExternalAccessPolicy: labPolicy },
      version: 1,
      credentialVersion: 1,
    });
  }

  #changeAccount(aor: Aor, exists: boolean): void {
    if (exists) return this.#addUser(aor, aor);
    const before = this.#users.get(aor);
    this.#users.delete(aor);
    for (const listener of this.#listeners) if (before) listener(before, undefined);
  }

  #changeUser(address: string, change: Partial<User>): void {
    const before = this.find(canonicalAor(address));
    if (before === undefined) throw new Error(`there is no ${address}`);
    const after = { ...before, ...change, version: before.version + 1 };
    this.#users.set(after.aor, after);
    for (const listener of this.#listeners) listener(before, after);
  }

  #set(kind: ConfigurationKind, identity: string, body: object): void {
    const { owner, schema } = configurationKinds[kind];
    const object = {
      kind,
      owner: owner === 'deployment' ? deploymentOwner : this.#tenant,
      identity,
      version: ++this.#number,
      body: schema.parse(body),
    };
    this.#objects.set(`${kind} ${identity}`, object as ConfigurationObject);
    this.#current = undefined;
    this.#ofEdge = undefined;
  }

  #compile(isWanted: (object: ConfigurationObject) => boolean): Configuration {
    const version = { epoch: 1, number: this.#number };
    return compileConfiguration({ version, objects: [...this.#objects.values()].filter(isWanted) });
  }
}

/** The organisation's Edge pool. */
function edgePoolOf({ site, frontEnd, edge }: LabOrganisation, federationEnabled: boolean) {
  const body = {
    site,
    externalFqdn: edge.externalFqdn,
    computers: [{ fqdn: edge.internalFqdn }],
    federationEnabled,
    accessEdgeInternalSipPort: playPorts.inside,
    accessEdgeExternalSipPort: playPorts.federation,
    registrar: frontEnd.pool,
  };
  return ['CsEdgeServer', edge.internalFqdn, body] as const;
}

/** The objects that the provisioning of the lab makes. */
function objectsOf(organisation: LabOrganisation): readonly (readonly [ConfigurationKind, string, object])[] {
  const { site, tenant, frontEnd, edge, hostingProviders, allowedDomains, displayName } = organisation;
  return [
    ['CsSite', site, { federationRoute: edge.internalFqdn }],
    ['CsPool', frontEnd.pool, { site, computers: [{ fqdn: frontEnd.fqdn }], trunkPort: playPorts.trunk }],
    edgePoolOf(organisation, true),
    ['CsAccessEdgeConfiguration', 'global', { allowFederatedUsers: true }],
    ['CsTenant', tenant.name, { displayName }],
    ['CsTenantFederationConfiguration', 'global', { allowFederatedUsers: true }],
    ['CsExternalAccessPolicy', `tag:${labPolicy}`, { enableFederationAccess: true }],
    ...tenant.domains.map(
      (domain, i) => ['CsSipDomain', domain, { isDefault: i === 0, verified: true }] as [ConfigurationKind, string, object],
    ),
    ...hostingProviders.map(
      ({ name, proxyFqdn }) => ['CsHostingProvider', name, { proxyFqdn, enabled: true }] as [ConfigurationKind, string, object],
    ),
    ...allowedDomains.map(domain => ['CsAllowedDomain', domain, {}] as [ConfigurationKind, string, object]),
  ];
}
