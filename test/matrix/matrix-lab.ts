import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { randomToken } from '../../src/base/random.ts';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';
import { type PartnerDomain, partnerDomains, partnerZone, providerProxy, type RowOutcome, type RowSetUp } from './matrix-rows.ts';

/** Where an entry with a fixed server is reached: no SRV record names another port. */
const fixedServerPort = 5061;
const arrivalMs = 5_000;
const provider = 'LyncOnline';
const policy = 'BasicAccess';
const aliceAddress = 'alice@contoso.test';

/** A message to one side, as it went. */
export interface MatrixCell extends RowOutcome {
  /** ms-diagnostics as contoso's own sender and the partner's sender got it. */
  readonly outboundDiagnostics: string | undefined;
  readonly inboundDiagnostics: string | undefined;
}

/** The lab with a user of the partner in every partner domain, and contoso's configuration under the test's hand. */
export class MatrixLab {
  readonly #lab: LabUnderTest;
  readonly #relay: Server;
  readonly #alice: TestEndpoint;
  readonly #partners: ReadonlyMap<PartnerDomain, TestEndpoint>;
  #state: RowSetUp = {};
  #domain: string | undefined;
  #discovery = false;

  private constructor(lab: LabUnderTest, relay: Server, alice: TestEndpoint, partners: ReadonlyMap<PartnerDomain, TestEndpoint>) {
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
      const alice = await lab.signIn('contoso', aliceAddress);
      return new MatrixLab(lab, relay, alice, partners);
    } catch (fault) {
      await lab.stop();
      throw fault;
    }
  }

  async stop(): Promise<void> {
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

  /** Sends a message each way at once and tells what became of them. */
  async exchange(domain: PartnerDomain): Promise<MatrixCell> {
    const partner = this.#partners.get(domain) as TestEndpoint;
    const [outbound, inbound] = await Promise.all([this.#sendOut(partner), this.#sendIn(partner)]);
    return {
      outbound: outbound.outcome,
      outboundDiagnostics: outbound.diagnostics,
      inbound: inbound.outcome,
      inboundDiagnostics: inbound.diagnostics,
    };
  }

  async #sendOut(partner: TestEndpoint) {
    const { status, diagnostics } = await send(this.#alice, partner);
    const id = /^\d+/.exec(diagnostics ?? '')?.[0] ?? 'without an id';
    return { diagnostics, outcome: status === 200 ? 'delivered' : `${status} ${id}` };
  }

  async #sendIn(partner: TestEndpoint) {
    const before = this.#refusals(partner.address).length;
    const { status, diagnostics } = await send(partner, this.#alice);
    if (status === 200) return { diagnostics, outcome: 'delivered' };
    const logged = await until(`a reason in contoso's log for ${partner.address}`, () => this.#refusals(partner.address)[before]);
    return { diagnostics, outcome: `${status} ${logged.code}` };
  }

  /** What contoso's servers logged as refused from this sender. */
  #refusals(sender: string) {
    const logs = (['edge', 'frontend'] as const).flatMap(role => refusalsIn(this.#lab.log('contoso', role)));
    return logs.filter(({ from }) => from === `sip:${sender}`);
  }

  async #clearList(): Promise<void> {
    await this.#lab.run('contoso', 'Remove-CsFederatedDomain', { identity: [this.#domain] });
  }

  async #applyProvider(wanted: RowSetUp['provider']): Promise<void> {
    const before = this.#state.provider;
    if (before === wanted) return;
    if (wanted === undefined) await this.#lab.run('contoso', 'Remove-CsHostingProvider', { identity: provider });
    else {
      const command = before === undefined ? 'New-CsHostingProvider' : 'Set-CsHostingProvider';
      const enabled = wanted === 'enabled';
      await this.#lab.run('contoso', command, { identity: provider, proxyFqdn: providerProxy, enabled });
    }
  }

  async #applySwitches(wanted: RowSetUp, discovery: boolean): Promise<void> {
    if (discovery !== this.#discovery || wanted.federationSwitch !== this.#state.federationSwitch) {
      const allowFederatedUsers = wanted.federationSwitch !== 'off';
      const parameters = { allowFederatedUsers, enablePartnerDiscovery: discovery };
      await this.#lab.run('contoso', 'Set-CsAccessEdgeConfiguration', parameters);
    }
    if (wanted.policy !== this.#state.policy) {
      const bits = wanted.policy ?? { enableFederationAccess: true, enablePublicCloudAccess: false };
      await this.#lab.run('contoso', 'Set-CsExternalAccessPolicy', { identity: policy, ...bits });
    }
  }
}

/** The parameters of Set-CsFederatedDomain that make a row's entry; undefined where the domain is on no list. */
function listOf({ allowed, blocked }: RowSetUp) {
  if (blocked) return { list: 'Blocked' };
  return allowed === undefined ? undefined : { list: 'Allowed', ...allowed };
}

/** A message from one to the other. Answered 200 it has to have arrived, as from its sender; answered otherwise it must not. */
async function send(from: TestEndpoint, to: TestEndpoint) {
  const text = `Hello from ${from.address} (${randomToken(6)})`;
  const sent = await from.sendMessage(to.address, text);
  if (!sent.ok) throw new Error(`${from.address} to ${to.address}: ${sent.error.text}`);
  const arrived = await to.waitForMessage(text, sent.value.status === 200 ? arrivalMs : 0);
  if ((arrived?.from === from.address) !== (sent.value.status === 200)) {
    throw new Error(
      `${from.address} to ${to.address}: answered ${sent.value.status}, arrived as from ${arrived?.from ?? 'nobody'}`,
    );
  }
  return sent.value;
}

/** Makes the partner's domains with a user in each, signed in. */
async function makePartners(lab: LabUnderTest, zone: readonly string[]): Promise<ReadonlyMap<PartnerDomain, TestEndpoint>> {
  const kinds = Object.keys(partnerDomains) as PartnerDomain[];
  const fresh = kinds.filter(kind => kind !== 'hosted').map(kind => partnerDomains[kind]);
  const proofs: string[] = [];
  for (const identity of fresh) {
    const made = await lab.run('lynconline', 'New-CsSipDomain', { identity });
    proofs.push(`_parley-proof.${identity} TXT ${made.objects[0]?.proofToken}`);
  }
  lab.writeZone([...zone, ...proofs]);
  for (const identity of fresh) {
    // the lab's DNS looks at its zone file every 200 ms
    await until(`the proof of ${identity}`, async () => {
      const answer = await lab.client('lynconline').run({ command: 'Confirm-CsSipDomain', parameters: { identity } });
      return answer.ok ? true : undefined;
    });
  }
  const address = (kind: PartnerDomain) => `${kind}@${partnerDomains[kind]}`;
  const users = kinds.map(kind => ({ identity: address(kind), displayName: kind, password: `pw-${kind}` }));
  await lab.run('lynconline', 'Enable-CsUser', { users, externalAccessPolicy: policy });
  const endpoints = new Map<PartnerDomain, TestEndpoint>();
  for (const kind of kinds) endpoints.set(kind, await lab.signIn('lynconline', address(kind)));
  return endpoints;
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
