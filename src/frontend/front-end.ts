import { sleep } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { type Refusal, refuseInside, refuseOutside } from '../policy/refusal.ts';
import { answerRefusal, headersOfFailure } from '../routing/answer.ts';
import { Pipeline, type PipelineOwner } from '../routing/pipeline.ts';
import { pipelineOwner } from '../routing/pipeline-owner.ts';
import { RoleCore } from '../routing/role-core.ts';
import type { RoleLog } from '../routing/role-log.ts';
import { type OpenTrunk, TrunkPool } from '../routing/trunk-pool.ts';
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
export interface FrontEndPorts extends Omit<ClientParts, 'layer' | 'edges' | 'relays' | 'notifyPorts' | 'homes' | 'refused'> {
  /** Makes the opener of the connections to Edges. */
  readonly openTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
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
  readonly #edges: TrunkPool<Connection>;
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
      turnAway: (connection, failure, request) => this.#turnAway(connection, failure, request),
      ownerOf: connection => ports.owners.ofConnection(connection),
    });
    const { layer, relays } = this.#core;
    this.trunkHandler = this.#core.handler(connection => edges.closed(connection));
    const bundleSize = () => ports.configuration.current.proxy.outgoingTlsCount;
    const edges = new TrunkPool(ports.clock, ports.openTrunk(this.trunkHandler), bundleSize);
    const notifyPorts = new NotifyPorts({ ...ports, edges, layer });
    const homes = ports.mesh && new PresenceHomes(ports.mesh, { ...ports, notifyPorts });
    this.#ports = ports;
    this.#edges = edges;
    this.#notifyPorts = notifyPorts;
    this.#remoteFlows = ports.mesh && this.#reachOthers(ports.mesh);
    const parts = { ...ports, layer, relays, edges, notifyPorts, homes };
    const clientOwner = this.#clientOwner(ports.log);
    const trunkOwner = this.#trunkOwner(ports.log);
    this.#clients = new Pipeline(clientSteps({ ...parts, refused: clientOwner.refused }), clientOwner, clientWaits);
    this.#trunks = new Pipeline(trunkSteps({ ...parts, refused: trunkOwner.refused }), trunkOwner, trunkWaits);
  }

  /** Transactions now and since the start, and open connections to Edges, for metrics. */
  get traffic(): { readonly transactions: TransactionLayer<Connection>; readonly edgeConnections: number } {
    return { transactions: this.#core.layer, edgeConnections: this.#edges.count };
  }

  /** What listeners for clients call. */
  readonly clientHandler: ConnectionHandler = {
    onMessage: (connection, message) => {
      const isElsewhere = message.kind === 'response' && this.#remoteFlows?.passBack(connection, message);
      if (!isElsewhere) this.#core.receive(connection, message);
    },
    onBad: (connection, failure, request) => this.#core.bad(connection, failure, request),
    onClosed: (connection, why) => {
      this.#ports.registrar.flowClosed(connection.id);
      this.#clientGone(connection, why);
      this.#remoteFlows?.closed(connection);
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
    const { clock, sessions } = this.#ports;
    const remoteFlows = new RemoteFlows({
      mesh,
      clock,
      own: flow => sessions.own(flow)?.connection,
      handler: {
        // what a client of another worker asks, that worker answers
        onMessage: (connection, message) => message.kind === 'response' && this.#core.layer.receive(message, connection),
        onBad: () => {},
        onClosed: (connection, why) => this.#clientGone(connection, why),
      },
    });
    sessions.lookElsewhere(flow => remoteFlows.connect(flow));
    return remoteFlows;
  }

  #clientGone(connection: Connection, why: CloseReason): void {
    this.#core.closed(connection, why);
    const session = this.#ports.sessions.closed(connection);
    const watching = session && this.#notifyPorts.knownOfClient(session);
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

  /** Signs a user out of every endpoint; connections that nobody else uses are closed. */
  signOut(aor: Aor): void {
    this.#ports.events.watcherSignedOut(aor);
    for (const binding of this.#ports.registrar.signOut(aor)) {
      const session = this.#ports.sessions.own(binding.flow);
      if (!session) continue;
      session.flow.revoke(aor);
      if (!session.flow.authenticated) session.connection.close('signed out');
    }
    this.#ports.log.event('signed-out', { user: aor });
  }

  #take(transaction: ServerTransaction<Connection>): void {
    const { connection } = transaction;
    if (connection.peer !== undefined) {
      this.provedAlive(connection.peer.names);
      this.#trunks.run(new TrunkRequest(transaction));
    } else this.#clients.run(new ClientRequest(transaction, this.#ports.sessions.of(connection)));
  }

  #turnAway(connection: Connection, failure: Failure, request: SipRequest): void {
    this.#ports.log.refused(request, failure, 'parser');
    connection.send(this.#refusal(request, failure, refuseInside(failure)));
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
