import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { ServerTransaction } from './server-transaction.ts';
import type { TransactionConnection } from './transaction-connection.ts';

/** A request to send. */
export interface OutgoingRequest {
  readonly method: Method;
  /** The branch of the topmost Via, which is ours; new for every request sent. */
  readonly branch: string;
  readonly message: OutgoingMessage;
}

/** What the layer tells the proxy core or user agent above it. */
export interface TransactionUser<C extends TransactionConnection> {
  /** A new request, other than ACK and CANCEL. BENOTIFY comes this way too; its transaction takes no answer. */
  onRequest(transaction: ServerTransaction<C>, request: SipRequest): void;
  /** An ACK that belongs to no failed INVITE: it confirms a 2xx, end to end, and is to be routed. */
  onAck(request: SipRequest, connection: C): void;
  /**
   * A CANCEL, to be answered on `cancel`: 200 if `invite` is there (which then gets its 487 when its branches have ended), 481 if not.
   * `invite` is absent too where it has its final response already (rfc3261 9.2).
   */
  onCancel(cancel: ServerTransaction<C>, invite: ServerTransaction<C> | undefined, request: SipRequest): void;
  /** The connection of an INVITE without final response is gone: nobody can cancel it or take its answer any more. */
  onLost(invite: ServerTransaction<C>): void;
  /** A response that matches no request sent, or came from another peer than the request went to. Not to be forwarded (rfc6026 8.9). */
  onStrayResponse(response: SipResponse, connection: C): void;
}

/**
 * Told how a request fared. Exactly one of these is the end: a final response, `onTimeout`, `onTransportError`. Only an INVITE
 * brings more after it: further 2xx, retransmitted or from other forks, for 32 seconds; by then the handler should hold ids only.
 */
export interface ClientTransactionHandler {
  /** Never called before `send` has returned. */
  onResponse(response: SipResponse): void;
  /** No final response came in time: to be treated as 408 (rfc3261 16.8). */
  onTimeout(): void;
  /** The connection broke or refused the request: to be treated as 503 (rfc3261 8.1.3.1), or as a failed flow. */
  onTransportError(): void;
}
