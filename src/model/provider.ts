import { z } from 'zod';
import { fqdnField, portField } from './field.ts';
import { VerificationLevel } from './verification-level.ts';

/** CsHostingProvider; its identity is its name. One proxy speaks for many customers' domains. */
export const HostingProvider = z.object({
  proxyFqdn: fqdnField,
  enabled: z.boolean().default(false),
  enabledSharedAddressSpace: z.boolean().default(false),
  hostsOcsUsers: z.boolean().default(false),
  isLocal: z.boolean().default(false),
  verificationLevel: VerificationLevel.default('UseSourceVerification'),
  autodiscoverUrl: z.url().nullable().default(null),
  sipClientPort: portField.default(443),
});
export type HostingProvider = Readonly<z.infer<typeof HostingProvider>>;

/** CsPublicProvider; its identity is its name. A consumer network: needs a policy bit of its own. */
export const PublicProvider = z.object({
  proxyFqdn: fqdnField,
  enabled: z.boolean().default(false),
  verificationLevel: VerificationLevel.default('UseSourceVerification'),
});
export type PublicProvider = Readonly<z.infer<typeof PublicProvider>>;

/** Either kind of provider as decisions see it. */
export type Provider =
  | ({ readonly kind: 'hosting'; readonly name: string } & HostingProvider)
  | ({ readonly kind: 'public'; readonly name: string } & PublicProvider);
