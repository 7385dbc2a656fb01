import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
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
  take(transaction: ServerTransaction<Connection>): void;
  /** Answers a request that could be read and not be accepted. */
  turnAway(connection: Connection, failure: Failure, request: SipRequest): void;
  /** Who answers for the requests of a connection. */
  ownerOf(connection: Connection): RequestOwner;
}

/** What all roles do alike between connections and pipelines: the transactions, the INVITEs under way, and what ends them. */
export class RoleCore implements TransactionUser<Connection> {
  readonly layer: TransactionLayer<Connection>;
  /** INVITEs under way, for CANCEL. */
  readonly relays = new RelayTable<Connection>();
  readonly #log: RoleLog;
  readonly #taker: RequestTaker;

  constructor(clock: Clock, log: RoleLog, taker: RequestTaker) {
    this.#log = log;
    this.#taker = taker;
    this.layer = new TransactionLayer<Connection>({ clock, user: this, ownerOf: connection => taker.ownerOf(connection) });
  }

  /** A handler that gives every message to the transactions. `closed` is called when one of its connections is gone. */
  handler(closed: (connection: Connection) => void): ConnectionHandler {
    return {
      onMessage: (connection, message) => this.receive(connection, message),
      onBad: (connection, failure, request) => this.bad(connection, failure, request),
      onClosed: (connection, why) => {
        this.closed(connection, why);
        closed(connection);
      },
    };
  }

  /** For a handler's `onMessage`. */
  receive(connection: Connection, message: SipMessage): void {
    this.layer.receive(message.kind === 'request' ? looselyRouted(message, this.#taker.routeHosts) : message, connection);
  }

  /** For a handler's `onBad`. */
  bad(connection: Connection, failure: Failure, request: SipRequest | undefined): void {
    if (request && !isUnanswered(request.method)) this.#taker.turnAway(connection, failure, request);
  }

  /** For a handler's `onClosed`. */
  closed(connection: Connection, why: CloseReason): void {
    if (why.kind === 'fault') this.#log.connectionFaulted(why.cause);
    this.layer.connectionClosed(connection);
  }

  onRequest(transaction: ServerTransaction<Connection>): void {
    this.#taker.take(transaction);
  }

  /** An ACK for a 2xx goes its own way through the pipeline (rfc3261 13.2.2.4); whatever refuses it, nobody answers it. */
  onAck(request: SipRequest, connection: Connection): void {
    this.#taker.take(new ServerTransaction(request, connection, undefined));
  }

  onCancel(cancel: ServerTransaction<Connection>, invite: ServerTransaction<Connection> | undefined, request: SipRequest): void {
    cancel.respond(createResponse(request, invite ? 200 : 481));
    if (invite) this.relays.cancel(invite, reasonOfCancel(request));
  }

  /** Nobody is left to take the call: what rings because of it stops ringing. */
  onLost(invite: ServerTransaction<Connection>): void {
    this.relays.cancel(invite);
  }

  onStrayResponse(): void {}
}
