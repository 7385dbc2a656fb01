import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Flow } from '../flow/flow.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { isUnanswered } from '../sip/methods.ts';
import type { RequestOwner } from '../transaction/request-limits.ts';
import { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { TransactionUser } from '../transaction/transaction-user.ts';
import type { CloseReason } from '../wire/close-reason.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import { RelayTable, reasonOfCancel } from './relay-table.ts';
import type { RoleLog } from './role-log.ts';
import { looselyRouted } from './strict-route.ts';

/** What a role does with requests. */
export interface RequestTaker {
  /** The names that its Record-Route values have. */
  readonly routeHosts: readonly string[];
  /** Takes a request through its pipeline. */
  take(transaction: ServerTransaction<Flow>): void;
  /** Answers a request that could be read and not be accepted. */
  turnAway(flow: Flow, failure: Failure, request: SipRequest): void;
  /** Who answers for the requests of a flow. */
  ownerOf(flow: Flow): RequestOwner;
}

/** What all roles do alike between connections and pipelines: the transactions, the INVITEs under way, and what ends them. */
export class RoleCore implements TransactionUser<Flow> {
  readonly layer: TransactionLayer<Flow>;
  /** INVITEs under way, for CANCEL. */
  readonly relays = new RelayTable<Flow>();
  readonly #log: RoleLog;
  readonly #taker: RequestTaker;

  constructor(clock: Clock, log: RoleLog, taker: RequestTaker) {
    this.#log = log;
    this.#taker = taker;
    this.layer = new TransactionLayer<Flow>({ clock, user: this, ownerOf: flow => taker.ownerOf(flow) });
  }

  /** A handler that gives every message to the transactions. `flowOf` is the flow of one of its connections, `ended` is called when it is gone. */
  handler(flowOf: (connection: Connection) => Flow, ended: (flow: Flow) => void): ConnectionHandler {
    return {
      onMessage: (connection, message) => this.receive(message, flowOf(connection)),
      onBad: (connection, failure, request) => this.bad(flowOf(connection), failure, request),
      onClosed: (connection, why) => {
        const flow = flowOf(connection);
        this.ended(flow, why);
        ended(flow);
      },
    };
  }

  /** Takes a message that came on a flow. */
  receive(message: SipMessage, flow: Flow): void {
    if (this.admits(message, flow)) this.pass(message, flow);
  }

  /** Gives a message that was admitted to the transactions. */
  pass(message: SipMessage, flow: Flow): void {
    this.layer.receive(message.kind === 'request' ? looselyRouted(message, this.#taker.routeHosts) : message, flow);
  }

  /** Whether a message is by whom its flow is secured with, asked once for each; another one is as if it had never come. */
  admits(message: SipMessage, flow: Flow): boolean {
    const forged = flow.security?.verify(message);
    if (forged) this.#log.event('message-not-verified', { flow: flow.id, code: forged.code, msg: forged.text });
    return forged === undefined;
  }

  /** For a handler's `onBad`. */
  bad(flow: Flow, failure: Failure, request: SipRequest | undefined): void {
    if (request && !isUnanswered(request.method)) this.#taker.turnAway(flow, failure, request);
  }

  /** A flow is no more. */
  ended(flow: Flow, why: CloseReason): void {
    if (why.kind === 'fault') this.#log.connectionFaulted(why.cause);
    this.layer.connectionClosed(flow);
  }

  onRequest(transaction: ServerTransaction<Flow>): void {
    this.#taker.take(transaction);
  }

  /** An ACK for a 2xx goes its own way through the pipeline (rfc3261 13.2.2.4); whatever refuses it, nobody answers it. */
  onAck(request: SipRequest, flow: Flow): void {
    this.#taker.take(new ServerTransaction(request, flow, undefined));
  }

  onCancel(cancel: ServerTransaction<Flow>, invite: ServerTransaction<Flow> | undefined, request: SipRequest): void {
    cancel.respond(createResponse(request, invite ? 200 : 481));
    if (invite) this.relays.cancel(invite, reasonOfCancel(request));
  }

  /** Nobody is left to take the call: what rings because of it stops ringing. */
  onLost(invite: ServerTransaction<Flow>): void {
    this.relays.cancel(invite);
  }

  onStrayResponse(): void {}
}
