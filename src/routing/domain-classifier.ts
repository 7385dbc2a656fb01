import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { SipDomain, TenantId } from '../model/names.ts';
import { classifyWithoutDns, classifyWithSrv } from '../policy/classify-domain.ts';
import { type DomainClass, isRoutable } from '../policy/domain-class.ts';
import type { FederationResolver, SrvAnswer } from '../resolve/dns-answer.ts';

/**
 * The class is not known before DNS has answered. Nothing is asked yet: whoever may cause look-ups asks, and classifies again with the answer,
 * which nobody may have kept.
 */
export interface ClassPending {
  readonly kind: 'PENDING';
  /** The domain is on the tenant's allowed list. */
  readonly listed: boolean;
  lookUp(): Promise<SrvAnswer>;
}

interface Remembered {
  readonly srv: SrvAnswer | undefined;
  readonly class: DomainClass;
}

/** Classes remembered at most; past that all are forgotten and computed again. */
const maxRemembered = 20_000;

/**
 * Classes of domains for requests on their way: remembered as long as neither the configuration nor the DNS answer has changed,
 * so that a message in a conversation costs two look-ups.
 */
export class DomainClassifier {
  readonly #resolver: FederationResolver;
  readonly #random: () => number;
  #configuration: Configuration | undefined;
  #byTenant = new Map<TenantId, Map<SipDomain, Remembered>>();
  #count = 0;
  /** Those whose answers are kept already: the classes of one answer are noted once. */
  readonly #established = new WeakSet<DomainClass>();

  /** `random` (0…1) shares the load among SRV records of one priority. */
  constructor(resolver: FederationResolver, random: () => number) {
    this.#resolver = resolver;
    this.#random = random;
  }

  /** What `domain` is to the tenant, or that DNS has to be asked; never that where its answer has been `heard`. */
  classify(
    configuration: Configuration,
    tenant: TenantConfiguration,
    domain: SipDomain,
    heard?: SrvAnswer,
  ): DomainClass | ClassPending {
    const known = this.#tableOf(configuration, tenant.id);
    const remembered = known.get(domain);
    if (remembered && (remembered.srv === undefined || remembered.srv === this.#resolver.peek(domain))) return remembered.class;
    const byConfiguration = classifyWithoutDns(configuration, tenant, domain);
    if (byConfiguration.kind !== 'NEEDS_SRV') return this.#remember(known, domain, undefined, byConfiguration);
    const srv = this.#resolver.peek(domain);
    if (srv === undefined) {
      if (heard) return classifyWithSrv(configuration, tenant, domain, heard, this.#random);
      return { kind: 'PENDING', listed: byConfiguration.listed, lookUp: () => this.#resolver.srv(domain) };
    }
    return this.#remember(known, domain, srv, classifyWithSrv(configuration, tenant, domain, srv, this.#random));
  }

  /** A verified server has spoken for the domain: what DNS said about it outlives a failure of DNS (D31). */
  established(domainClass: DomainClass): void {
    if (!isRoutable(domainClass) || this.#established.has(domainClass)) return;
    this.#established.add(domainClass);
    for (const { host } of domainClass.targets) this.#resolver.noteEstablished(domainClass.domain, host);
  }

  #tableOf(configuration: Configuration, tenant: TenantId): Map<SipDomain, Remembered> {
    if (configuration !== this.#configuration || this.#count > maxRemembered) {
      this.#configuration = configuration;
      this.#byTenant = new Map();
      this.#count = 0;
    }
    let table = this.#byTenant.get(tenant);
    if (!table) this.#byTenant.set(tenant, (table = new Map()));
    return table;
  }

  #remember(table: Map<SipDomain, Remembered>, domain: SipDomain, srv: SrvAnswer | undefined, of: DomainClass): DomainClass {
    if (!table.has(domain)) this.#count++;
    table.set(domain, { srv, class: of });
    return of;
  }
}
