import { sleep } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { ClientFlows } from '../flow/client-flows.ts';
import { flowOf } from '../flow/connection-flow.ts';
import type { Flow } from '../flow/flow.ts';
import type { SentBy } from '../flow/sent-by.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { type Refusal, refuseInside, refuseOutside } from '../policy/refusal.ts';
import { answerRefusal, headersOfFailure } from '../routing/answer.ts';
import { Pipeline, type PipelineOwner } from '../routing/pipeline.ts';
import { pipelineOwner } from '../routing/pipeline-owner.ts';
import { RoleCore } from '../routing/role-core.ts';
import type { RoleLog } from '../routing/role-log.ts';
import { type OpenTrunk, openFlow, TrunkPool } from '../routing/trunk-pool.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { CloseReason } from '../wire/close-reason.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import { RemoteFlows } from '../workers/remote-flows.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';
import { ClientRequest } from './client-request.ts';
import { type ClientParts, clientSteps } from './client-steps.ts';
import { NotifyPorts } from './notify-ports.ts';
import { PresenceHomes } from './presence-homes.ts';
import { methodsForOutside, methodsForUsers } from './served-methods.ts';
import { tenantAnswers } from './tenant-answers.ts';
import { TrunkRequest } from './trunk-request.ts';
import { audienceOf, trunkSteps } from './trunk-steps.ts';

/** Waits of clients and of Edges at the same time (D11). */
const clientWaits = { total: 20_000, perPeer: 32 };
const trunkWaits = { total: 20_000, perPeer: 20_000 };

/** How long watchers are waited for at the end, and how often they are looked at, milliseconds. */
const farewellMs = 1_500;
const farewellPollMs = 10;

/** What a Front End is made of. */
export interface FrontEndPorts
  extends Omit<ClientParts, 'layer' | 'flows' | 'edges' | 'relays' | 'notifyPorts' | 'homes' | 'refused'> {
  /** Makes the opener of the connections to Edges. */
  readonly openTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
  /** How we name ourselves in Via towards servers. */
  readonly trunkSide: SentBy;
  /** The other worker processes of this Front End; absent where it is alone. */
  readonly mesh?: WorkerMesh | undefined;
}

/**
 * The Front End role: clients and Edges on one side, registrar and deliveries on the other. It owns no socket; listeners and trunks give
 * it their connections.
 */
export class FrontEnd {
  readonly #core: RoleCore;
  readonly #ports: FrontEndPorts;
  readonly #flows: ClientFlows;
  readonly #edges: TrunkPool<Flow>;
  readonly #notifyPorts: NotifyPorts;
  readonly #clients: Pipeline<ClientRequest>;
  readonly #trunks: Pipeline<TrunkRequest>;
  /** Absent where there is one worker only. */
  readonly #remoteFlows: RemoteFlows | undefined;
  /** What the trunk listener and the connections to Edges call. */
  readonly trunkHandler: ConnectionHandler;

