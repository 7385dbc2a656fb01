import { type Failure, type FailureDetails, failure } from '../base/failure.ts';
import type { TenantConfiguration } from '../model/configuration.ts';
import type { AllowedDomain } from '../model/kinds/federated-domain.ts';
import type { Provider } from '../model/kinds/provider.ts';
import type { Fqdn, SipDomain } from '../model/names.ts';

/** A server to connect to. */
export interface PeerTarget {
  readonly host: Fqdn;
  readonly port: number;
}

/** An allowed-list entry that covers a domain, and the domain it was written for (a parent where it includes sub-domains). */
export interface AllowedEntry {
  readonly domain: SipDomain;
  readonly entry: AllowedDomain;
}

/** What every class shares through which requests can be sent. */
export interface Routable {
  readonly domain: SipDomain;
  /** Names of the servers that may speak for the domain: a peer's certificate has to hold one of them. */
  readonly expected: readonly Fqdn[];
  /** Where to connect, in the order to try. */
  readonly targets: readonly PeerTarget[];
}

/** A domain pinned to one server (`proxyFqdn`); needs no SRV record. */
export interface AllowedServerClass extends Routable {
  readonly kind: 'ALLOWED_SERVER';
  readonly allowed: AllowedEntry;
  readonly provider?: Provider;
}

/** A domain on the allowed list whose server was found by SRV. */
export interface AllowedDomainClass extends Routable {
  readonly kind: 'ALLOWED_DOMAIN';
  readonly allowed: AllowedEntry;
}

/** A domain on no list, found by SRV while discovery is on. */
export interface DiscoveredClass extends Routable {
  readonly kind: 'DISCOVERED';
}

/** A customer's domain behind a hosting provider; without an allowed entry it is discovered and limited like any such. */
export interface HostedClass extends Routable {
  readonly kind: 'HOSTED';
  readonly provider: Provider;
  readonly allowed?: AllowedEntry;
}

/** A domain of a public provider. */
export interface PublicClass extends Routable {
  readonly kind: 'PUBLIC';
  readonly provider: Provider;
}

/** Everything outside goes to one configured server. */
export interface DefaultRouteClass extends Routable {
  readonly kind: 'DEFAULT_ROUTE';
  readonly isPublicProvider: boolean;
}

/** One of the tenant's own domains. */
export interface InternalClass {
  readonly kind: 'INTERNAL';
  readonly domain: SipDomain;
}

/** A domain of another tenant of the same deployment: external to this one, but no Edge is passed (D16). */
export interface TenantClass {
  readonly kind: 'TENANT';
  readonly domain: SipDomain;
  readonly tenant: TenantConfiguration;
  /** Absent: accepted because discovery is on. */
  readonly allowed?: AllowedEntry;
}

/** Codes a domain is refused with. */
export type RefusedDomainCode =
  | 'DOMAIN_BLOCKED'
  | 'DOMAIN_NOT_ALLOWED'
  | 'HOSTED_DOMAIN_NOT_ALLOWED'
  | 'PROVIDER_DISABLED'
  | 'DEFAULT_ROUTE_NOT_SET'
  | 'TARGET_IS_OWN_EDGE'
  | 'DNS_UNAVAILABLE'
  | 'SRV_NOT_FOUND'
  | 'SRV_NAME_CONFLICT';

/** Nobody there can be reached: by our will (BLOCKED, NOT_ALLOWED), by their set-up (UNROUTABLE), or not at present (TEMPORARY). */
export interface RefusedClass {
  readonly kind: 'BLOCKED' | 'NOT_ALLOWED' | 'UNROUTABLE' | 'TEMPORARY';
  readonly domain: SipDomain;
  readonly code: RefusedDomainCode;
  readonly details: FailureDetails;
}

/** A class whose requests leave through an Edge. */
export type RoutableClass =
  | AllowedServerClass
  | AllowedDomainClass
  | DiscoveredClass
  | HostedClass
  | PublicClass
  | DefaultRouteClass;

/** What a domain is to a tenant, with everything needed to reach it and to recognise who may speak for it. */
export type DomainClass = InternalClass | TenantClass | RoutableClass | RefusedClass;

/** The class cannot be told before the SRV record of the domain is known. */
export interface NeedsSrv {
  readonly kind: 'NEEDS_SRV';
  readonly domain: SipDomain;
  /** On the allowed list: no stranger's domain. */
  readonly listed: boolean;
}

/** The failure a refused class stands for; undefined where the class is no refusal. */
export function failureOfClass(domainClass: DomainClass): Failure | undefined {
  switch (domainClass.kind) {
    case 'BLOCKED':
    case 'NOT_ALLOWED':
    case 'UNROUTABLE':
    case 'TEMPORARY':
      return failure(domainClass.code, domainClass.details);
    default:
      return undefined;
  }
}

/** Whether requests of this class leave through an Edge. */
export function isRoutable(domainClass: DomainClass): domainClass is RoutableClass {
  return 'targets' in domainClass;
}

/** Whether the domain was accepted by discovery alone: such partners are limited and trusted less. */
export function isDiscovered(domainClass: DomainClass): boolean {
  if (domainClass.kind === 'DISCOVERED') return true;
  return (domainClass.kind === 'HOSTED' || domainClass.kind === 'TENANT') && domainClass.allowed === undefined;
}

/** Whether somebody here put the domain on the allowed list: once its server is proved, it may be given reasons (D13). */
export function isAllowedPartner(domainClass: DomainClass): boolean {
  switch (domainClass.kind) {
    case 'ALLOWED_SERVER':
    case 'ALLOWED_DOMAIN':
      return true;
    case 'HOSTED':
    case 'TENANT':
      return domainClass.allowed !== undefined;
    default:
      return false;
  }
}

/** Which network the people behind the class belong to: it tells which bit of a user's policy is needed (`ms-source-network`). */
export function networkOf(domainClass: DomainClass): SourceNetwork {
  if (domainClass.kind === 'PUBLIC') return 'publiccloud';
  return domainClass.kind === 'DEFAULT_ROUTE' && domainClass.isPublicProvider ? 'publiccloud' : 'federation';
}

/** Value of `ms-source-network` in the trust header. */
export type SourceNetwork = 'federation' | 'publiccloud';
