import { z } from 'zod';

/** CsTenant; its identity is its name, its owner its id. An on-premises organisation is a deployment with one tenant. */
export const Tenant = z.object({
  displayName: z.string().min(1).max(256).describe('its name for people'),
});
export type Tenant = Readonly<z.infer<typeof Tenant>>;

/** CsTenantFederationConfiguration: the tenant's own switch and mode beside the deployment's; both must allow (D17). */
export const TenantFederationConfiguration = z.object({
  allowFederatedUsers: z.boolean().default(false),
  /** `AllKnown`: every domain the deployment's discovery finds; `AllowedList`: only entries of the allowed list. */
  allowedDomains: z.enum(['AllKnown', 'AllowedList']).default('AllowedList'),
  treatDiscoveredPartnersAsUnverified: z.boolean().default(false),
  sharedSipAddressSpace: z.boolean().default(false),
});
export type TenantFederationConfiguration = Readonly<z.infer<typeof TenantFederationConfiguration>>;

/** CsSipDomain; its identity is the domain. Works once `verified`: a TXT record proves whose it is (D18). */
export const SipDomainEntry = z.object({
  isDefault: z.boolean().default(false),
  verified: z.boolean().default(false).describe('its proof was found; set by Confirm-CsSipDomain'),
  proofToken: z.string().default('').describe('what the TXT record `_parley-proof.DOMAIN` has to hold'),
});
export type SipDomainEntry = Readonly<z.infer<typeof SipDomainEntry>>;

/** CsAdditionalInternalDomain; its identity is the domain: internal for routing, but no user lives there. */
export const AdditionalInternalDomain = z.object({
  comment: z.string().max(1024).default(''),
});
export type AdditionalInternalDomain = Readonly<z.infer<typeof AdditionalInternalDomain>>;
