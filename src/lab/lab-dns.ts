import { type LabOrganisation, type LabPorts, labOrganisations } from './deployment-plan.ts';
import type { ZoneRecord } from './zone-file.ts';

/** The TXT record that proves whose a SIP domain is. */
export interface DomainProof {
  readonly domain: string;
  readonly token: string;
}

/** What the lab's DNS knows by itself: addresses of all servers, the way to partners and to clients' servers, proofs of domains. */
export function labRecords(ports: LabPorts, proofs: readonly DomainProof[]): readonly ZoneRecord[] {
  return [
    ...labOrganisations.flatMap(organisation => recordsOf(organisation, ports)),
    ...proofs.map(({ domain, token }): ZoneRecord => ({ type: 'TXT', name: `_parley-proof.${domain}`, data: token })),
  ];
}

function recordsOf(organisation: LabOrganisation, ports: LabPorts): readonly ZoneRecord[] {
  const { frontEnd, edge, tenant, name } = organisation;
  const { tls, federation } = ports[name];
  const addresses: [string, string][] = [
    [frontEnd.pool, frontEnd.host],
    [frontEnd.fqdn, frontEnd.host],
    [edge.internalFqdn, edge.host],
    [edge.externalFqdn, edge.host],
  ];
  return [
    ...addresses.map(([host, address]): ZoneRecord => ({ type: 'A', name: host, data: address })),
    ...tenant.domains.flatMap(domain => [
      srv(`_sipfederationtls._tcp.${domain}`, edge.externalFqdn, federation),
      // Sign-in: the name of the original's clients, and that of rfc3263 4.1.
      srv(`_sipinternaltls._tcp.${domain}`, frontEnd.pool, tls),
      srv(`_sips._tcp.${domain}`, frontEnd.pool, tls),
    ]),
  ];
}

function srv(name: string, target: string, port: number): ZoneRecord {
  return { type: 'SRV', name, priority: 0, weight: 0, port, target };
}
