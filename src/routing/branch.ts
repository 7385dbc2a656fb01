import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import type { TransactionConnection } from '../transaction/transaction-connection.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { ClientTransactionHandler, OutgoingRequest } from '../transaction/transaction-user.ts';
import { isAnswerTo } from './answer-match.ts';

/** One place a request is sent on to. */
export interface Branch<C> {
  readonly flow: C;
  readonly request: OutgoingRequest;
  /** The longest body that whoever asked may be sent in an answer, bytes; undefined where it takes whatever a server does. */
  readonly longestAnswer?: number;
  /**
   * Set where the place is a flow of an endpoint: the same request over the flow that the endpoint has registered since, if there is one.
   * Asked at most once, when the flow has failed.
   */
  readonly overNewerFlow?: () => Branch<C> | undefined;
}

/** Why a response is not passed on: it belongs to another request, or says so, or it is longer than what whoever asked is sent. */
export type UnfitResponse = 'foreign-response' | 'long-response';

/** Told how a branch has ended. */
export interface BranchOutcome extends ClientTransactionHandler {
  /** Its final response is shown to nobody. */
  onUnfitResponse(why: UnfitResponse): void;
}

/** Flow Failed (rfc5626 11.5). */
const flowFailed = 430;

/**
 * A branch that was sent. Where its flow has failed, by 430 or by a connection that broke before anything came back, it is sent once more over
 * the endpoint's newer flow (D14). Without one it ends like a broken connection: 430 speaks of a flow and never for a user.
 */
export class ForwardedBranch<C extends TransactionConnection> implements ClientTransactionHandler {
  readonly #layer: TransactionLayer<C>;
  readonly #request: SipRequest;
  readonly #outcome: BranchOutcome;
  readonly #isFlow: boolean;
  readonly #longestAnswer: number;
  #overNewerFlow: Branch<C>['overNewerFlow'];
  #client: ClientTransaction<C>;

  /** Sends the branch of a request that we received; `outcome` is told as by a client transaction, and of one end only. */
  constructor(layer: TransactionLayer<C>, request: SipRequest, branch: Branch<C>, outcome: BranchOutcome) {
    this.#layer = layer;
    this.#request = request;
    this.#outcome = outcome;
    this.#overNewerFlow = branch.overNewerFlow;
    this.#isFlow = branch.overNewerFlow !== undefined;
    this.#longestAnswer = branch.longestAnswer ?? Number.POSITIVE_INFINITY;
    this.#client = layer.send(branch.request, branch.flow, this);
  }

  onResponse(response: SipResponse): void {
    const unfit = this.#unfit(response);
    if (unfit !== undefined) {
      if (response.status >= 200) this.#outcome.onUnfitResponse(unfit);
      return;
    }
    if (response.status === flowFailed && this.#isFlow) return this.#flowFailed();
    // 100 may be of a proxy before the endpoint; one that has said more has the request, which is not sent again
    if (response.status > 100) this.#overNewerFlow = undefined;
    this.#outcome.onResponse(response);
  }

  onTimeout(): void {
    this.#outcome.onTimeout();
  }

  onTransportError(): void {
    this.#flowFailed();
  }

  /** Gives an INVITE up: it goes over no other flow either. */
  cancel(headers?: readonly HeaderLine[]): void {
    if (this.#client.method === 'INVITE') this.#overNewerFlow = undefined;
    this.#client.cancel(headers);
  }

  #unfit(response: SipResponse): UnfitResponse | undefined {
    if (!isAnswerTo(this.#request, response)) return 'foreign-response';
    return response.body.length > this.#longestAnswer ? 'long-response' : undefined;
  }

  #flowFailed(): void {
    const again = this.#overNewerFlow?.();
    this.#overNewerFlow = undefined;
    if (again) this.#client = this.#layer.send(again.request, again.flow, this);
    else this.#outcome.onTransportError();
  }
}
