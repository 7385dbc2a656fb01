import type { Clock } from '../base/clock.ts';
import { errorRegistry } from '../base/errors/registry.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import { isUnanswered } from '../sip/methods.ts';
import { ClientTransaction, type ClientTransactionTable } from './client-transaction.ts';
import { bytesHeldBy, ownerParts, RequestLimits, type RequestOwner } from './request-limits.ts';
import { ServerEntry, ServerTransaction, type ServerTransactionTable } from './server-transaction.ts';
import { TimerWheel } from './timer-wheel.ts';
import type { TransactionConnection } from './transaction-connection.ts';
import { countsByMethod, type TransactionCounts } from './transaction-host.ts';
import { clientTransactionKey, lacksBranch, serverTransactionKey } from './transaction-key.ts';
import { TransactionList, TransactionTable } from './transaction-table.ts';
import { standardTimers, type TransactionTimers } from './transaction-timers.ts';
import type { ClientTransactionHandler, OutgoingRequest, TransactionUser } from './transaction-user.ts';

/** What a transaction layer is made of. */
export interface TransactionLayerOptions<C extends TransactionConnection> {
  readonly clock: Clock;
  readonly user: TransactionUser<C>;
  /** Who answers for the requests of a connection, with what share; if absent each connection has the part of an account. */
  readonly ownerOf?: (connection: C) => RequestOwner;
  readonly timers?: TransactionTimers;
  /**
   * Who is behind a connection: an ACK or CANCEL finds only transactions, and a response only requests, of the same scope.
   * If absent, a reliable connection is a scope of its own. Peers that use several connections at once need their verified name here.
   */
  readonly scope?: (connection: C) => string;
}

/** The transactions of one connection. */
interface Load<C extends TransactionConnection> {
  owner: RequestOwner;
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
  readonly #ownerOf: (connection: C) => RequestOwner;
  readonly #scope: (connection: C) => string;
  readonly #wheel: TimerWheel;
  readonly #table: ServerTransactionTable<C> & ClientTransactionTable<C>;
  readonly #servers = new TransactionTable<ServerEntry<C>>();
  readonly #clients = new TransactionTable<ClientTransaction<C>>();
  readonly #loads = new Map<C, Load<C>>();

  constructor(options: TransactionLayerOptions<C>) {
    this.#user = options.user;
    this.#ownerOf = options.ownerOf ?? eachItsOwn();
    this.#scope = options.scope ?? (connection => (connection.reliable ? connection.id : ''));
    this.#wheel = new TimerWheel(options.clock, wheelTickMs);
    this.#table = {
      clock: options.clock,
      wheel: this.#wheel,
      timers: options.timers ?? standardTimers,
      counts: this.counts,
      passAck: (request, connection) => this.#user.onAck(request, connection),
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
    this.#clients.add(transaction);
    this.counts.clientStarted++;
    const load = this.#loads.get(connection);
    const owner = load ? ownerOfLoad(load, connection, this.#ownerOf) : this.#ownerOf(connection);
    if (owner.transactions.enter()) transaction.holder = owner;
    else this.counts.unsent++;
    // Only an open connection gets a load: nobody would ever take away that of a closed one.
    if (transaction.holder !== undefined && connection.send(request.message)) {
      (load ?? this.#newLoad(connection, owner)).clients.add(transaction);
    } else queueMicrotask(() => transaction.step('transport-error'));
    return transaction;
  }

  /** The connection is gone: its client transactions fail, its server transactions are forgotten, but for calls that were taken. */
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
    const owner = ownerOfLoad(load, connection, this.#ownerOf);
    if (!admits(owner, request)) {
      this.#refuse(request, connection);
      return;
    }
    const entry = new ServerEntry<C>(this.#table, key, owner, connection, request);
    this.#servers.add(entry);
    load.servers.add(entry);
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

  /** Answers SERVER_BUSY without a transaction: a repeated request is just refused again. */
  #refuse(request: SipRequest, connection: C): void {
    const seconds = retryAfterMinSeconds + (this.counts.refused++ % retryAfterSpreadSeconds);
    connection.send(createResponse(request, busyStatus, { headers: [['Retry-After', String(seconds)]] }));
  }

  #loadOf(connection: C): Load<C> {
    return this.#loads.get(connection) ?? this.#newLoad(connection, this.#ownerOf(connection));
  }

  #newLoad(connection: C, owner: RequestOwner): Load<C> {
    const load: Load<C> = { servers: new TransactionList(), clients: new TransactionList(), owner };
    this.#loads.set(connection, load);
    return load;
  }

  #serverEnded(entry: ServerEntry<C>): void {
    this.#servers.delete(entry);
    entry.list?.delete(entry);
  }

  #clientEnded(transaction: ClientTransaction<C>): void {
    this.#clients.delete(transaction);
    transaction.holder?.transactions.leave();
    transaction.holder = undefined;
    transaction.list?.delete(transaction);
  }
}

/** The owner of a connection; looked up again where it was forgotten for having had nothing under way. */
function ownerOfLoad<C extends TransactionConnection>(
  load: Load<C>,
  connection: C,
  ownerOf: (connection: C) => RequestOwner,
): RequestOwner {
  if (load.owner.isRetired) load.owner = ownerOf(connection);
  return load.owner;
}

/** Whether the owner of a connection may have one more request under way, and takes for it. CANCEL lightens the load and takes nothing. */
function admits(owner: RequestOwner, request: SipRequest): boolean {
  const { method } = request;
  if (method === 'CANCEL') return true;
  if (!owner.transactions.enter()) return false;
  if (owner.enter(bytesHeldBy(request), method === 'INVITE')) return true;
  owner.transactions.leave();
  return false;
}

/** Where nobody says whose connections are whose. */
function eachItsOwn(): () => RequestOwner {
  const limits = new RequestLimits('connection');
  return () => limits.owner(ownerParts.account);
}

/**
 * True if a request with known ids is a new one all the same.
 * COMPAT pidgin-sipe 1.25: after a challenge the INVITE comes again with the same CSeq and Call-ID and, as always, no branch. Over a
 * reliable transport nothing is repeated, so what follows a final answer is meant anew.
 */
function isAnotherRequest<C extends TransactionConnection>(known: ServerEntry<C>, request: SipRequest): boolean {
  return known.connection.reliable && known.answered && lacksBranch(request);
}
