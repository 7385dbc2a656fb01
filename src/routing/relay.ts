import type { HeaderLine } from '../sip/header-line.ts';
import type { SipResponse } from '../sip/message.ts';
import { isUnanswered } from '../sip/methods.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionConnection } from '../transaction/transaction-connection.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import { isChallenge, withChallenges } from './aggregate-challenges.ts';
import { isBetterResponse } from './best-response.ts';
import { type Branch, type BranchOutcome, ForwardedBranch, type UnfitResponse } from './branch.ts';
import { asServerError } from './service-unavailable.ts';

/** Why a branch ended without a response: nothing came in time, its connection broke or flow failed, or what came cannot be passed on. */
export type NoResponse = 'timeout' | 'transport-error' | UnfitResponse;

/** What a role does with the answers it relays (D10). */
export interface RelayRules {
  /** The response as it goes back: our Via taken off, headers cleaned for the border it crosses. */
  backward(response: SipResponse): OutgoingMessage;
  /** The answer for a request whose branches all ended without one. */
  unanswered(why: NoResponse): OutgoingMessage;
  /** Set where a server of ours answers for all of us: its 503 is our own overload, and is told as such. */
  readonly speaksForUs?: boolean;
}

/** A request on its way through us, until its final response. */
export interface Relaying {
  /** The client gave up: CANCEL to every branch that still rings (rfc3261 16.10). */
  cancel(headers?: readonly HeaderLine[]): void;
}

