import { z } from 'zod';
import { commentField, fqdnField } from './field.ts';
import { VerificationLevel } from './verification-level.ts';

/** CsAllowedDomain; its identity is the domain. With `proxyFqdn` only that server speaks for the domain. */
export const AllowedDomain = z.object({
  proxyFqdn: fqdnField.nullable().default(null),
  verificationLevel: VerificationLevel.default('UseSourceVerification'),
  includeSubdomains: z.boolean().default(false),
  markForMonitoring: z.boolean().default(false),
  comment: commentField,
});
export type AllowedDomain = Readonly<z.infer<typeof AllowedDomain>>;

/** CsBlockedDomain; its identity is the domain. */
export const BlockedDomain = z.object({
  includeSubdomains: z.boolean().default(false),
  comment: commentField,
});
export type BlockedDomain = Readonly<z.infer<typeof BlockedDomain>>;
