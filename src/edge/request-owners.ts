import { Owners, OwnersOf } from '../base/owners.ts';
import type { SharedLimit } from '../base/shared-limit.ts';
import type { DomainClass } from '../policy/domain-class.ts';
import { ownerParts, RequestLimits, type RequestOwner, type RequestSizes } from '../transaction/request-limits.ts';
import { ownerOf } from '../wire/inbound-buffers.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';

/** Who answers for the requests that an Edge has under way: partners, by certificate and by the domain it speaks for, and our own servers. */
export class EdgeOwners {
  readonly #peers: RequestLimits;
  readonly #domains: RequestLimits;
  readonly #servers: RequestLimits;
  readonly #destinations: RequestLimits;
  readonly #server: RequestOwner;
  readonly #byPeer: OwnersOf<VerifiedPeer, RequestOwner>;
  readonly #byDomain: OwnersOf<DomainClass, RequestOwner>;
  readonly #byDestination: OwnersOf<DomainClass, RequestOwner>;

  /** `sizes` is what requests may take on each side, outside and inside. */
  constructor(sizes?: RequestSizes) {
    this.#peers = new RequestLimits('partner', sizes);
    this.#domains = new RequestLimits('domain', sizes);
    this.#servers = new RequestLimits('front_end', sizes);
    this.#destinations = new RequestLimits('destination', sizes);
    this.#server = this.#servers.owner(ownerParts.server);
    const peers = new Owners(() => this.#peers.owner(ownerParts.partner));
    const domains = new Owners(() => this.#domains.owner(ownerParts.partner));
    this.#byPeer = new OwnersOf(peers, ownerOf);
    const destinations = new Owners(() => this.#destinations.owner(ownerParts.partner));
    this.#byDomain = new OwnersOf(domains, ({ domain }) => domain);
    this.#byDestination = new OwnersOf(destinations, ({ domain }) => domain);
  }

  /** For metrics. */
  get limits(): readonly SharedLimit[] {
    return [this.#peers, this.#domains, this.#servers, this.#destinations].flatMap(({ limits }) => limits);
  }

  /** All servers of the deployment: they keep their own users in bounds. */
  get ofServers(): RequestOwner {
    return this.#server;
  }

  /** A partner's server, by its certificate. */
  ofPeer(peer: VerifiedPeer): RequestOwner {
    return this.#byPeer.of(peer);
  }

  /** A domain that a verified server speaks for. */
  ofDomain(domainClass: DomainClass): RequestOwner {
    return this.#byDomain.of(domainClass);
  }

  /** A partner's domain that our users write to: one that never answers does not hold up what goes to others. */
  ofDestination(domainClass: DomainClass): RequestOwner {
    return this.#byDestination.of(domainClass);
  }
}
