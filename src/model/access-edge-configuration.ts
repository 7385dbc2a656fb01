import { z } from 'zod';
import { fqdnField } from './field.ts';
import { VerificationLevel } from './verification-level.ts';

/** CsAccessEdgeConfiguration: the deployment's own switches for everything that crosses the Edge. One, global, closed by default. */
export const AccessEdgeConfiguration = z.object({
  allowFederatedUsers: z.boolean().default(false),
  allowOutsideUsers: z.boolean().default(true),
  allowAnonymousUsers: z.boolean().default(false),
  routingMethod: z.enum(['UseDnsSrvRouting', 'UseDefaultRouting']).default('UseDnsSrvRouting'),
  enablePartnerDiscovery: z.boolean().default(false),
  discoveredPartnerVerificationLevel: VerificationLevel.default('UseSourceVerification'),
  defaultRouteFqdn: fqdnField.nullable().default(null),
  isPublicProvider: z.boolean().default(false),
  verificationLevel: VerificationLevel.default('UseSourceVerification'),
  enableArchivingDisclaimer: z.boolean().default(false),
  markSourceVerifiableOnOutgoingMessages: z.boolean().default(true),
  outgoingTlsCountForFederatedPartners: z.int().min(1).max(4).default(4),
});
export type AccessEdgeConfiguration = Readonly<z.infer<typeof AccessEdgeConfiguration>>;
