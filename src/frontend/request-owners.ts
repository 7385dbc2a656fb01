import { Owners, OwnersOf } from '../base/owners.ts';
import type { SharedLimit } from '../base/shared-limit.ts';
import type { Flow } from '../flow/flow.ts';
import type { User } from '../model/user.ts';
import type { EdgeTrust } from '../routing/trust-header.ts';
import { ownerParts, RequestLimits, type RequestOwner, type RequestSizes } from '../transaction/request-limits.ts';

/** Who answers for the requests that a Front End has under way: connections and accounts of users, Edges and the partners behind them. */
export class FrontEndOwners {
  readonly #clients: RequestLimits;
  readonly #accounts: RequestLimits;
  readonly #servers: RequestLimits;
  readonly #partners: RequestLimits;
  readonly #server: RequestOwner;
  readonly #byUser: OwnersOf<User, RequestOwner>;
  readonly #byTrust: OwnersOf<EdgeTrust, RequestOwner>;

  /** `sizes` is what requests may take on each side, that of clients and that of Edges. */
  constructor(sizes?: RequestSizes) {
    this.#clients = new RequestLimits('client', sizes);
    this.#accounts = new RequestLimits('account', sizes);
    this.#servers = new RequestLimits('edge', sizes);
    this.#partners = new RequestLimits('partner', sizes);
    this.#server = this.#servers.owner(ownerParts.server);
    const accounts = new Owners(() => this.#accounts.owner(ownerParts.account));
    const partners = new Owners(() => this.#partners.owner(ownerParts.partner));
    this.#byUser = new OwnersOf(accounts, ({ id }) => id);
    this.#byTrust = new OwnersOf(partners, ({ remoteFqdn }) => remoteFqdn);
  }

  /** For metrics. */
  get limits(): readonly SharedLimit[] {
    return [this.#clients, this.#accounts, this.#servers, this.#partners].flatMap(({ limits }) => limits);
  }

  /** The owner of a flow: each client's is one of its own, all servers of the deployment are one. */
  ofFlow({ peer }: Flow): RequestOwner {
    return peer === undefined ? this.#clients.owner(ownerParts.account) : this.#server;
  }

  /** A user, over whatever connections. */
  ofAccount(user: User): RequestOwner {
    return this.#byUser.of(user);
  }

  /** The partner whose request an Edge hands in. */
  ofPartner(trust: EdgeTrust): RequestOwner {
    return this.#byTrust.of(trust);
  }
}
