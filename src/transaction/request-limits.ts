import type { Owned } from '../base/owners.ts';
import { type Portion, type Share, SharedLimit } from '../base/shared-limit.ts';
import type { SipRequest } from '../sip/message.ts';

/** What requests of one side of a server may take in all. */
export interface RequestSizes {
  /** Requests that wait for their answer. */
  readonly requests: number;
  /** Bytes of their heads and bodies, here and as they were sent on; those of a call that was taken for half a minute more. */
  readonly bytes: number;
  /** Calls that ring. */
  readonly calls: number;
  /** Transactions, those included that are kept for a while after their answer. */
  readonly transactions: number;
}

/** Half a minute of some thousand requests a second that nobody answers. */
export const defaultRequestSizes: RequestSizes = {
  requests: 50_000,
  bytes: 256 * 1024 * 1024,
  calls: 10_000,
  transactions: 400_000,
};

/** Parts of the whole for one owner. */
export const ownerParts = {
  /** An account, or a client's connection. */
  account: 1 / 25,
  /** A partner: the names of a certificate, or a domain that they have proved to speak for. */
  partner: 1 / 8,
  /** A server of our own deployment: it has limits of its own for whom it serves. */
  server: 1,
} as const;

/** What of it an owner may hold while much is taken by others. */
const fewPart = 1 / 16;

/** What requests under way take of a server, and the shares of those who send them. */
export class RequestLimits {
  readonly #requests: SharedLimit;
  readonly #bytes: SharedLimit;
  readonly #calls: SharedLimit;
  readonly #transactions: SharedLimit;
  /** By the part: as many owners as there are clients share a few. */
  readonly #portions = new Map<number, Readonly<Record<keyof RequestShares, Portion>>>();

  /** `side` is what the names of the limits begin with. */
  constructor(side: string, sizes: RequestSizes = defaultRequestSizes) {
    this.#requests = new SharedLimit(`${side}_requests`, sizes.requests);
    this.#bytes = new SharedLimit(`${side}_request_bytes`, sizes.bytes);
    this.#calls = new SharedLimit(`${side}_ringing_calls`, sizes.calls);
    this.#transactions = new SharedLimit(`${side}_transactions`, sizes.transactions);
  }

  /** For metrics. */
  get limits(): readonly SharedLimit[] {
    return [this.#requests, this.#bytes, this.#calls, this.#transactions];
  }

  /** One more owner, who may take this part of each. */
  owner(part: number): RequestOwner {
    const portions = this.#portions.get(part) ?? this.#portionsOf(part);
    return new RequestOwner({
      requests: this.#requests.share(portions.requests),
      bytes: this.#bytes.share(portions.bytes),
      calls: this.#calls.share(portions.calls),
      transactions: this.#transactions.share(portions.transactions),
    });
  }

  #portionsOf(part: number): Readonly<Record<keyof RequestShares, Portion>> {
    const portions = {
      requests: portion(this.#requests, part),
      bytes: portion(this.#bytes, part),
      calls: portion(this.#calls, part),
      transactions: portion(this.#transactions, part),
    };
    this.#portions.set(part, portions);
    return portions;
  }
}

function portion({ size }: SharedLimit, part: number): Portion {
  const most = Math.max(1, Math.floor(size * part));
  return { most, few: part === 1 ? most : Math.max(1, Math.floor(most * fewPart)) };
}

interface RequestShares {
  readonly requests: Share;
  readonly bytes: Share;
  readonly calls: Share;
  readonly transactions: Share;
}

/** Who sends requests, and what they take of the whole. */
export class RequestOwner implements Owned {
  isRetired = false;
  /** Transactions of the owner, from their beginning to their end. */
  readonly transactions: Share;
  readonly #requests: Share;
  readonly #bytes: Share;
  readonly #calls: Share;

  /** @internal Made by `RequestLimits.owner`. */
  constructor(shares: RequestShares) {
    this.#requests = shares.requests;
    this.#bytes = shares.bytes;
    this.#calls = shares.calls;
    this.transactions = shares.transactions;
  }

  get isIdle(): boolean {
    return this.#requests.isIdle && this.#bytes.isIdle && this.transactions.isIdle;
  }

  /** Requests that wait for their answer now. */
  get outstanding(): number {
    return this.#requests.held;
  }

  /** Takes what a request takes until its final answer; false if one of the limits is reached. */
  enter(bytes: number, isCall: boolean): boolean {
    if (!this.#requests.enter()) return false;
    if (!this.#bytes.enter(bytes)) this.#requests.leave();
    else if (!isCall || this.#calls.enter()) return true;
    else {
      this.#bytes.leave(bytes);
      this.#requests.leave();
    }
    return false;
  }

  /** Takes more bytes for a request that has entered: it goes to several places. */
  enterMore(bytes: number): boolean {
    return this.#bytes.enter(bytes);
  }

  /** Gives back what was taken by `enterMore`. */
  leaveMore(bytes: number): void {
    this.#bytes.leave(bytes);
  }

  /** Gives back what one request has taken. */
  leave(bytes: number, isCall: boolean): void {
    this.#requests.leave();
    this.#bytes.leave(bytes);
    if (isCall) this.#calls.leave();
  }
}

/** What a request holds until its answer, and an INVITE as long as 2xx may come for it: itself, and for an INVITE what was sent on, which CANCEL and ACK are made from. */
export function bytesHeldBy({ head, body, method }: SipRequest): number {
  const bytes = head.length + body.length;
  return method === 'INVITE' ? 2 * bytes : bytes;
}
