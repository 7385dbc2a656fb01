import type { ErrorCode } from '../base/errors/registry.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { addressOf, type LabOrganisation, labPolicy, type OrganisationPorts, passwordOf } from './deployment-plan.ts';
import type { DomainProof } from './lab-dns.ts';
import type { CommandAnswer, CommandCall, ManagementClient } from './management-client.ts';

/** How much is made for load generators. */
export interface LoadSize {
  readonly users: number;
  readonly domains: number;
}

/** What provisioning needs of the lab. */
export interface ProvisioningPorts {
  /** Puts the proof of a domain into DNS before the provider looks for it. */
  publishProof(proof: DomainProof): void;
}

const usersPerCall = 5_000;
const domainsPerCall = 5_000;

/** Makes every object of an organisation, as an admin would: topology, tenant, domains, policy, users, federation. Can be repeated. */
export async function provisionOrganisation(
  client: ManagementClient,
  organisation: LabOrganisation,
  ports: OrganisationPorts,
  { publishProof }: ProvisioningPorts,
): Promise<Result<void>> {
  for (const call of objectCalls(organisation, ports)) {
    const made = await ensure(client, call);
    if (!made.ok) return made;
  }
  for (const domain of organisation.tenant.domains) {
    const proven = await proveDomain(client, domain, publishProof);
    if (!proven.ok) return proven;
  }
  for (const call of peopleCalls(organisation)) {
    const made = await ensure(client, call);
    if (!made.ok) return made;
  }
  return ok(undefined);
}

/** Brings the ports in the topology up to date; everything else stays as the admin of the lab left it. */
export async function updateTopologyPorts(
  client: ManagementClient,
  organisation: LabOrganisation,
  ports: OrganisationPorts,
): Promise<Result<void>> {
  const calls: readonly CommandCall[] = [
    { command: 'Set-CsPool', parameters: { identity: organisation.frontEnd.pool, trunkPort: ports.trunk } },
    { command: 'Set-CsEdgeServer', parameters: { identity: organisation.edge.internalFqdn, ...edgePorts(ports) } },
  ];
  for (const call of calls) {
    const changed = await client.run(call);
    if (!changed.ok) return changed;
  }
  return ok(undefined);
}

/** The proofs of the organisation's domains, to be in DNS for as long as the lab runs. */
export async function readProofs(client: ManagementClient): Promise<Result<readonly DomainProof[]>> {
  const domains = await client.run({ command: 'Get-CsSipDomain', parameters: {} });
  if (!domains.ok) return domains;
  return ok(
    domains.value.objects
      .map(({ identity, proofToken }) => ({ domain: identity, token: String(proofToken ?? '') }))
      .filter(proof => proof.token !== ''),
  );
}

/** The bundle that makes the Edge know its Front Ends (D27), as text. */
export async function fetchEnrolment(client: ManagementClient, organisation: LabOrganisation): Promise<Result<string>> {
  const command = 'New-CsEdgeEnrolment';
  const answer = await client.run({ command, parameters: { identity: organisation.edge.internalFqdn } });
  if (!answer.ok) return answer;
  const bundle = answer.value.bundle ?? answer.value.objects[0]?.bundle;
  if (bundle !== undefined) return ok(typeof bundle === 'string' ? bundle : `${JSON.stringify(bundle, null, 2)}\n`);
  const details = { organisation: organisation.name, command, status: 200, code: '', text: 'no bundle', advice: '' };
  return err(failure('LAB_API_ANSWER_UNKNOWN', details));
}

/** Makes users u0… and allowed domains d0.example… for load generators; those that are there stay. */
export async function provisionLoad(
  client: ManagementClient,
  organisation: LabOrganisation,
  { users, domains }: LoadSize,
): Promise<Result<void>> {
  const [home] = organisation.tenant.domains;
  for (let start = 0; start < users; start += usersPerCall) {
    const count = Math.min(usersPerCall, users - start);
    const names = Array.from({ length: count }, (_, i) => `u${start + i}`);
    const entries = names.map(name => ({ identity: `${name}@${home}`, password: passwordOf(name) }));
    const call: CommandCall = { command: 'Enable-CsUser', parameters: { users: entries, externalAccessPolicy: labPolicy } };
    const made = await ensure(client, call);
    if (!made.ok) return made;
  }
  for (let start = 0; start < domains; start += domainsPerCall) {
    const count = Math.min(domainsPerCall, domains - start);
    const identity = Array.from({ length: count }, (_, i) => `d${start + i}.example`);
    const made = await client.run({ command: 'Set-CsFederatedDomain', parameters: { identity, list: 'Allowed' } });
    if (!made.ok) return made;
  }
  return ok(undefined);
}

