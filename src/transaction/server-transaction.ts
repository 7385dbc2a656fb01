import type { Timer } from '../base/clock.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipRequest } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { type InviteServerInput, type InviteServerState, stepInviteServer } from './invite-server-machine.ts';
import type { TransportKind } from './machine.ts';
import { type NonInviteServerInput, type NonInviteServerState, stepNonInviteServer } from './non-invite-server-machine.ts';
import { bytesHeldBy, type RequestOwner } from './request-limits.ts';
import type { TransactionConnection } from './transaction-connection.ts';
import type { MethodCounts, TransactionHost } from './transaction-host.ts';
import type { TransactionKey } from './transaction-key.ts';
import { TableEntry } from './transaction-table.ts';

/** Told by a server transaction what its table has to know. */
export interface ServerTransactionTable<C extends TransactionConnection> extends TransactionHost<C> {
  serverEnded(entry: ServerEntry<C>): void;
}

type AnyInput = InviteServerInput | NonInviteServerInput;

/**
 * A server transaction as the table holds it. It lets go of the request at the final response: what stays behind for the
 * Accepted, Completed and Confirmed states is ids, and over unreliable transports the last response. Whoever relays an INVITE keeps it as long as
 * further 2xx may come back for it, so its bytes count until the end of Accepted.
 */
export class ServerEntry<C extends TransactionConnection> extends TableEntry {
  readonly connection: C;
  readonly invite: boolean;
  readonly counts: MethodCounts;
  /** The handle of the transaction user, until the final response. */
  transaction: ServerTransaction<C> | undefined;
  state: InviteServerState | NonInviteServerState;
  readonly #table: ServerTransactionTable<C>;
  /** Who has entered for it until the final response, with its bytes beyond a 2xx: the connection's owner, and who was found to send over it. */
  #owner: RequestOwner | undefined;
  #payer: RequestOwner | undefined;
  /** Whose transaction it is until its end. */
  #holder: RequestOwner | undefined;
  #bytes: number;
  #last: OutgoingMessage | undefined;
  #retransmission: Timer | undefined;
  #intervalMs = 0;
  #timer: AnyInput = 'abandoned';

  /** `owner` has entered for the request and for a transaction, unless it is a CANCEL. */
  constructor(table: ServerTransactionTable<C>, key: TransactionKey, owner: RequestOwner, connection: C, request: SipRequest) {
    super(key);
    this.#table = table;
    this.#owner = request.method === 'CANCEL' ? undefined : owner;
    this.#holder = this.#owner;
    this.#bytes = bytesHeldBy(request);
    this.connection = connection;
    this.invite = request.method === 'INVITE';
    const { methods } = table.counts;
    this.counts = methods.get(request.method) ?? (methods.get('') as MethodCounts);
    this.state = this.invite ? 'proceeding' : 'trying';
    this.transaction = new ServerTransaction(request, connection, this);
    if (!this.invite) {
      this.#startTimer('abandoned', table.timers.abandonedMs);
    } else if (connection.reliable) {
      // Nothing is repeated here, so 100 only has to come before the client's Timer B: the coarse timer will do.
      this.#startTimer('trying-due', table.timers.tryingMs);
    } else {
      this.#startTimer('abandoned', table.timers.abandonedInviteMs);
      this.#retransmission = table.clock.after(table.timers.tryingMs, () => this.step('trying-due'));
    }
  }

  get transport(): TransportKind {
    return this.connection.reliable ? 'reliable' : 'unreliable';
  }

  /** True from the final response on. */
  get answered(): boolean {
    return this.transaction === undefined;
  }

  /** The transaction user answers. */
  respond(message: OutgoingMessage): void {
    const status = statusOf(message);
    if (status < 200) return this.step('provisional', message);
    if (!this.answered) countAnswer(this.counts, status);
    if (!this.invite) this.step('final', message);
    else this.step(status < 300 ? 'success' : 'failure', message);
  }

  override onTime(): void {
    this.step(this.#timer);
  }

  /** Feeds the machine; `message` is the response to send, `ack` the ACK received. */
  step(input: AnyInput, message?: OutgoingMessage, ack?: SipRequest): void {
    if (input === 'abandoned' && !this.answered) this.#table.counts.abandoned++;
    const before = this.state;
    const { state, effects } = this.invite
      ? stepInviteServer(before as InviteServerState, input as InviteServerInput, this.transport)
      : stepNonInviteServer(before as NonInviteServerState, input as NonInviteServerInput, this.transport);
    this.state = state;
    for (const effect of effects) this.#execute(effect, message, ack);
    if (state !== before && this.transaction !== undefined && state !== 'proceeding') this.#answer();
  }

  /** The connection is gone: there is nobody left to answer, and nobody who could repeat the request. */
  connectionClosed(): void {
    this.step('transport-error');
    // a call that was taken is kept by whoever relayed it, and goes on counting: else who comes back at once could fill the memory
    if (this.state !== 'terminated' && this.state !== 'accepted') this.drop();
  }

  /** Leaves the table without another word. */
  drop(): void {
    this.state = 'terminated';
    if (this.transaction !== undefined) this.#answer();
    this.#end();
  }

  #execute(effect: string, message: OutgoingMessage | undefined, ack: SipRequest | undefined): void {
    const { timers, counts } = this.#table;
    switch (effect) {
      case 'send':
        return this.#send(message as OutgoingMessage);
      case 'send-trying':
        if (this.transaction !== undefined) this.#send(createResponse(this.transaction.request, 100));
        return;
      case 'resend':
        return this.#resend();
      case 'pass-ack':
        return this.#table.passAck(ack as SipRequest, this.connection);
      case 'start-g':
        return this.#retransmitAfter(timers.t1Ms);
      case 'restart-g':
        return this.#retransmitAfter(Math.min(this.#intervalMs * 2, timers.t2Ms));
      case 'stop-g':
        return this.#retransmission?.cancel();
      case 'start-h':
        return this.#startTimer('timer-h', timers.timeoutMs);
      case 'start-i':
        return this.#startTimer('timer-i', timers.t4Ms);
      case 'start-j':
        return this.#startTimer('timer-j', timers.timeoutMs);
      case 'start-l':
        return this.#startTimer('timer-l', timers.timeoutMs);
      case 'timed-out':
        counts.ackTimeouts++;
        return;
      case 'end':
        return this.#end();
    }
  }

