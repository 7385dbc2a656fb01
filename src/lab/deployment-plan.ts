/** A person of the lab. */
export interface LabUser {
  /** The part before the @, and the digest user name. */
  readonly name: string;
  readonly displayName: string;
}

/** One of the two deployments of the lab: an organisation on its own premises, or a hosting provider with a tenant. */
export interface LabOrganisation {
  readonly name: 'contoso' | 'lynconline';
  readonly displayName: string;
  readonly kind: 'on-premises' | 'provider';
  readonly site: string;
  /** The organisation itself, or the customer of the provider; the first domain is the default. */
  readonly tenant: { readonly name: string; readonly displayName: string; readonly domains: readonly [string, ...string[]] };
  readonly frontEnd: { readonly pool: string; readonly fqdn: string; readonly host: string };
  /** `externalFqdn` is what SRV records point to; of a provider it is the proxy FQDN. */
  readonly edge: { readonly internalFqdn: string; readonly externalFqdn: string; readonly host: string };
  readonly users: readonly [LabUser, ...LabUser[]];
  readonly allowedDomains: readonly string[];
  readonly hostingProviders: readonly { readonly name: string; readonly proxyFqdn: string }[];
}

/** Ports of one organisation. */
export interface OrganisationPorts {
  /** SIP over TLS for clients. */
  readonly tls: number;
  /** SIP over plain TCP for clients. */
  readonly tcp: number;
  /** SIP over mutual TLS between the servers of the deployment, at the Front End. */
  readonly trunk: number;
  readonly api: number;
  /** SIP over secure WebSocket for clients. */
  readonly wss: number;
  /** SIP over mutual TLS for partners, at the Edge. */
  readonly federation: number;
  /** SIP over mutual TLS for the Front Ends, at the Edge. */
  readonly inside: number;
  /** Configuration snapshots, at the Edge. */
  readonly replication: number;
  /** Metrics of the Edge over plain HTTP; those of a Front End are at its management API. */
  readonly metrics: number;
}

/** Ports of the whole lab. */
export interface LabPorts {
  readonly dns: number;
  readonly contoso: OrganisationPorts;
  readonly lynconline: OrganisationPorts;
}

/** One port to open: where, and for what. */
export interface PortUse {
  readonly organisation: LabOrganisation;
  readonly role: keyof OrganisationPorts;
  readonly host: string;
  /** For people. */
  readonly use: string;
}

/** Where the lab's DNS answers: the address that a resolv.conf of a network namespace names. */
export const dnsHost = '127.0.0.1';

/** Name of the user policy that all lab users are granted; the global policy stays closed. */
export const labPolicy = 'BasicAccess';

/** The organisation with servers of its own. */
export const contoso: LabOrganisation = {
  name: 'contoso',
  displayName: 'Contoso',
  kind: 'on-premises',
  site: 'Redmond',
  tenant: { name: 'contoso', displayName: 'Contoso', domains: ['contoso.test'] },
  frontEnd: { pool: 'fe.contoso.test', fqdn: 'fe1.contoso.test', host: '127.0.0.11' },
  edge: { internalFqdn: 'edge-int.contoso.test', externalFqdn: 'sip.contoso.test', host: '127.0.0.12' },
  users: [
    { name: 'alice', displayName: 'Alice Ames' },
    { name: 'adam', displayName: 'Adam Archer' },
  ],
  allowedDomains: ['fabrikam.test', 'fabrikam.lynconline.test'],
  hostingProviders: [{ name: 'LyncOnline', proxyFqdn: 'sipfed.lynconline.test' }],
};

/** The hosting provider; fabrikam is its customer. */
export const lynconline: LabOrganisation = {
  name: 'lynconline',
  displayName: 'Lync Online',
  kind: 'provider',
  site: 'Cloud',
  tenant: { name: 'fabrikam', displayName: 'Fabrikam', domains: ['fabrikam.test', 'fabrikam.lynconline.test'] },
  frontEnd: { pool: 'fe.lynconline.test', fqdn: 'fe1.lynconline.test', host: '127.0.0.21' },
  edge: { internalFqdn: 'edge-int.lynconline.test', externalFqdn: 'sipfed.lynconline.test', host: '127.0.0.22' },
  users: [
    { name: 'bob', displayName: 'Bob Baker' },
    { name: 'beth', displayName: 'Beth Brown' },
  ],
  allowedDomains: ['contoso.test'],
  hostingProviders: [],
};

/** Both, in the order in which they are shown. */
export const labOrganisations: readonly [LabOrganisation, LabOrganisation] = [contoso, lynconline];

/** The organisation on the other side. */
export function otherOrganisation(organisation: LabOrganisation): LabOrganisation {
  return organisation === contoso ? lynconline : contoso;
}

/** Where the servers of an organisation listen, in the order in which --port-base counts. */
export function portUses(organisation: LabOrganisation): readonly PortUse[] {
  const { frontEnd, edge, name } = organisation;
  const at = (role: keyof OrganisationPorts, host: string, use: string): PortUse => ({
    organisation,
    role,
    host,
    use: `${use} of ${name}`,
  });
  return [
    at('tls', frontEnd.host, 'SIP over TLS'),
    at('tcp', frontEnd.host, 'SIP over TCP'),
    at('trunk', frontEnd.host, 'Front End trunk'),
    at('api', frontEnd.host, 'management API'),
    at('federation', edge.host, 'federation'),
    at('inside', edge.host, 'inner side of the Edge'),
    at('replication', edge.host, 'replication'),
    at('wss', frontEnd.host, 'SIP over WebSocket'),
    at('metrics', edge.host, 'metrics of the Edge'),
  ];
}

/** The well-known ports, for a lab that has a network namespace to itself. */
export function standardPorts(): LabPorts {
  const each = {
    tls: 5061,
    tcp: 5060,
    trunk: 5065,
    api: 8080,
    federation: 5061,
    inside: 5062,
    replication: 4443,
    wss: 443,
    metrics: 8081,
  };
  return { dns: 53, contoso: each, lynconline: each };
}

/** Consecutive ports: DNS has `base`, then the roles of contoso, then those of lynconline. */
export function portsFromBase(base: number): LabPorts {
  let next = base;
  const dns = next++;
  return labPortsOf(dns, () => next++);
}

/** How many ports the lab needs in a row. */
export const portCount = 1 + labOrganisations.reduce((sum, organisation) => sum + portUses(organisation).length, 0);

/** Collects the ports of all roles. */
export function labPortsOf(dns: number, portOf: (use: PortUse) => number): LabPorts {
  const ports = (organisation: LabOrganisation) =>
    Object.fromEntries(portUses(organisation).map(use => [use.role, portOf(use)])) as unknown as OrganisationPorts;
  return { dns, contoso: ports(contoso), lynconline: ports(lynconline) };
}

/** The address of a user of the lab, in the default domain. */
export function addressOf(organisation: LabOrganisation, user: { readonly name: string }): string {
  return `${user.name}@${organisation.tenant.domains[0]}`;
}

/** The password of a user of the lab: known to everybody, good for nothing outside the lab. */
export function passwordOf(name: string): string {
  return `pw-${name}`;
}