/** Topology and tenant: what has to be there before domains can be proven. */
function objectCalls(organisation: LabOrganisation, ports: OrganisationPorts): readonly CommandCall[] {
  const { site, frontEnd, edge, tenant } = organisation;
  return [
    { command: 'New-CsSite', parameters: { identity: site, displayName: `${organisation.displayName}, ${site}` } },
    {
      command: 'New-CsPool',
      parameters: { identity: frontEnd.pool, site, computers: [frontEnd.fqdn], trunkPort: ports.trunk },
    },
    {
      command: 'New-CsEdgeServer',
      parameters: {
        identity: edge.internalFqdn,
        site,
        externalFqdn: edge.externalFqdn,
        computers: [edge.internalFqdn],
        federationEnabled: true,
        registrar: frontEnd.pool,
        ...edgePorts(ports),
      },
    },
    { command: 'Set-CsSite', parameters: { identity: site, federationRoute: edge.internalFqdn } },
    { command: 'New-CsTenant', parameters: { identity: tenant.name, displayName: tenant.displayName } },
    ...tenant.domains.map((identity, i) => ({ command: 'New-CsSipDomain', parameters: { identity, isDefault: i === 0 } })),
  ];
}

/** Policy, users and federation: what makes people reach each other. */
function peopleCalls(organisation: LabOrganisation): readonly CommandCall[] {
  const users = organisation.users.map(user => ({
    identity: addressOf(organisation, user),
    displayName: user.displayName,
    password: passwordOf(user.name),
  }));
  return [
    {
      command: 'New-CsExternalAccessPolicy',
      parameters: { identity: labPolicy, description: 'May talk to federated partners', enableFederationAccess: true },
    },
    { command: 'Enable-CsUser', parameters: { users, externalAccessPolicy: labPolicy } },
    { command: 'Set-CsAccessEdgeConfiguration', parameters: { allowFederatedUsers: true } },
    { command: 'Set-CsTenantFederationConfiguration', parameters: { allowFederatedUsers: true } },
    ...organisation.hostingProviders.map(({ name, proxyFqdn }) => ({
      command: 'New-CsHostingProvider',
      parameters: { identity: name, proxyFqdn, enabled: true },
    })),
    ...organisation.allowedDomains.map(identity => ({ command: 'New-CsAllowedDomain', parameters: { identity } })),
  ];
}

function edgePorts(ports: OrganisationPorts) {
  return {
    accessEdgeInternalSipPort: ports.inside,
    accessEdgeExternalSipPort: ports.federation,
    replicationPort: ports.replication,
  };
}

async function proveDomain(
  client: ManagementClient,
  domain: string,
  publishProof: (proof: DomainProof) => void,
): Promise<Result<void>> {
  const found = await client.run({ command: 'Get-CsSipDomain', parameters: { identity: domain } });
  if (!found.ok) return found;
  const entry = found.value.objects[0];
  if (entry === undefined || entry.verified === true) return ok(undefined);
  publishProof({ domain, token: String(entry.proofToken) });
  const confirmed = await client.run({ command: 'Confirm-CsSipDomain', parameters: { identity: domain } });
  return confirmed.ok ? ok(undefined) : confirmed;
}

/** Runs a command that makes something; what is there already is no failure, of the command or of one of its items. */
async function ensure(client: ManagementClient, call: CommandCall): Promise<Result<CommandAnswer | undefined>> {
  const isThere = (code: string) => code === ('OBJECT_EXISTS' satisfies ErrorCode);
  const made = await client.run(call);
  if (!made.ok) return isThere(made.error.code) ? ok(undefined) : made;
  const failed = made.value.items?.find(item => item.failure !== undefined && !isThere(item.failure.code));
  if (failed === undefined) return made;
  const details = { organisation: client.organisation, command: call.command, status: 200, code: failed.failure?.code ?? '' };
  return err(failure('LAB_API_ANSWER_UNKNOWN', { ...details, text: failed.identity, advice: '' }));
}