  #send(message: OutgoingMessage): void {
    if (this.state === 'proceeding') {
      if (!this.connection.reliable) this.#last = message;
      if (this.invite) {
        this.#retransmission?.cancel();
        this.#startTimer('abandoned', this.#table.timers.abandonedInviteMs);
      }
    } else {
      this.#retransmission?.cancel();
      // A 2xx is repeated by the transaction user (rfc3261 13.3.1.4), anything else by us.
      this.#last = this.connection.reliable || this.state === 'accepted' ? undefined : message;
    }
    // A closed connection reports itself by `connectionClosed`.
    this.connection.send(message);
  }

  #resend(): void {
    if (this.#last === undefined) return;
    this.#table.counts.retransmissions++;
    this.connection.send(this.#last);
  }

  #retransmitAfter(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    this.#retransmission = this.#table.clock.after(intervalMs, () => this.step('timer-g'));
  }

  #startTimer(input: AnyInput, delayMs: number): void {
    this.#timer = input;
    this.#table.wheel.start(this, delayMs);
  }

  /** Another owner enters for the request too, once: who sends over the connection. */
  chargeTo(payer: RequestOwner): boolean {
    if (this.answered || this.#payer !== undefined) return true;
    if (!payer.enter(this.#bytes, this.invite)) return false;
    this.#payer = payer;
    return true;
  }

  /** All who have entered for the request enter for more bytes. */
  hold(bytes: number): boolean {
    if (bytes === 0 || this.answered) return true;
    if (this.#owner?.enterMore(bytes) === false) return false;
    if (this.#payer?.enterMore(bytes) === false) {
      this.#owner?.leaveMore(bytes);
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  #answer(): void {
    this.transaction = undefined;
    const bytes = this.state === 'accepted' ? 0 : this.#bytes;
    this.#owner?.leave(bytes, this.invite);
    this.#payer?.leave(bytes, this.invite);
    this.#bytes -= bytes;
    if (this.#bytes > 0) return;
    this.#owner = undefined;
    this.#payer = undefined;
  }

  #end(): void {
    if (this.answered) {
      this.#owner?.leaveMore(this.#bytes);
      this.#payer?.leaveMore(this.#bytes);
      this.#owner = undefined;
      this.#payer = undefined;
    }
    this.#retransmission?.cancel();
    this.#last = undefined;
    this.#holder?.transactions.leave();
    this.#holder = undefined;
    this.#table.wheel.stop(this);
    this.#table.serverEnded(this);
  }
}

/** A request received and the way to answer it: what the transaction user holds. */
export class ServerTransaction<C extends TransactionConnection> {
  readonly request: SipRequest;
  readonly connection: C;
  readonly #entry: ServerEntry<C> | undefined;

  /** `entry` is absent for requests that take no answer (BENOTIFY). */
  constructor(request: SipRequest, connection: C, entry: ServerEntry<C> | undefined) {
    this.request = request;
    this.connection = connection;
    this.#entry = entry;
  }

  /** True once a final response was given, or nothing can be sent any more. */
  get ended(): boolean {
    return this.#entry?.answered ?? true;
  }

  /** Counts the request for who was found to send it, beside its connection; false if that one has too much under way. Once only. */
  chargeTo(payer: RequestOwner): boolean {
    return this.#entry?.chargeTo(payer) ?? true;
  }

  /** Counts more bytes that are held until the answer; false if there is no room for them. */
  hold(bytes: number): boolean {
    return this.#entry?.hold(bytes) ?? true;
  }

  /**
   * Sends a response. After the final one only a further 2xx to an INVITE goes out (another fork's, or one repeated end to end);
   * anything else is ignored, since late branches and timers cannot know.
   */
  respond(message: OutgoingMessage): void {
    this.#entry?.respond(message);
  }
}

function countAnswer({ answers }: MethodCounts, status: number): void {
  const first = Math.trunc(status / 100);
  answers[first] = (answers[first] ?? 0) + 1;
}

/** The status in a head of our own making: `SIP/2.0 nnn …`. */
function statusOf(message: OutgoingMessage): number {
  const { head } = message;
  return (head.charCodeAt(8) - 48) * 100 + (head.charCodeAt(9) - 48) * 10 + (head.charCodeAt(10) - 48);
}
