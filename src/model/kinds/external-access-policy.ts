import { z } from 'zod';
import { ok } from '../../base/result.ts';
import { scopedKind } from '../kind.ts';

/** CsExternalAccessPolicy: what a user may do with people outside. Every bit is off unless somebody turned it on. */
export const ExternalAccessPolicy = z.object({
  description: z.string().max(1024).default('').describe('note for admins'),
  enableFederationAccess: z.boolean().default(false).describe('people of federated organisations, hosted ones included'),
  enableXmppAccess: z
    .boolean()
    .default(false)
    .describe('XMPP partners, which cannot be reached yet; works only together with EnableFederationAccess'),
  enablePublicCloudAccess: z.boolean().default(false).describe('people of public providers'),
  enablePublicCloudAudioVideoAccess: z.boolean().default(false).describe('audio and video with people of public providers'),
  enableOutsideAccess: z.boolean().default(false).describe('the user may sign in from outside; no effect yet'),
});
export type ExternalAccessPolicy = Readonly<z.infer<typeof ExternalAccessPolicy>>;

/** The kind CsExternalAccessPolicy. */
export const externalAccessPolicy = scopedKind({
  name: 'CsExternalAccessPolicy',
  title: 'external access policy',
  about:
    'What a user may do with people outside. The nearest policy supplies everything: that granted to the user, else that of the site, else the global one.',
  owner: 'tenant',
  edge: false,
  field: 'externalAccessPolicies',
  schema: ExternalAccessPolicy,
  scopes: ['global', 'site', 'tag'],
  example: '-Identity BasicAccessPolicy -EnableFederationAccess $true',
  rules: (_state, { body }) =>
    ok({
      notices:
        body.enableXmppAccess && !body.enableFederationAccess
          ? ['EnableXmppAccess has no effect while EnableFederationAccess is false.']
          : [],
    }),
});
