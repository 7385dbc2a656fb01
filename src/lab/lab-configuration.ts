import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { IssuedCertificate } from '../certificates/issue.ts';
import { parseTrustStore } from '../certificates/trust-store.ts';
import { type LabAuthority, openLabAuthority } from './certificate-authority.ts';
import { dnsHost, type LabOrganisation, type LabPorts } from './deployment-plan.ts';
import { type LabFolder, reasonOf } from './lab-folder.ts';
import { type LabStore, schemaOf } from './lab-store.ts';

/** What configuration files are made from. */
export interface LabConfigurationParts {
  readonly folder: LabFolder;
  readonly ports: LabPorts;
  /** The CA that clients and partners trust. */
  readonly authority: LabAuthority;
  /** Further CA files that both Edges trust. */
  readonly trustFiles: readonly string[];
  /** Where the Front Ends keep their state; absent: in their folders. */
  readonly store?: LabStore | undefined;
  /** Processes of each Front End. */
  readonly workers: number;
  readonly clock: Clock;
}

/** The files of one organisation's servers. */
export interface OrganisationFiles {
  readonly frontEnd: string;
  readonly edge: string;
  /** Where the Edge's enrolment bundle belongs. */
  readonly enrolment: string;
  /** There from when the Edge has taken a bundle: it needs no other. */
  readonly takenEnrolment: string;
}

/** Writes certificates and configuration files of an organisation's servers. Certificates are new at each start, so none ever runs out. */
export async function writeOrganisationFiles(
  organisation: LabOrganisation,
  parts: LabConfigurationParts,
): Promise<OrganisationFiles> {
  const { folder, clock } = parts;
  const internal = await openLabAuthority(join(folder.path, organisation.name, 'internal-ca'), clock);
  const [frontEnd, edge] = await Promise.all([
    writeFrontEnd(organisation, parts, internal),
    writeEdge(organisation, parts, internal),
  ]);
  const edgeFolder = folder.serverFolder(organisation, 'edge');
  const takenEnrolment = join(edgeFolder, 'data', 'enrolment.json');
  return { frontEnd, edge, enrolment: join(edgeFolder, 'enrolment.json'), takenEnrolment };
}

/** Checks the files given with --trust. Fails with LAB_TRUST_FILE_UNUSABLE. */
export async function checkTrustFiles(files: readonly string[]): Promise<Result<void>> {
  for (const file of files) {
    try {
      const parsed = parseTrustStore(await readFile(file, 'utf8'), file);
      if (!parsed.ok) return err(failure('LAB_TRUST_FILE_UNUSABLE', { file, reason: 'it holds no CA certificate in PEM' }));
    } catch (cause) {
      return err(failure('LAB_TRUST_FILE_UNUSABLE', { file, reason: reasonOf(cause) }, cause));
    }
  }
  return ok(undefined);
}

async function writeFrontEnd(
  organisation: LabOrganisation,
  { folder, ports, authority, store, workers }: LabConfigurationParts,
  internal: LabAuthority,
): Promise<string> {
  const { frontEnd, tenant, name } = organisation;
  const to = folder.serverFolder(organisation, 'frontend');
  const { host } = frontEnd;
  await mkdir(to, { recursive: true });
  const [forClients, forServers] = await Promise.all([
    authority.issue([frontEnd.pool, frontEnd.fqdn, ...tenant.domains], { addresses: [host] }),
    internal.issue([frontEnd.fqdn, frontEnd.pool], { addresses: [host] }),
  ]);
  await Promise.all([
    writeKeyPair(to, 'client', forClients),
    writeKeyPair(to, 'internal', forServers),
    writeFile(join(to, 'api-token'), `lab ${folder.state.tokens[name]}\n`, { mode: 0o600 }),
    store?.password === undefined ? undefined : writeFile(join(to, 'store-password'), `${store.password}\n`, { mode: 0o600 }),
  ]);
  const { tls, tcp, wss, trunk, api } = ports[name];
  return writeYaml(to, `Front End of ${name}`, {
    role: 'frontend',
    name: frontEnd.fqdn,
    deployment: organisation.kind,
    pool: frontEnd.pool,
    dataFolder: 'data',
    ...(store === undefined ? {} : { store: storeSettings(store, organisation) }),
    ...(workers === 1 ? {} : { workers }),
    nameServers: [`${dnsHost}:${ports.dns}`],
    internal: { ...keyPairFiles('internal'), authorityFile: internal.certificateFile },
    client: { host, port: tls, ...keyPairFiles('client') },
    plainClient: { host, port: tcp },
    webSocket: { host, port: wss, ...keyPairFiles('client') },
    trunk: { host, port: trunk },
    api: { host, port: api, tokenFile: 'api-token' },
  });
}

function storeSettings(store: LabStore, organisation: LabOrganisation) {
  const password = store.password === undefined ? {} : { passwordFile: 'store-password' };
  return { url: store.url, ...password, schema: schemaOf(store, organisation) };
}

async function writeEdge(
  organisation: LabOrganisation,
  { folder, ports, authority, trustFiles }: LabConfigurationParts,
  internal: LabAuthority,
): Promise<string> {
  const { edge, name } = organisation;
  const to = folder.serverFolder(organisation, 'edge');
  const { host } = edge;
  await mkdir(to, { recursive: true });
  const [forPartners, forServers] = await Promise.all([
    authority.issue([edge.externalFqdn], { addresses: [host] }),
    internal.issue([edge.internalFqdn], { addresses: [host] }),
  ]);
  await Promise.all([writeKeyPair(to, 'external', forPartners), writeKeyPair(to, 'internal', forServers)]);
  const { federation, inside, replication, metrics } = ports[name];
  return writeYaml(to, `Edge of ${name}`, {
    role: 'edge',
    name: edge.internalFqdn,
    dataFolder: 'data',
    nameServers: [`${dnsHost}:${ports.dns}`],
    internal: { ...keyPairFiles('internal'), authorityFile: internal.certificateFile },
    external: { host, port: federation, ...keyPairFiles('external') },
    inside: { host, port: inside },
    replication: { host, port: replication },
    metrics: { host, port: metrics },
    enrolmentFile: 'enrolment.json',
    federationTrustFiles: [authority.certificateFile, ...trustFiles],
  });
}

function keyPairFiles(use: string) {
  return { certificateFile: `${use}.pem`, keyFile: `${use}-key.pem` };
}

async function writeKeyPair(folder: string, use: string, issued: IssuedCertificate): Promise<void> {
  const { certificateFile, keyFile } = keyPairFiles(use);
  await writeFile(join(folder, certificateFile), issued.chainPem);
  await writeFile(join(folder, keyFile), issued.keyPem, { mode: 0o600 });
}

async function writeYaml(folder: string, what: string, configuration: object): Promise<string> {
  const file = join(folder, 'server.yaml');
  const head = `# ${what}, written by "parley lab" at each start.\n# By hand: parley serve --config ${file}\n`;
  await writeFile(file, head + stringify(configuration));
  return file;
}
