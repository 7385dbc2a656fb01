import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { VerificationLevel } from '../model/verification-level.ts';
import { type DomainClass, isDiscovered } from './domain-class.ts';

/** What recipients are told about a sender (`ms-source-verified-user`). */
export type SourceVerification = 'verified' | 'unverified';

/** Value of `ms-source-type` in the trust header, for a partner's request. */
export type SourceType = 'AuthorizedServer' | 'AutoFederation' | 'DirectPartner';

/**
 * Whether a sender counts as verified: the level configured for the class, and, where that level says so, the peer's own statement.
 * A missing statement counts as unverified.
 */
export function verificationOf(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domainClass: DomainClass,
  statement: SourceVerification | undefined,
): SourceVerification {
  switch (verificationLevelOf(configuration, tenant, domainClass)) {
    case 'AlwaysVerifiable':
      return 'verified';
    case 'AlwaysUnverifiable':
      return 'unverified';
    case 'UseSourceVerification':
      return statement ?? 'unverified';
  }
}

/** How far the statements of a class's peers are believed. A class that is refused is never believed. */
export function verificationLevelOf(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domainClass: DomainClass,
): VerificationLevel {
  if (isDiscovered(domainClass) && tenant.federation.treatDiscoveredPartnersAsUnverified) return 'AlwaysUnverifiable';
  switch (domainClass.kind) {
    case 'INTERNAL':
      return 'AlwaysVerifiable';
    case 'ALLOWED_SERVER':
    case 'ALLOWED_DOMAIN':
      return domainClass.allowed.entry.verificationLevel;
    case 'TENANT':
      return domainClass.allowed?.entry.verificationLevel ?? configuration.accessEdge.discoveredPartnerVerificationLevel;
    case 'DISCOVERED':
      return configuration.accessEdge.discoveredPartnerVerificationLevel;
    case 'HOSTED':
    case 'PUBLIC':
      return domainClass.provider.verificationLevel;
    case 'DEFAULT_ROUTE':
      return configuration.accessEdge.verificationLevel;
    default:
      return 'AlwaysUnverifiable';
  }
}

/** What the trust header says a partner is; undefined for classes that no partner's request has. */
export function sourceTypeOf(domainClass: DomainClass): SourceType | undefined {
  switch (domainClass.kind) {
    case 'ALLOWED_SERVER':
    case 'DEFAULT_ROUTE':
      return 'DirectPartner';
    case 'ALLOWED_DOMAIN':
    case 'DISCOVERED':
    case 'TENANT':
      return 'AutoFederation';
    case 'HOSTED':
    case 'PUBLIC':
      return 'AuthorizedServer';
    default:
      return undefined;
  }
}
