import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import type { AvailabilityClass } from '../../src/services/presence/availability.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { presenceEndpoint, statusOf } from '../support/presence-client.ts';
import { addProvenDomains } from '../support/proven-domains.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';
import { type Answered, type Party, send } from './matrix-requests.ts';
import {
  openPolicy,
  type PartnerDomain,
  partnerDomains,
  partnerZone,
  providerProxy,
  type RequestKind,
  type RowOutcome,
  type RowSetUp,
  requestKinds,
} from './matrix-rows.ts';

/** Where an entry with a fixed server is reached: no SRV record names another port. */
const fixedServerPort = 5061;
const provider = 'LyncOnline';
const policy = 'BasicAccess';
const aliceAddress = 'alice@contoso.test';

/** A request of one kind to each side, as it went. */
export interface SeenOutcome extends RowOutcome {
  /** ms-diagnostics as contoso's own sender and the partner's sender got it. */
  readonly outboundDiagnostics: string | undefined;
  readonly inboundDiagnostics: string | undefined;
}

/** What was seen of every kind. */
export type MatrixCell = Readonly<Record<RequestKind, SeenOutcome>>;

/** The lab with a user of the partner in every partner domain, and contoso's configuration under the test's hand. */
export class MatrixLab {
  readonly #lab: LabUnderTest;
  readonly #relay: Server;
  readonly #alice: Party;
  readonly #partners: ReadonlyMap<PartnerDomain, Party>;
  #state: RowSetUp = {};
  #domain: string | undefined;
  #discovery = false;

  private constructor(lab: LabUnderTest, relay: Server, alice: Party, partners: ReadonlyMap<PartnerDomain, Party>) {
    this.#lab = lab;
    this.#relay = relay;
    this.#alice = alice;
    this.#partners = partners;
  }

  static async start(): Promise<MatrixLab> {
    const lab = await LabUnderTest.start();
    try {
      const { edge } = lab.organisation('lynconline');
      const relay = await openRelay(edge.host, edge.federationPort);
      const partners = await makePartners(lab, partnerZone(edge.federationPort));
      // nothing on the lists, no provider: what a row needs it puts there
      await lab.run('contoso', 'Remove-CsFederatedDomain', { identity: ['fabrikam.test', 'fabrikam.lynconline.test'] });
      await lab.run('contoso', 'Remove-CsHostingProvider', { identity: provider });
      const alice = await makeParty(lab, 'contoso', aliceAddress, 'busy');
      return new MatrixLab(lab, relay, alice, partners);
    } catch (fault) {
      await lab.stop();
      throw fault;
    }
  }

