import type { Timer } from '../base/clock.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipResponse } from '../sip/message.ts';
import { makeAck, makeCancel } from './follow-up-request.ts';
import { type InviteClientInput, type InviteClientState, stepInviteClient } from './invite-client-machine.ts';
import type { TransportKind } from './machine.ts';
import { type NonInviteClientInput, type NonInviteClientState, stepNonInviteClient } from './non-invite-client-machine.ts';
import type { RequestOwner } from './request-limits.ts';
import type { TransactionConnection } from './transaction-connection.ts';
import type { TransactionHost } from './transaction-host.ts';
import type { TransactionKey } from './transaction-key.ts';
import { TableEntry } from './transaction-table.ts';
import type { ClientTransactionHandler, OutgoingRequest } from './transaction-user.ts';

/** Told by a client transaction what its table has to know. */
export interface ClientTransactionTable<C extends TransactionConnection> extends TransactionHost<C> {
  /** Sends the CANCEL of an INVITE in a transaction of its own. */
  sendCancel(request: OutgoingRequest, connection: C): void;
  clientEnded(transaction: ClientTransaction<C>): void;
}

type AnyInput = InviteClientInput | NonInviteClientInput;

/** A request sent and not yet over. */
export class ClientTransaction<C extends TransactionConnection> extends TableEntry {
  readonly method: string;
  readonly connection: C;
  /** @internal Who holds it until its end: the owner of the connection it goes to. */
  holder: RequestOwner | undefined;
  readonly #table: ClientTransactionTable<C>;
  readonly #handler: ClientTransactionHandler;
  /** Kept only where it may be needed again: for ACK and CANCEL of an INVITE, and to be repeated over an unreliable transport. */
  #request: OutgoingRequest | undefined;
  #state: InviteClientState | NonInviteClientState;
  #cancelHeaders: readonly HeaderLine[] = [];
  #retransmission: Timer | undefined;
  #intervalMs = 0;
  #timer: AnyInput;

  /** @internal Made by `TransactionLayer.send`. */
  constructor(
    table: ClientTransactionTable<C>,
    key: TransactionKey,
    request: OutgoingRequest,
    connection: C,
    handler: ClientTransactionHandler,
  ) {
    super(key);
    const invite = request.method === 'INVITE';
    this.#table = table;
    this.method = request.method;
    this.connection = connection;
    this.#handler = handler;
    this.#request = invite || !connection.reliable ? request : undefined;
    this.#state = invite ? 'calling' : 'trying';
    this.#timer = invite ? 'timer-b' : 'timer-f';
    table.wheel.start(this, table.timers.timeoutMs);
    if (!connection.reliable) this.#retransmitAfter(table.timers.t1Ms);
  }

  /** True once nothing more will come, but for further 2xx of an INVITE. */
  get ended(): boolean {
    return this.#state === 'terminated' || this.#state === 'completed' || this.#state === 'accepted';
  }

  /**
   * Gives an INVITE up: CANCEL goes out as soon as it may (rfc3261 9.1), with `headers` such as Reason. The outcome still comes
   * by the handler, normally as 487. Does nothing for other methods, and where the request is cancelled or answered already.
   */
  cancel(headers: readonly HeaderLine[] = []): void {
    if (this.#state !== 'calling' && this.#state !== 'proceeding') return;
    if (this.method !== 'INVITE') return;
    this.#cancelHeaders = headers;
    this.step('cancel');
  }

  /** @internal A response with our branch and method, from the peer we sent to. */
  receive(response: SipResponse): void {
    const { status } = response;
    if (this.method !== 'INVITE') this.step(status < 200 ? 'provisional' : 'final', response);
    else if (status < 200) this.step(status === 100 ? 'trying' : 'provisional', response);
    else this.step(status < 300 ? 'success' : 'failure', response);
  }

  override onTime(): void {
    this.step(this.#timer);
  }

  /** @internal Feeds the machine. */
  step(input: AnyInput, response?: SipResponse): void {
    const transport: TransportKind = this.connection.reliable ? 'reliable' : 'unreliable';
    const { state, effects } =
      this.method === 'INVITE'
        ? stepInviteClient(this.#state as InviteClientState, input as InviteClientInput, transport)
        : stepNonInviteClient(this.#state as NonInviteClientState, input as NonInviteClientInput, transport);
    this.#state = state;
    for (const effect of effects) this.#execute(effect, response);
    if (state === 'accepted' || state === 'terminated') this.#request = undefined;
  }

  /** @internal The connection is gone. */
  connectionClosed(): void {
    this.step('transport-error');
    // Accepted would stay (rfc6026 7.2), but no further 2xx can come.
    if (this.#state === 'accepted') {
      this.#state = 'terminated';
      this.#end();
    }
  }

  #execute(effect: string, response: SipResponse | undefined): void {
    const { timers, counts } = this.#table;
    switch (effect) {
      case 'pass':
        return this.#handler.onResponse(response as SipResponse);
      case 'end':
        return this.#end();
      case 'resend':
        counts.retransmissions++;
        if (this.#request !== undefined) this.connection.send(this.#request.message);
        return;
      case 'send-ack':
        return this.#sendAck(response as SipResponse);
      case 'send-cancel':
        if (this.#request !== undefined) this.#table.sendCancel(makeCancel(this.#request, this.#cancelHeaders), this.connection);
        return;
      case 'restart-a':
        return this.#retransmitAfter(this.#intervalMs * 2);
      case 'restart-e':
        return this.#retransmitAfter(Math.min(this.#intervalMs * 2, timers.t2Ms));
      case 'restart-e-slow':
        return this.#retransmitAfter(timers.t2Ms);
      case 'stop-a':
      case 'stop-e':
        return this.#retransmission?.cancel();
      case 'timed-out':
        counts.clientTimeouts++;
        return this.#handler.onTimeout();
      case 'transport-failed':
        counts.transportErrors++;
        return this.#handler.onTransportError();
      default:
        return this.#startLongTimer(effect);
    }
  }

  #startLongTimer(effect: string): void {
    const { timers } = this.#table;
    switch (effect) {
      case 'start-c':
        return this.#startTimer('timer-c', timers.cMs);
      case 'start-give-up':
        return this.#startTimer('give-up', timers.timeoutMs);
      case 'start-d':
        return this.#startTimer('timer-d', timers.dMs);
      case 'start-k':
        return this.#startTimer('timer-k', timers.t4Ms);
      case 'start-m':
        return this.#startTimer('timer-m', timers.timeoutMs);
    }
  }

  #sendAck(response: SipResponse): void {
    if (this.#request === undefined) return;
    this.connection.send(makeAck(this.#request, response.get('To') ?? '').message);
  }

  #retransmitAfter(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    const input = this.method === 'INVITE' ? 'timer-a' : 'timer-e';
    this.#retransmission = this.#table.clock.after(intervalMs, () => this.step(input));
  }

  #startTimer(input: AnyInput, delayMs: number): void {
    this.#timer = input;
    this.#table.wheel.start(this, delayMs);
  }

  #end(): void {
    this.#retransmission?.cancel();
    this.#table.wheel.stop(this);
    this.#table.clientEnded(this);
  }
}
