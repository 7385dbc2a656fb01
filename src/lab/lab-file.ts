import { addressOf, dnsHost, type LabOrganisation, type LabPorts, labOrganisations, passwordOf } from './deployment-plan.ts';
import { type LabFolder, writePrivate } from './lab-folder.ts';

/** Process ids of one organisation's servers. */
export interface OrganisationPids {
  readonly frontEnd: readonly number[];
  readonly edge: readonly number[];
}

/** What the file is made from. */
export interface LabFileParts {
  readonly folder: LabFolder;
  readonly ports: LabPorts;
  /** Path of the CA certificate. */
  readonly authorityFile: string;
  readonly pids: Readonly<Record<LabOrganisation['name'], OrganisationPids>>;
}

/** Address of an organisation's management API. */
export function apiUrlOf(organisation: LabOrganisation, ports: LabPorts): string {
  return `http://${organisation.frontEnd.host}:${ports[organisation.name].api}`;
}

/** The content of `lab.json`: everything a program needs to drive the lab. What does not exist yet is null. */
export function labFileOf({ folder, ports, authorityFile, pids }: LabFileParts) {
  return {
    ca: authorityFile,
    dns: { host: dnsHost, port: ports.dns },
    orgs: labOrganisations.map(organisation => {
      const { name, kind, tenant, frontEnd, edge } = organisation;
      const { tls, tcp, wss, federation, metrics } = ports[name];
      const { pool, host } = frontEnd;
      return {
        name,
        kind,
        domains: tenant.domains,
        pids: pids[name],
        frontEnd: { fqdn: pool, host, tlsPort: tls, tcpPort: tcp, wssUrl: `wss://${host}:${wss}` },
        edge: {
          fqdn: edge.externalFqdn,
          host: edge.host,
          federationPort: federation,
          clientPort: null,
          metricsUrl: `http://${edge.host}:${metrics}/metrics`,
        },
        api: { url: apiUrlOf(organisation, ports), token: folder.state.tokens[name] },
        panelUrl: null,
        clientUrl: null,
        tenants: [{ name: tenant.name, domains: tenant.domains }],
        users: organisation.users.map(user => ({
          address: addressOf(organisation, user),
          login: user.name,
          password: passwordOf(user.name),
          tenant: tenant.name,
        })),
      };
    }),
  };
}

/** Writes `lab.json`: readable by the owner alone, for it holds tokens and passwords. */
export function writeLabFile(parts: LabFileParts): void {
  writePrivate(parts.folder.labFile, labFileOf(parts));
}