  async stop(): Promise<void> {
    for (const { presence } of [this.#alice, ...this.#partners.values()]) presence.close();
    await this.#lab.stop();
    this.#relay.close();
  }

  /** Brings contoso's configuration to what a row needs, by commands for the differences. */
  async apply(domain: PartnerDomain, wanted: RowSetUp, discovery: boolean): Promise<void> {
    const name = partnerDomains[domain];
    const sameDomain = this.#domain === name;
    if (!sameDomain && listOf(this.#state) !== undefined) await this.#clearList();
    if (listOf(wanted) === undefined) {
      if (sameDomain && listOf(this.#state) !== undefined) await this.#clearList();
    } else if (!sameDomain || JSON.stringify(listOf(this.#state)) !== JSON.stringify(listOf(wanted))) {
      await this.#lab.run('contoso', 'Set-CsFederatedDomain', { identity: [name], ...listOf(wanted) });
    }
    await this.#applyProvider(wanted.provider);
    await this.#applySwitches(wanted, discovery);
    this.#domain = name;
    this.#state = wanted;
    this.#discovery = discovery;
  }

  /** Sends a request of every kind each way, all at once, and tells what became of them. */
  async exchange(domain: PartnerDomain): Promise<MatrixCell> {
    const partner = this.#partners.get(domain) as Party;
    const seen = requestKinds.map(async (kind): Promise<[RequestKind, SeenOutcome]> => {
      const [outbound, inbound] = await Promise.all([send[kind](this.#alice, partner), send[kind](partner, this.#alice)]);
      const outcome = {
        outbound: outboundOutcome(outbound),
        outboundDiagnostics: outbound.diagnostics,
        inbound: await this.#inboundOutcome(inbound),
        inboundDiagnostics: inbound.diagnostics,
      };
      return [kind, outcome];
    });
    return Object.fromEntries(await Promise.all(seen)) as MatrixCell;
  }

  async #inboundOutcome({ status, callId }: Answered): Promise<string> {
    if (status === 200) return 'delivered';
    const logged = await until(`a reason in contoso's log for ${callId}`, () => this.#refusal(callId));
    return `${status} ${logged.code}`;
  }

  /** What contoso's servers logged of a request that they refused. */
  #refusal(callId: string) {
    const logs = (['edge', 'frontend'] as const).flatMap(role => refusalsIn(this.#lab.log('contoso', role)));
    return logs.find(refusal => refusal.callId === callId);
  }

  async #clearList(): Promise<void> {
    await this.#lab.run('contoso', 'Remove-CsFederatedDomain', { identity: [this.#domain] });
  }

  async #applyProvider(wanted: RowSetUp['provider']): Promise<void> {
    const before = this.#state.provider;
    if (before === wanted) return;
    const [nounBefore, noun] = [providerNoun(before), providerNoun(wanted)];
    if (nounBefore !== undefined && nounBefore !== noun)
      await this.#lab.run('contoso', `Remove-${nounBefore}`, { identity: provider });
    if (noun === undefined) return;
    const enabled = wanted !== 'disabled';
    const verb = nounBefore === noun ? 'Set' : 'New';
    await this.#lab.run('contoso', `${verb}-${noun}`, { identity: provider, proxyFqdn: providerProxy, enabled });
  }

  async #applySwitches(wanted: RowSetUp, discovery: boolean): Promise<void> {
    if (discovery !== this.#discovery || wanted.federationSwitch !== this.#state.federationSwitch) {
      const allowFederatedUsers = wanted.federationSwitch !== 'off';
      const parameters = { allowFederatedUsers, enablePartnerDiscovery: discovery };
      await this.#lab.run('contoso', 'Set-CsAccessEdgeConfiguration', parameters);
    }
    if (wanted.policy !== this.#state.policy) {
      await this.#lab.run('contoso', 'Set-CsExternalAccessPolicy', { identity: policy, ...openPolicy, ...wanted.policy });
    }
  }
}

/** The parameters of Set-CsFederatedDomain that make a row's entry; undefined where the domain is on no list. */
function listOf({ allowed, blocked }: RowSetUp) {
  if (blocked) return { list: 'Blocked' };
  return allowed === undefined ? undefined : { list: 'Allowed', ...allowed };
}

/** The kind of object that contoso knows the provider by. */
function providerNoun(provider: RowSetUp['provider']): 'CsHostingProvider' | 'CsPublicProvider' | undefined {
  if (provider === undefined) return undefined;
  return provider === 'public' ? 'CsPublicProvider' : 'CsHostingProvider';
}

function outboundOutcome({ status, diagnostics }: Answered): string {
  if (status === 200) return 'delivered';
  const id = /^\d+/.exec(diagnostics ?? '')?.[0];
  return id === undefined ? `${status}` : `${status} ${id}`;
}

/** A user signed in at both clients, with a state published. */
async function makeParty(
  lab: LabUnderTest,
  organisation: 'contoso' | 'lynconline',
  address: string,
  shows: AvailabilityClass,
): Promise<Party> {
  const talk = await lab.signIn(organisation, address);
  const presence = presenceEndpoint(lab, address);
  for (const answer of [await presence.signIn(), await presence.publish(shows)]) {
    if (statusOf(answer) !== 200) throw new Error(`${address} is answered ${statusOf(answer)}`);
  }
  return { address, talk, presence, shows };
}

/** Makes the partner's domains with a user in each, signed in. */
async function makePartners(lab: LabUnderTest, zone: readonly string[]): Promise<ReadonlyMap<PartnerDomain, Party>> {
  const kinds = Object.keys(partnerDomains) as PartnerDomain[];
  const fresh = kinds.filter(kind => kind !== 'hosted').map(kind => partnerDomains[kind]);
  await addProvenDomains(lab, 'lynconline', fresh, { zone });
  const address = (kind: PartnerDomain) => `${kind}@${partnerDomains[kind]}`;
  const users = kinds.map(kind => ({ identity: address(kind), displayName: kind, password: `pw-${kind}` }));
  await lab.run('lynconline', 'Enable-CsUser', { users, externalAccessPolicy: policy });
  const parties = new Map<PartnerDomain, Party>();
  for (const kind of kinds) parties.set(kind, await makeParty(lab, 'lynconline', address(kind), 'away'));
  return parties;
}

/** The lab's ports are free ones; this lets the partner's Edge be met at the port of fixed servers too. */
async function openRelay(host: string, federationPort: number): Promise<Server> {
  const relay = createServer(incoming => {
    const outgoing = connect({ host, port: federationPort });
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy());
  });
  relay.listen(fixedServerPort, host);
  await once(relay, 'listening');
  return relay;
}