/** A 2xx from one endpoint ends the ringing of the others, and their users have missed nothing (rfc3326 3.1). */
const answeredElsewhere: readonly HeaderLine[] = [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']];

/**
 * Sends a request to one place and its responses back. ACK and BENOTIFY have no response: they are just sent on. An INVITE whose
 * client gave up while it waited goes nowhere.
 */
export function relayToOne<C extends TransactionConnection>(
  layer: TransactionLayer<C>,
  transaction: ServerTransaction<C>,
  branch: Branch<C>,
  rules: RelayRules,
): Relaying {
  const relay = new SingleRelay(transaction, rules);
  if (isGivenUp(transaction)) return relay;
  if (isUnanswered(branch.request.method)) branch.flow.send(branch.request.message);
  else relay.client = new ForwardedBranch(layer, transaction.request, branch, relay);
  return relay;
}

/**
 * Sends a request to several places at once and back the best answer (rfc3261 16.7): the first 2xx at once, and the other branches of
 * an INVITE are cancelled; otherwise the best final response when all have ended. ACK and BENOTIFY are just sent on.
 */
export function relayToAll<C extends TransactionConnection>(
  layer: TransactionLayer<C>,
  transaction: ServerTransaction<C>,
  branches: readonly Branch<C>[],
  rules: RelayRules,
): Relaying {
  const fork = new Fork(transaction, rules, branches.length);
  if (isGivenUp(transaction)) return fork;
  for (const branch of branches) {
    if (isUnanswered(branch.request.method)) {
      branch.flow.send(branch.request.message);
      continue;
    }
    const handler = fork.branch();
    handler.client = new ForwardedBranch(layer, transaction.request, branch, handler);
  }
  return fork;
}

/** ACK is no matter of its own transaction, so only an INVITE can be over before it is sent on. */
function isGivenUp<C extends TransactionConnection>({ request, ended }: ServerTransaction<C>): boolean {
  return request.method === 'INVITE' && ended;
}

/** A response as it goes back upstream. */
function upstream(rules: RelayRules, response: SipResponse): OutgoingMessage {
  const answer = rules.backward(response);
  return response.status === 503 && rules.speaksForUs !== true ? asServerError(answer) : answer;
}

class SingleRelay<C extends TransactionConnection> implements BranchOutcome, Relaying {
  client: ForwardedBranch<C> | undefined;
  readonly #transaction: ServerTransaction<C>;
  readonly #rules: RelayRules;

  constructor(transaction: ServerTransaction<C>, rules: RelayRules) {
    this.#transaction = transaction;
    this.#rules = rules;
  }

  onResponse(response: SipResponse): void {
    // rfc3261 16.7 step 2: 100 is for the hop only
    if (response.status > 100) this.#transaction.respond(upstream(this.#rules, response));
  }

  onTimeout(): void {
    this.#transaction.respond(this.#rules.unanswered('timeout'));
  }

  onTransportError(): void {
    this.#transaction.respond(this.#rules.unanswered('transport-error'));
  }

  onUnfitResponse(why: UnfitResponse): void {
    this.#transaction.respond(this.#rules.unanswered(why));
  }

  cancel(headers?: readonly HeaderLine[]): void {
    this.client?.cancel(headers);
  }
}

class Fork<C extends TransactionConnection> implements Relaying {
  readonly #transaction: ServerTransaction<C>;
  readonly #rules: RelayRules;
  readonly #branches: ForkBranch<C>[] = [];
  #pending: number;
  #best: SipResponse | undefined;
  /** Responses that ask for credentials, once there is one. */
  #challenges: SipResponse[] | undefined;
  #noResponse: NoResponse = 'transport-error';

  constructor(transaction: ServerTransaction<C>, rules: RelayRules, branches: number) {
    this.#transaction = transaction;
    this.#rules = rules;
    this.#pending = branches;
  }

  branch(): ForkBranch<C> {
    const branch = new ForkBranch<C>(this);
    this.#branches.push(branch);
    return branch;
  }

  response(branch: ForkBranch<C>, response: SipResponse): void {
    const { status } = response;
    if (status === 100) return;
    if (status < 200) {
      if (!this.#transaction.ended) this.#transaction.respond(this.#rules.backward(response));
      return;
    }
    if (status < 300) {
      this.#transaction.respond(this.#rules.backward(response));
      this.#cancelOthers(branch, answeredElsewhere);
    } else if (status >= 600) this.#cancelOthers(branch);
    if (isChallenge(response)) (this.#challenges ??= []).push(response);
    if (status >= 300 && isBetterResponse(status, this.#best?.status)) this.#best = response;
    this.ended(branch);
  }

  noResponse(branch: ForkBranch<C>, why: NoResponse): void {
    if (why !== 'transport-error') this.#noResponse = why;
    this.ended(branch);
  }

  cancel(headers?: readonly HeaderLine[]): void {
    for (const branch of this.#branches) branch.client?.cancel(headers);
  }

  ended(branch: ForkBranch<C>): void {
    if (branch.ended) return;
    branch.ended = true;
    this.#pending--;
    if (this.#pending > 0 || this.#transaction.ended) return;
    this.#transaction.respond(this.#best ? this.#bestAnswer(this.#best) : this.#rules.unanswered(this.#noResponse));
    this.#best = undefined;
    this.#challenges = undefined;
  }

  #bestAnswer(best: SipResponse): OutgoingMessage {
    const answer = upstream(this.#rules, best);
    return isChallenge(best) ? withChallenges(answer, this.#challenges?.filter(other => other !== best) ?? []) : answer;
  }

  #cancelOthers(winner: ForkBranch<C>, headers?: readonly HeaderLine[]): void {
    for (const branch of this.#branches) if (branch !== winner) branch.client?.cancel(headers);
  }
}

class ForkBranch<C extends TransactionConnection> implements BranchOutcome {
  client: ForwardedBranch<C> | undefined;
  ended = false;
  readonly #fork: Fork<C>;

  constructor(fork: Fork<C>) {
    this.#fork = fork;
  }

  onResponse(response: SipResponse): void {
    this.#fork.response(this, response);
  }

  onTimeout(): void {
    this.#fork.noResponse(this, 'timeout');
  }

  onTransportError(): void {
    this.#fork.noResponse(this, 'transport-error');
  }

  onUnfitResponse(why: UnfitResponse): void {
    this.#fork.noResponse(this, why);
  }
}
