import { z } from 'zod';

/** CsExternalAccessPolicy: what a user may do with people outside. Every bit is off unless somebody turned it on. */
export const ExternalAccessPolicy = z.object({
  description: z.string().max(1024).default('').describe('note for admins'),
  enableFederationAccess: z.boolean().default(false),
  enableXmppAccess: z.boolean().default(false),
  enablePublicCloudAccess: z.boolean().default(false),
  enablePublicCloudAudioVideoAccess: z.boolean().default(false),
  enableOutsideAccess: z.boolean().default(false),
});
export type ExternalAccessPolicy = Readonly<z.infer<typeof ExternalAccessPolicy>>;
