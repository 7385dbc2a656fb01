import type { Failure } from '../base/failure.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { type Refusal, refuseInside, refuseOutside } from '../policy/refusal.ts';
import { answerRefusal, headersOfFailure } from '../routing/answer.ts';
import { Pipeline, type PipelineOwner } from '../routing/pipeline.ts';
import { RelayTable, reasonOfCancel } from '../routing/relay-table.ts';
import { type OpenTrunk, TrunkPool } from '../routing/trunk-pool.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { isUnanswered } from '../sip/methods.ts';
import { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { TransactionUser } from '../transaction/transaction-user.ts';
import type { CloseReason } from '../wire/close-reason.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import { RemoteFlows } from '../workers/remote-flows.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';
import { ClientRequest } from './client-request.ts';
import { clientSteps } from './client-steps.ts';
import { EdgeTrunk } from './edge-trunk.ts';
import { allowedMethods, type FrontEndParts } from './front-end-parts.ts';
import { NotifyPorts } from './notify-ports.ts';
import { PresenceHomes } from './presence-homes.ts';
import { tenantAnswers } from './tenant-answers.ts';
import { TrunkRequest } from './trunk-request.ts';
import { audienceOf, trunkSteps } from './trunk-steps.ts';

/** Waits of clients and of Edges at the same time (D11). */
const clientWaits = { total: 20_000, perPeer: 32 };
const trunkWaits = { total: 20_000, perPeer: 20_000 };

/** What a Front End is made of; `openTrunk` makes the opener of its connections to Edges. */
export interface FrontEndPorts extends Omit<FrontEndParts, 'layer' | 'edges' | 'relays' | 'notifyPorts' | 'homes' | 'refusals'> {
  readonly openTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
  /** The other worker processes of this Front End; absent where it is alone. */
  readonly mesh?: WorkerMesh | undefined;
}

/**
 * The Front End role: clients and Edges on one side, registrar and deliveries on the other. It owns no socket; listeners and trunks give
 * it their connections.
 */
export class FrontEnd implements TransactionUser<Connection> {
  readonly #parts: FrontEndParts;
  readonly #clients: Pipeline<ClientRequest>;
  readonly #trunks: Pipeline<TrunkRequest>;
  /** Absent where there is one worker only. */
  readonly #remoteFlows: RemoteFlows | undefined;

  /** The transaction layer and the trunks to the Edges are made here: they report to the Front End. */
  constructor(ports: FrontEndPorts) {
    const bundleSize = () => ports.configuration.current.proxy.outgoingTlsCount;
    const edges = new EdgeTrunk(new TrunkPool(ports.clock, ports.openTrunk(this.trunkHandler), bundleSize));
    const clientOwner = this.#clientOwner();
    const trunkOwner = this.#trunkOwner();
    const parts: FrontEndParts = {
      ...ports,
      edges,
      relays: new RelayTable(),
      layer: new TransactionLayer<Connection>({ clock: ports.clock, user: this }),
      get notifyPorts() {
        return notifyPorts;
      },
      get homes() {
        return homes;
      },
      refusals: { ofClient: clientOwner.refused, ofTrunk: trunkOwner.refused },
    };
    const notifyPorts = new NotifyPorts(parts);
    const homes = ports.mesh && new PresenceHomes(ports.mesh, parts);
    this.#parts = parts;
    this.#remoteFlows = ports.mesh && this.#reachOthers(ports.mesh);
    this.#clients = new Pipeline(clientSteps(parts), clientOwner, clientWaits);
    this.#trunks = new Pipeline(trunkSteps(parts), trunkOwner, trunkWaits);
  }

  /** Transactions now and since the start, and open connections to Edges, for metrics. */
  get traffic(): { readonly transactions: TransactionLayer<Connection>; readonly edgeConnections: number } {
    return { transactions: this.#parts.layer, edgeConnections: this.#parts.edges.count };
  }

  /** What listeners for clients call. */
  readonly clientHandler: ConnectionHandler = {
    onMessage: (connection, message) => {
      const isElsewhere = message.kind === 'response' && this.#remoteFlows?.passBack(connection, message);
      if (!isElsewhere) this.#receive(connection, message);
    },
    onBad: (connection, failure, request) => this.#bad(connection, failure, request),
    onClosed: (connection, why) => {
      this.#parts.registrar.flowClosed(connection.id);
      this.#clientGone(connection, why);
      this.#remoteFlows?.closed(connection);
    },
  };

  /** What the trunk listener and the connections to Edges call. */
  readonly trunkHandler: ConnectionHandler = {
    onMessage: (connection, message) => this.#receive(connection, message),
    onBad: (connection, failure, request) => this.#bad(connection, failure, request),
    onClosed: (connection, why) => {
      if (why.kind === 'fault') this.#parts.log.connectionFaulted(why.cause);
      this.#parts.layer.connectionClosed(connection);
      this.#parts.edges.closed(connection);
    },
  };

  onRequest(transaction: ServerTransaction<Connection>): void {
    this.#run(transaction);
  }

  /** An ACK for a 2xx goes its own way through the pipeline (rfc3261 13.2.2.4); whatever refuses it, nobody answers it. */
  onAck(request: SipRequest, connection: Connection): void {
    this.#run(new ServerTransaction(request, connection, undefined));
  }

  onCancel(cancel: ServerTransaction<Connection>, invite: ServerTransaction<Connection> | undefined, request: SipRequest): void {
    cancel.respond(createResponse(request, invite ? 200 : 481));
    if (invite) this.#parts.relays.cancel(invite, reasonOfCancel(request));
  }

  /** Nobody is left to take the call: what rings because of it stops ringing. */
  onLost(invite: ServerTransaction<Connection>): void {
    this.#parts.relays.cancel(invite);
  }

  onStrayResponse(): void {}

  /** Ends what a user may no longer have: called when a user was suspended, removed, or given another password, address or block list. */
  userChanged(before: User, after: User | undefined): void {
    const unchanged = after?.enabled && after.aor === before.aor && after.credentialVersion === before.credentialVersion;
    if (!unchanged) this.signOut(before.aor);
    if (after?.aor !== before.aor) this.#parts.presence.userRemoved(before);
    else if (before.blockedSenders !== undefined || after.blockedSenders !== undefined) {
      this.#parts.presence.watcherRulesChanged(before.aor);
    }
  }

  /** Makes the flows of other workers as good as our own. */
  #reachOthers(mesh: WorkerMesh): RemoteFlows {
    const { clock, sessions } = this.#parts;
    const remoteFlows = new RemoteFlows({
      mesh,
      clock,
      own: flow => sessions.own(flow)?.connection,
      handler: {
        // what a client of another worker asks, that worker answers
        onMessage: (connection, message) => message.kind === 'response' && this.#receive(connection, message),
        onBad: () => {},
        onClosed: (connection, why) => this.#clientGone(connection, why),
      },
    });
    sessions.lookElsewhere(flow => remoteFlows.connect(flow));
    return remoteFlows;
  }

  #clientGone(connection: Connection, why: CloseReason): void {
    if (why.kind === 'fault') this.#parts.log.connectionFaulted(why.cause);
    this.#parts.layer.connectionClosed(connection);
    const session = this.#parts.sessions.find(connection.id);
    const watching = session?.connection === connection && this.#parts.notifyPorts.knownOfClient(session);
    if (watching) this.#parts.presence.portClosed(watching);
    this.#parts.sessions.closed(connection);
  }

  /** Stops the timers of the transactions, for the end of the process. */
  close(): void {
    this.#parts.layer.close();
  }

  /** Signs a user out of every endpoint; connections that nobody else uses are closed. */
  signOut(aor: Aor): void {
    this.#parts.presence.watcherSignedOut(aor);
    for (const binding of this.#parts.registrar.signOut(aor)) {
      const session = this.#parts.sessions.own(binding.flow);
      if (!session) continue;
      session.flow.revoke(aor);
      if (!session.flow.authenticated) session.connection.close('signed out');
    }
    this.#parts.log.event('signed-out', { user: aor });
  }

  #run(transaction: ServerTransaction<Connection>): void {
    const { connection } = transaction;
    if (connection.peer !== undefined) this.#trunks.run(new TrunkRequest(transaction));
    else this.#clients.run(new ClientRequest(transaction, this.#parts.sessions.of(connection)));
  }

  #receive(connection: Connection, message: SipMessage): void {
    this.#parts.layer.receive(message, connection);
  }

  #bad(connection: Connection, failure: Failure, request: SipRequest | undefined): void {
    if (!request || isUnanswered(request.method)) return;
    this.#parts.log.refused(request, failure, 'parser');
    connection.send(this.#refusal(request, failure, refuseInside(failure)));
  }

  #refusal(request: SipRequest, failure: Failure, refusal: Refusal) {
    return answerRefusal(request, refusal, this.#parts.fqdn, headersOfFailure(failure, allowedMethods));
  }

  #clientOwner(): PipelineOwner<ClientRequest> {
    return {
      refused: (context, failure, step) => {
        this.#parts.log.refused(context.request, failure, step);
        const { request, crossing } = context;
        const answer = crossing
          ? tenantAnswers(this.#parts, request, crossing).refused(failure)
          : this.#refusal(request, failure, refuseInside(failure));
        context.transaction.respond(answer);
      },
      dropped: (context, why, step) => this.#parts.log.event('dropped', { why, step, method: context.request.method }),
      faulted: (context, fault, step) => {
        this.#parts.log.faulted(context.request, fault, step);
        context.transaction.respond(createResponse(context.request, 500));
      },
      orderKey: context => orderKey(context.request, context.session.flow.id),
      peerKey: context => context.session.flow.id,
    };
  }

  #trunkOwner(): PipelineOwner<TrunkRequest> {
    return {
      refused: (context, failure, step) => {
        this.#parts.log.refused(context.request, failure, step);
        // the Edge takes ms-diagnostics off before it passes the answer on
        const refusal = { ...refuseOutside(failure, audienceOf(context)), diagnostics: refuseInside(failure).diagnostics };
        context.transaction.respond(this.#refusal(context.request, failure, refusal));
      },
      dropped: (context, why, step) => this.#parts.log.event('dropped', { why, step, method: context.request.method }),
      faulted: (context, fault, step) => {
        this.#parts.log.faulted(context.request, fault, step);
        context.transaction.respond(createResponse(context.request, 500));
      },
      orderKey: context => orderKey(context.request, context.connection.id),
      peerKey: context => context.connection.id,
    };
  }
}

/** Order is kept per flow and call; pager messages of one pair keep theirs too, though each has a Call-ID of its own (D11). */
function orderKey(request: SipRequest, flow: string): string {
  return request.method === 'MESSAGE' && request.toTag === undefined
    ? `${flow} ${request.fromUri} ${request.toUri}`
    : `${flow} ${request.callId}`;
}
