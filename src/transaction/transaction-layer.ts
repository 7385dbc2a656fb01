import type { Clock } from '../base/clock.ts';
import { errorRegistry } from '../base/errors/registry.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import { isUnanswered } from '../sip/methods.ts';
import { ClientTransaction, type ClientTransactionTable } from './client-transaction.ts';
import { type ConnectionLoad, ServerEntry, ServerTransaction, type ServerTransactionTable } from './server-transaction.ts';
import { TimerWheel } from './timer-wheel.ts';
import type { TransactionConnection } from './transaction-connection.ts';
import { countsByMethod, type TransactionCounts } from './transaction-host.ts';
import { clientTransactionKey, lacksBranch, serverTransactionKey } from './transaction-key.ts';
import { TransactionList, TransactionTable } from './transaction-table.ts';
import { standardTimers, type TransactionTimers } from './transaction-timers.ts';
import type { ClientTransactionHandler, OutgoingRequest, TransactionUser } from './transaction-user.ts';

/** Bounds of the tables. */
export interface TransactionLimits {
  /** Server transactions at the same time, those waiting for an ACK included. */
  readonly maxServerTransactions: number;
  readonly maxClientTransactions: number;
  /** Requests of one connection that are not answered yet. */
  readonly maxOutstandingPerConnection: number;
}

/** 32 seconds of some thousand INVITEs a second, and a trunk's share of them. */
export const defaultTransactionLimits: TransactionLimits = {
  maxServerTransactions: 200_000,
  maxClientTransactions: 200_000,
  maxOutstandingPerConnection: 10_000,
};

/** What a transaction layer is made of. */
export interface TransactionLayerOptions<C extends TransactionConnection> {
  readonly clock: Clock;
  readonly user: TransactionUser<C>;
  readonly limits?: TransactionLimits;
  readonly timers?: TransactionTimers;
  /** Another bound for the outstanding requests of this connection: smaller for a user's, larger for a trunk. */
  readonly outstandingLimit?: (connection: C) => number;
  /**
   * Who is behind a connection: an ACK or CANCEL finds only transactions, and a response only requests, of the same scope.
   * If absent, a reliable connection is a scope of its own. Peers that use several connections at once need their verified name here.
   */
  readonly scope?: (connection: C) => string;
}

/** The transactions of one connection. */
interface Load<C extends TransactionConnection> extends ConnectionLoad {
  readonly servers: TransactionList<ServerEntry<C>>;
  readonly clients: TransactionList<ClientTransaction<C>>;
}

/** Coarse enough to cost nothing, fine enough for times of seconds. */
const wheelTickMs = 500;
const busyStatus = errorRegistry.SERVER_BUSY.sip?.insideStatus ?? 503;
/** Retry-After of refused requests: spread, so that they do not come back together. Seconds. */
const retryAfterMinSeconds = 5;
const retryAfterSpreadSeconds = 11;

const ignoreOutcome: ClientTransactionHandler = { onResponse() {}, onTimeout() {}, onTransportError() {} };

/** The transaction layer of rfc3261 17: matches messages to transactions, runs their machines and tells the transaction user. */
export class TransactionLayer<C extends TransactionConnection> {
  /** Counters since the start. */
  readonly counts: TransactionCounts = {
    methods: countsByMethod(),
    serverStarted: 0,
    clientStarted: 0,
    refused: 0,
    unsent: 0,
    repeatedRequests: 0,
    retransmissions: 0,
    clientTimeouts: 0,
    ackTimeouts: 0,
    abandoned: 0,
    transportErrors: 0,
    strayResponses: 0,
  };
  readonly #user: TransactionUser<C>;
  readonly #limits: TransactionLimits;
  readonly #outstandingLimit: ((connection: C) => number) | undefined;
  readonly #scope: (connection: C) => string;
  readonly #wheel: TimerWheel;
  readonly #table: ServerTransactionTable<C> & ClientTransactionTable<C>;
  readonly #servers = new TransactionTable<ServerEntry<C>>();
  readonly #clients = new TransactionTable<ClientTransaction<C>>();
  readonly #loads = new Map<C, Load<C>>();

