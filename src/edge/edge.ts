import type { Failure } from '../base/failure.ts';
import { refuseInside, refuseOutside } from '../policy/refusal.ts';
import { answerRefusal, headersOfFailure } from '../routing/answer.ts';
import { Pipeline, type PipelineOwner } from '../routing/pipeline.ts';
import { RelayTable, reasonOfCancel } from '../routing/relay-table.ts';
import { type OpenTrunk, TrunkPool } from '../routing/trunk-pool.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipRequest } from '../sip/message.ts';
import { isUnanswered } from '../sip/methods.ts';
import { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { TransactionUser } from '../transaction/transaction-user.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import { allowedMethods, type EdgeParts } from './edge-parts.ts';
import { InsideRequest } from './inside-request.ts';
import { insideSteps } from './inside-steps.ts';
import { NewDomainLimiter } from './new-domain-limiter.ts';
import { OutsideRequest } from './outside-request.ts';
import { outsideSteps } from './outside-steps.ts';

/** A stranger's connection may wait for four look-ups at a time (D31), a Front End for as many as it likes within the whole. */
const outsideWaits = { total: 5000, perPeer: 4 };
const insideWaits = { total: 20_000, perPeer: 20_000 };

/** What an Edge is made of; the functions make the openers of its connections to partners and to Front Ends. */
export interface EdgePorts extends Omit<EdgeParts, 'layer' | 'partners' | 'frontEnds' | 'newDomains' | 'relays'> {
  readonly openPartnerTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
  readonly openInsideTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
}

/**
 * The Access Edge role: partners on one side, Front Ends on the other, and nothing passes without the decision of its own replica.
 * It owns no socket; listeners and trunks give it their connections.
 */
export class Edge implements TransactionUser<Connection> {
  readonly #parts: EdgeParts;
  readonly #outside: Pipeline<OutsideRequest>;
  readonly #inside: Pipeline<InsideRequest>;
  readonly #insideConnections = new WeakSet<Connection>();

  /** The transaction layer and the trunks are made here: they report to the Edge. */
  constructor(ports: EdgePorts) {
    const { clock, configuration } = ports;
    const parts: EdgeParts = {
      ...ports,
      newDomains: new NewDomainLimiter(clock),
      relays: new RelayTable(),
      layer: new TransactionLayer<Connection>({ clock, user: this }),
      partners: new TrunkPool(
        clock,
        ports.openPartnerTrunk(this.outsideHandler),
        () => configuration.current.accessEdge.outgoingTlsCountForFederatedPartners,
      ),
      frontEnds: new TrunkPool(
        clock,
        ports.openInsideTrunk(this.insideHandler),
        () => configuration.current.proxy.outgoingTlsCount,
      ),
    };
    this.#parts = parts;
    this.#outside = new Pipeline(outsideSteps(parts), this.#outsideOwner(), outsideWaits);
    this.#inside = new Pipeline(insideSteps(parts), this.#insideOwner(), insideWaits);
  }

  /** Transactions now and since the start, and the connections we have opened, for metrics. */
  get traffic(): {
    readonly transactions: TransactionLayer<Connection>;
    readonly partnerConnections: number;
    readonly frontEndConnections: number;
  } {
    const { layer, partners, frontEnds } = this.#parts;
    return { transactions: layer, partnerConnections: partners.count, frontEndConnections: frontEnds.count };
  }

  /** For the external listener and the connections we open to partners: requests on those pass the whole inbound pipeline too (D30). */
  readonly outsideHandler: ConnectionHandler = {
    onMessage: (connection, message) => this.#parts.layer.receive(message, connection),
    onBad: (connection, failure, request) => this.#bad(connection, failure, request),
    onClosed: (connection, why) => {
      if (why.kind === 'fault') this.#parts.log.connectionFaulted(why.cause);
      this.#parts.layer.connectionClosed(connection);
      this.#parts.partners.closed(connection);
    },
  };

  /** For the internal listener and the connections we open to Front Ends. */
  readonly insideHandler: ConnectionHandler = {
    onMessage: (connection, message) => {
      this.#insideConnections.add(connection);
      this.#parts.layer.receive(message, connection);
    },
    onBad: (connection, failure, request) => this.#bad(connection, failure, request),
    onClosed: (connection, why) => {
      if (why.kind === 'fault') this.#parts.log.connectionFaulted(why.cause);
      this.#parts.layer.connectionClosed(connection);
      this.#parts.frontEnds.closed(connection);
    },
  };

  onRequest(transaction: ServerTransaction<Connection>): void {
    if (this.#insideConnections.has(transaction.connection)) this.#inside.run(new InsideRequest(transaction));
    else this.#outside.run(new OutsideRequest(transaction));
  }

  /** An ACK for a 2xx goes its own way through the pipeline (rfc3261 13.2.2.4); whatever refuses it, nobody answers it. */
  onAck(request: SipRequest, connection: Connection): void {
    this.onRequest(new ServerTransaction(request, connection, undefined));
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

  /** Stops the timers of the transactions, for the end of the process. */
  close(): void {
    this.#parts.layer.close();
  }

  #bad(connection: Connection, failure: Failure, request: SipRequest | undefined): void {
    if (!request || isUnanswered(request.method)) return;
    this.#parts.log.refused(request, failure, 'parser', connection.peer?.names ?? []);
    connection.send(answerRefusal(request, refuseOutside(failure, 'stranger'), this.#parts.fqdn));
  }

  #outsideOwner(): PipelineOwner<OutsideRequest> {
    return {
      refused: (context, failure, step) => {
        const { request, audience } = context;
        this.#parts.log.refused(request, failure, step, context.peerNames);
        context.transaction.respond(answerRefusal(request, refuseOutside(failure, audience), this.#parts.outsideSide.host));
      },
      ...this.#common(),
    };
  }

  #insideOwner(): PipelineOwner<InsideRequest> {
    return {
      refused: (context, failure, step) => {
        const { request } = context;
        this.#parts.log.refused(request, failure, step, context.connection.peer?.names ?? []);
        const headers = headersOfFailure(failure, allowedMethods);
        context.transaction.respond(answerRefusal(request, refuseInside(failure), this.#parts.fqdn, headers));
      },
      ...this.#common(),
    };
  }

  #common(): Omit<PipelineOwner<OutsideRequest | InsideRequest>, 'refused'> {
    return {
      dropped: (context, why, step) => this.#parts.log.event('dropped', { why, step, method: context.request.method }),
      faulted: (context, fault, step) => {
        this.#parts.log.faulted(context.request, fault, step);
        context.transaction.respond(createResponse(context.request, 500));
      },
      orderKey: ({ request, connection }) =>
        request.method === 'MESSAGE' && request.toTag === undefined
          ? `${connection.id} ${request.fromUri} ${request.toUri}`
          : `${connection.id} ${request.callId}`,
      peerKey: ({ connection }) => connection.id,
    };
  }
}
