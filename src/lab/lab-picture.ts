import { dnsHost, type LabOrganisation, type LabPorts, labOrganisations } from './deployment-plan.ts';

const gap = '◄── mutual TLS ──►';

/** The two organisations with their servers and addresses, as lines of text. */
export function labPicture(ports: LabPorts): readonly string[] {
  const [left, right] = labOrganisations.map(organisation => box(organisation, ports)) as [string[], string[]];
  // The Edges stand in the same row, so the arrow between them is the federation.
  const lines = left.map((line, row) => `  ${line} ${row === edgeRow ? gap : ' '.repeat(gap.length)} ${right[row] ?? ''}`);
  const dns = `DNS of the lab: ${dnsHost}:${ports.dns}, found by SRV:`;
  const records = labOrganisations.flatMap(({ name, tenant, edge }) =>
    tenant.domains.map(domain => `_sipfederationtls._tcp.${domain} → ${edge.externalFqdn}:${ports[name].federation}`),
  );
  return [...lines, '', `  ${dns}`, ...records.map(record => `    ${record}`)];
}

const edgeRow = 6;

function box(organisation: LabOrganisation, ports: LabPorts): string[] {
  const { name, kind, frontEnd, edge, tenant } = organisation;
  const { tls, federation } = ports[name];
  const customer = kind === 'provider' ? `hosts ${tenant.name}: ` : '';
  const rows = [
    `${name}  ${kind === 'provider' ? 'hosting provider' : 'on premises'}`,
    `${customer}${tenant.domains.join(', ')}`,
    '',
    `Front End  ${frontEnd.pool}`,
    `           ${frontEnd.host}:${tls}  ${organisation.users.map(user => user.name).join(', ')}`,
    `Edge       ${edge.externalFqdn}`,
    `           ${edge.host}:${federation}`,
  ];
  const width = Math.max(...rows.map(row => row.length));
  const framed = rows.map(row => `│ ${row.padEnd(width)} │`);
  return [`┌${'─'.repeat(width + 2)}┐`, ...framed, `└${'─'.repeat(width + 2)}┘`];
}
