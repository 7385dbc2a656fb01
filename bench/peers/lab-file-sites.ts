import { labOrganisations } from '../../src/lab/deployment-plan.ts';
import type { labFileOf } from '../../src/lab/lab-file.ts';
import type { LoadSite } from '../generator/load-order.ts';

/** What `lab.json` holds. */
export type LabFile = ReturnType<typeof labFileOf>;

/** One organisation of it. */
export type LabFileOrganisation = LabFile['orgs'][number];

/** The server processes of an organisation. */
export function pidsOf({ pids }: LabFileOrganisation): readonly number[] {
  return [...pids.frontEnd, ...pids.edge];
}

/** Where clients of an organisation sign in. */
export function siteOf({ name, frontEnd }: LabFileOrganisation, caFile: string): LoadSite {
  const domain = labOrganisations.find(organisation => organisation.name === name)?.tenant.domains[0] ?? '';
  return { host: frontEnd.host, port: frontEnd.tlsPort, serverName: frontEnd.fqdn, domain, caFile };
}