  /** The transaction layer and the trunks to the Edges are made here: they report to the Front End. */
  constructor(ports: FrontEndPorts) {
    this.#core = new RoleCore(ports.clock, ports.log, {
      routeHosts: [ports.clientSide.host, ports.fqdn],
      take: transaction => this.#take(transaction),
      turnAway: (flow, failure, request) => this.#turnAway(flow, failure, request),
      ownerOf: flow => ports.owners.ofFlow(flow),
    });
    const { layer, relays } = this.#core;
    const trunk = (connection: Connection): Flow => flowOf(connection, ports.trunkSide, ports.clock);
    const flows = new ClientFlows(ports.clock, ports.clientSide);
    this.trunkHandler = this.#core.handler(trunk, flow => edges.ended(flow));
    const bundleSize = () => ports.configuration.current.proxy.outgoingTlsCount;
    const edges = new TrunkPool(ports.clock, openFlow(ports.openTrunk(this.trunkHandler), trunk), bundleSize);
    const notifyPorts = new NotifyPorts({ ...ports, edges, flows, layer });
    const homes = ports.mesh && new PresenceHomes(ports.mesh, { ...ports, notifyPorts });
    this.#ports = ports;
    this.#flows = flows;
    this.#edges = edges;
    this.#notifyPorts = notifyPorts;
    this.#remoteFlows = ports.mesh && this.#reachOthers(ports.mesh);
    const parts = { ...ports, layer, flows, relays, edges, notifyPorts, homes };
    const clientOwner = this.#clientOwner(ports.log);
    const trunkOwner = this.#trunkOwner(ports.log);
    this.#clients = new Pipeline(clientSteps({ ...parts, refused: clientOwner.refused }), clientOwner, clientWaits);
    this.#trunks = new Pipeline(trunkSteps({ ...parts, refused: trunkOwner.refused }), trunkOwner, trunkWaits);
  }

  /** Transactions now and since the start, and open connections to Edges, for metrics. */
  get traffic(): { readonly transactions: TransactionLayer<Flow>; readonly edgeConnections: number } {
    return { transactions: this.#core.layer, edgeConnections: this.#edges.count };
  }

  /** What listeners for clients call. */
  readonly clientHandler: ConnectionHandler = {
    onMessage: (connection, message) => {
      const flow = this.#flows.of(connection);
      if (!this.#core.admits(message, flow)) return;
      const isElsewhere = message.kind === 'response' && this.#remoteFlows?.passBack(flow, message);
      if (!isElsewhere) this.#core.pass(message, flow);
    },
    onBad: (connection, failure, request) => this.#core.bad(this.#flows.of(connection), failure, request),
    onClosed: (connection, why) => {
      const flow = this.#flows.of(connection);
      this.#ports.registrar.flowClosed(flow.id);
      this.#clientGone(flow, why);
      this.#remoteFlows?.ended(flow);
    },
  };

  /** A server with these names in its certificate is alive: nothing waits any longer because it was not. */
  provedAlive(names: readonly string[]): void {
    this.#edges.provedAlive(names);
  }

  /** Ends what a user may no longer have: called when a user was suspended, removed, or given another password, address or block list. */
  userChanged(before: User, after: User | undefined): void {
    const unchanged = after?.enabled && after.aor === before.aor && after.credentialVersion === before.credentialVersion;
    if (!unchanged) this.signOut(before.aor);
    if (after?.aor !== before.aor) this.#ports.presence.userRemoved(before);
    else if (before.blockedSenders !== undefined || after.blockedSenders !== undefined) {
      this.#ports.presence.watcherRulesChanged(before.aor);
    }
  }

  /** Makes the flows of other workers as good as our own. */
  #reachOthers(mesh: WorkerMesh): RemoteFlows {
    const remoteFlows = new RemoteFlows({
      mesh,
      clock: this.#ports.clock,
      side: this.#ports.clientSide,
      own: flow => this.#flows.own(flow),
      onResponse: (flow, response) => this.#core.receive(response, flow),
      onEnded: flow => this.#clientGone(flow, { kind: 'peer-closed', detail: '' }),
    });
    this.#flows.lookElsewhere(flow => remoteFlows.find(flow));
    return remoteFlows;
  }

  #clientGone(flow: Flow, why: CloseReason): void {
    this.#core.ended(flow, why);
    this.#flows.ended(flow);
    const watching = this.#notifyPorts.knownOfClient(flow);
    if (watching) this.#ports.events.portClosed(watching);
  }

  /**
   * Ends all subscriptions, so that watchers subscribe again where users are served by then, and waits until they know; no longer than is bearable
   * at the end of a process.
   */
  async farewell(): Promise<void> {
    const { clock, events } = this.#ports;
    events.deactivate();
    const until = clock.monotonic() + farewellMs;
    while (events.counts.due + events.counts.outstanding > 0 && clock.monotonic() < until) await sleep(clock, farewellPollMs);
  }

  /** Stops the timers of the transactions, for the end of the process. */
  close(): void {
    this.#core.layer.close();
  }

  /** Signs a user out of every endpoint; flows on which nobody else has signed in end. */
  signOut(aor: Aor): void {
    this.#ports.events.watcherSignedOut(aor);
    for (const binding of this.#ports.registrar.signOut(aor)) {
      const flow = this.#flows.own(binding.flow);
      if (!flow) continue;
      flow.proofs.revoke(aor);
      if (!flow.proofs.authenticated) flow.end('signed out');
    }
    this.#ports.log.event('signed-out', { user: aor });
  }

  #take(transaction: ServerTransaction<Flow>): void {
    const { peer } = transaction.connection;
    if (peer !== undefined) {
      this.provedAlive(peer.names);
      this.#trunks.run(new TrunkRequest(transaction));
    } else this.#clients.run(new ClientRequest(transaction));
  }

  #turnAway(flow: Flow, failure: Failure, request: SipRequest): void {
    this.#ports.log.refused(request, failure, 'parser');
    flow.send(this.#refusal(request, failure, refuseInside(failure)));
  }

  #refusal(request: SipRequest, failure: Failure, refusal: Refusal) {
    return answerRefusal(request, refusal, this.#ports.fqdn, headersOfFailure(failure, methodsForUsers));
  }

  #clientOwner(log: RoleLog): PipelineOwner<ClientRequest> {
    return pipelineOwner(log, ({ request, transaction, crossing }, failure, step) => {
      log.refused(request, failure, step);
      const answer = crossing
        ? tenantAnswers(this.#ports.fqdn, request, crossing).refused(failure)
        : this.#refusal(request, failure, refuseInside(failure));
      transaction.respond(answer);
    });
  }

  #trunkOwner(log: RoleLog): PipelineOwner<TrunkRequest> {
    return pipelineOwner(log, (context, failure, step) => {
      const { request, transaction } = context;
      log.refused(request, failure, step);
      // the Edge takes ms-diagnostics off before it passes the answer on
      const refusal = { ...refuseOutside(failure, audienceOf(context)), diagnostics: refuseInside(failure).diagnostics };
      transaction.respond(answerRefusal(request, refusal, this.#ports.fqdn, headersOfFailure(failure, methodsForOutside)));
    });
  }
}
