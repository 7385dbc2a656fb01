import { type Failure, failure } from '../base/failure.ts';
import type { Flow } from '../flow/flow.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { type AddressedParty, type AddressedUser, readFrom, readRequestUri, readTo } from './request-address.ts';
import { checkProxyRequire } from './required-extensions.ts';

/** A request on its way through a role's pipeline: what every such request has. `Dialog` is what the role's routes tell of a dialog. */
export abstract class RoutedRequest<Dialog> {
  readonly transaction: ServerTransaction<Flow>;
  readonly request: SipRequest;
  /** The way it came. */
  readonly flow: Flow;
  readonly trace = new DecisionTrace();
  /** Set by `readParties`. */
  from: AddressedUser = undefined as never;
  /** Whom it is for: the user of the request URI, inside a dialog the end it goes to. Set by `readParties`. */
  target: AddressedParty = undefined as never;
  /** Set inside a dialog whose Route is ours. */
  dialog: Dialog | undefined;

  constructor(transaction: ServerTransaction<Flow>) {
    this.transaction = transaction;
    this.request = transaction.request;
    this.flow = transaction.connection;
  }

  /** Whether it belongs to a dialog that exists already; a REGISTER never does. */
  get inDialog(): boolean {
    return this.request.toTag !== undefined && this.request.method !== 'REGISTER';
  }

  /** For whom its waits are counted where that is not the connection's peer: the account behind it, once it is known, or where it goes. */
  get payer(): string | undefined {
    return undefined;
  }

  /** Names in the peer's verified certificate; none of a client. */
  get peerNames(): readonly string[] {
    return this.flow.peer?.names ?? [];
  }

  /** Reads who sends to whom, for a request that has hops left and requires nothing of proxies (rfc3261 16.3). Returns what is wrong with it. */
  readParties(): Failure | undefined {
    const { request } = this;
    if (request.maxForwards === 0 && request.method !== 'REGISTER') return failure('TOO_MANY_HOPS');
    const from = readFrom(request);
    if (!from.ok) return from.error;
    const target = this.inDialog ? readTo(request) : readRequestUri(request);
    if (!target.ok) return target.error;
    this.from = from.value;
    this.target = target.value;
    return checkProxyRequire(request);
  }
}
