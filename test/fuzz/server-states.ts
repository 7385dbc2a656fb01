import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { LabUnderTest, ServerRole } from '../support/lab-under-test.ts';
import { BareClient, type BareMessage, type BareServer, bareResponse } from '../torture/bare-client.ts';
import { tortureTable } from '../torture/torture-table.ts';
import { nextHttpInput } from './http-grammar.ts';
import { mutate } from './mutate.ts';
import type { RandomSource } from './random-source.ts';
import type { ServerState } from './server-state.ts';
import { nextSipInput, type Parties, sipWords } from './sip-grammar.ts';
import { webStateNames, webStates } from './web-states.ts';

const people = [
  'adam@contoso.test',
  'alice@contoso.test',
  'nobody@contoso.test',
  'bob@fabrikam.test',
  'contoso.test',
  'a.example',
];
const asAlice: Parties = { from: 'alice@contoso.test', to: people, domain: 'contoso.test' };
const partner = 'northwind.test';
const partnerServer = `sip.${partner}`;
const torture = tortureTable.map(row => row.message);

/** The states there are. */
export const serverStateNames: readonly string[] = [
  ...['stranger', 'client', 'partner', 'trunk', 'replication'],
  ...webStateNames,
];

/** Every state of a lab's servers. The lab gets a partner for it. */
export async function serverStates(lab: LabUnderTest): Promise<readonly ServerState[]> {
  const { frontEnd, edge } = lab.organisation('contoso');
  await lab.run('contoso', 'New-CsAllowedDomain', { identity: partner, proxyFqdn: partnerServer });
  const ca = readFileSync(lab.file.ca, 'utf8');
  const forClients: BareServer = { host: frontEnd.host, port: frontEnd.tlsPort, fqdn: frontEnd.fqdn, ca };
  const forPartners: BareServer = { host: edge.host, port: edge.federationPort, fqdn: edge.fqdn, ...lab.issue(partnerServer) };
  const inside = insideServers(lab);
  const sip = { corpus: 'sip', seeds: torture } as const;
  const fromPartner: Parties = { from: `carol@${partner}`, to: people, domain: 'contoso.test' };
  return [
    { ...sip, name: 'stranger', next: sipFrom(asAlice), open: () => BareClient.open(forClients) },
    { ...sip, name: 'client', next: sipFrom(asAlice), open: random => openSignedIn(forClients, random) },
    { ...sip, name: 'partner', next: sipFrom(fromPartner), open: random => openAnswering(forPartners, random) },
    { ...sip, name: 'trunk', next: sipFrom(fromPartner), open: random => openAnswering(inside.trunk, random) },
    { name: 'replication', corpus: 'http', seeds: [], next: nextHttpInput, open: () => BareClient.open(inside.replication) },
    ...webStates(lab, asAlice, torture),
  ];
}

function sipFrom(parties: Parties): ServerState['next'] {
  return (random, seeds) => nextSipInput(random, parties, seeds);
}

async function openSignedIn(server: BareServer, random: RandomSource): Promise<BareClient> {
  const client = await BareClient.open(server);
  await client.signIn('alice');
  return answering(client, random);
}

async function openAnswering(server: BareServer, random: RandomSource): Promise<BareClient> {
  return answering(await BareClient.open(server), random);
}

/** Requests that come back are answered as oddly as others are sent. */
function answering(client: BareClient, random: RandomSource): BareClient {
  client.answer = (request: BareMessage) => {
    const response = bareResponse(request, random.pick([100, 180, 200, 299, 302, 404, 491, 600]), 'Said');
    return random.once(2) ? response : mutate(random, response, sipWords, torture);
  };
  return client;
}

/** The ports between the servers of contoso, with the certificates that open them. */
function insideServers(lab: LabUnderTest): { readonly trunk: BareServer; readonly replication: BareServer } {
  const [frontEnd, edge] = [readServer(lab, 'frontend'), readServer(lab, 'edge')];
  return {
    trunk: { ...edge.identity, ...frontEnd.configuration.trunk, fqdn: frontEnd.configuration.name },
    replication: { ...frontEnd.identity, ...edge.configuration.replication, fqdn: edge.configuration.name },
  };
}

interface InsideConfiguration {
  readonly name: string;
  readonly internal: { readonly authorityFile: string };
  readonly trunk: { readonly host: string; readonly port: number };
  readonly replication: { readonly host: string; readonly port: number };
}

function readServer(lab: LabUnderTest, role: ServerRole) {
  const folder = lab.serverFolder('contoso', role);
  const configuration = parse(readFileSync(join(folder, 'server.yaml'), 'utf8')) as InsideConfiguration;
  const read = (file: string) => readFileSync(file, 'utf8');
  const identity = {
    cert: read(join(folder, 'internal.pem')),
    key: read(join(folder, 'internal-key.pem')),
    ca: read(configuration.internal.authorityFile),
  };
  return { configuration, identity };
}