  constructor(options: TransactionLayerOptions<C>) {
    this.#user = options.user;
    this.#limits = options.limits ?? defaultTransactionLimits;
    this.#outstandingLimit = options.outstandingLimit;
    this.#scope = options.scope ?? (connection => (connection.reliable ? connection.id : ''));
    this.#wheel = new TimerWheel(options.clock, wheelTickMs);
    this.#table = {
      clock: options.clock,
      wheel: this.#wheel,
      timers: options.timers ?? standardTimers,
      counts: this.counts,
      passAck: (request, connection) => this.#user.onAck(request, connection),
      serverAnswered: entry => this.#serverAnswered(entry),
      serverEnded: entry => this.#serverEnded(entry),
      sendCancel: (request, connection) => void this.send(request, connection, ignoreOutcome),
      clientEnded: transaction => this.#clientEnded(transaction),
    };
  }

  /** Server transactions now. */
  get serverTransactions(): number {
    return this.#servers.size;
  }

  /** Client transactions now. */
  get clientTransactions(): number {
    return this.#clients.size;
  }

  /** Takes a message that arrived on the connection. */
  receive(message: SipMessage, connection: C): void {
    if (message.kind === 'response') this.#receiveResponse(message, connection);
    else if (message.method === 'ACK') this.#receiveAck(message, connection);
    else this.#receiveRequest(message, connection);
  }

  /**
   * Sends a request in a transaction of its own. Its message carries our Via with the branch already. ACK for a 2xx and BENOTIFY make
   * no transaction: give them to the connection. The handler is never called before this returns.
   */
  send(request: OutgoingRequest, connection: C, handler: ClientTransactionHandler): ClientTransaction<C> {
    if (isUnanswered(request.method)) throw new Error(`${request.method} is sent without a transaction`);
    const key = clientTransactionKey(request.branch, request.method);
    if (this.#clients.get(key)) throw new Error(`the branch ${request.branch} is in use`);
    const transaction = new ClientTransaction(this.#table, key, request, connection, handler);
    const full = this.#clients.size >= this.#limits.maxClientTransactions;
    this.#clients.add(transaction);
    this.counts.clientStarted++;
    if (full) this.counts.unsent++;
    // Only an open connection gets a load: nobody would ever take away that of a closed one.
    if (!full && connection.send(request.message)) this.#loadOf(connection).clients.add(transaction);
    else queueMicrotask(() => transaction.step('transport-error'));
    return transaction;
  }

  /** The connection is gone: its client transactions fail, its server transactions are forgotten. */
  connectionClosed(connection: C): void {
    const load = this.#loads.get(connection);
    if (load === undefined) return;
    for (const entry of load.servers.all()) {
      const invite = entry.invite ? entry.transaction : undefined;
      entry.connectionClosed();
      if (invite !== undefined) this.#user.onLost(invite);
    }
    for (const transaction of load.clients.all()) transaction.connectionClosed();
    this.#loads.delete(connection);
  }

  /** Stops all timers; for the end of the process. */
  close(): void {
    this.#wheel.close();
  }

  #receiveRequest(request: SipRequest, connection: C): void {
    const { method } = request;
    if (isUnanswered(method)) {
      this.#user.onRequest(new ServerTransaction<C>(request, connection, undefined), request);
      return;
    }
    const scope = this.#scope(connection);
    const key = serverTransactionKey(request, method, scope);
    const known = this.#servers.get(key);
    if (known !== undefined) {
      if (!isAnotherRequest(known, request)) {
        this.counts.repeatedRequests++;
        known.step('request');
        return;
      }
      known.drop();
    }
    const load = this.#loadOf(connection);
    if (this.#isBusy(load, connection, method)) {
      this.#refuse(request, connection);
      return;
    }
    const entry = new ServerEntry<C>(this.#table, key, load, connection, request);
    this.#servers.add(entry);
    load.servers.add(entry);
    load.outstanding++;
    this.counts.serverStarted++;
    entry.counts.requests++;
    const transaction = entry.transaction as ServerTransaction<C>;
    if (method !== 'CANCEL') this.#user.onRequest(transaction, request);
    else
      this.#user.onCancel(transaction, this.#servers.get(serverTransactionKey(request, 'INVITE', scope))?.transaction, request);
  }

  #receiveAck(request: SipRequest, connection: C): void {
    const invite = this.#servers.get(serverTransactionKey(request, 'INVITE', this.#scope(connection)));
    if (invite === undefined) this.#user.onAck(request, connection);
    else invite.step('ack', undefined, request);
  }

  #receiveResponse(response: SipResponse, connection: C): void {
    const { branch } = response.topVia;
    const { method } = response.cseq;
    const transaction = branch === undefined ? undefined : this.#clients.get(clientTransactionKey(branch, method));
    if (transaction === undefined || transaction.method !== method || !this.#isSamePeer(transaction.connection, connection)) {
      this.counts.strayResponses++;
      this.#user.onStrayResponse(response, connection);
      return;
    }
    transaction.receive(response);
  }

  #isSamePeer(one: C, other: C): boolean {
    return one === other || this.#scope(one) === this.#scope(other);
  }

  #isBusy(load: Load<C>, connection: C, method: string): boolean {
    if (this.#servers.size >= this.#limits.maxServerTransactions) return true;
    // CANCEL lightens the load.
    if (method === 'CANCEL') return false;
    const limit = this.#outstandingLimit?.(connection) ?? this.#limits.maxOutstandingPerConnection;
    return load.outstanding >= limit;
  }

  /** Answers SERVER_BUSY without a transaction: a repeated request is just refused again. */
  #refuse(request: SipRequest, connection: C): void {
    const seconds = retryAfterMinSeconds + (this.counts.refused++ % retryAfterSpreadSeconds);
    connection.send(createResponse(request, busyStatus, { headers: [['Retry-After', String(seconds)]] }));
  }

  #loadOf(connection: C): Load<C> {
    let load = this.#loads.get(connection);
    if (load === undefined) {
      load = { servers: new TransactionList(), clients: new TransactionList(), outstanding: 0 };
      this.#loads.set(connection, load);
    }
    return load;
  }

  #serverAnswered(entry: ServerEntry<C>): void {
    entry.load.outstanding--;
  }

  #serverEnded(entry: ServerEntry<C>): void {
    this.#servers.delete(entry);
    entry.list?.delete(entry);
  }

  #clientEnded(transaction: ClientTransaction<C>): void {
    this.#clients.delete(transaction);
    transaction.list?.delete(transaction);
  }
}

/**
 * True if a request with known ids is a new one all the same.
 * COMPAT pidgin-sipe 1.25: after a challenge the INVITE comes again with the same CSeq and Call-ID and, as always, no branch. Over a
 * reliable transport nothing is repeated, so what follows a final answer is meant anew.
 */
function isAnotherRequest<C extends TransactionConnection>(known: ServerEntry<C>, request: SipRequest): boolean {
  return known.connection.reliable && known.answered && lacksBranch(request);
}
