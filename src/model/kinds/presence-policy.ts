import { z } from 'zod';
import { scopedKind } from '../kind.ts';

/** CsPresencePolicy: what a user's presence may cost. */
export const PresencePolicy = z.object({
  description: z.string().max(1024).default('').describe('note for admins'),
  maxCategorySubscription: z
    .int()
    .min(0)
    .max(3000)
    .default(1000)
    .describe('subscriptions to the presence of the user that there may be at a time; further ones are refused'),
  maxPromptedSubscriber: z
    .int()
    .min(0)
    .max(600)
    .default(200)
    .describe('of them, those that wait for the word of the user; no effect yet'),
});
export type PresencePolicy = Readonly<z.infer<typeof PresencePolicy>>;

/** The kind CsPresencePolicy. */
export const presencePolicy = scopedKind({
  name: 'CsPresencePolicy',
  title: 'presence policy',
  about:
    'How many may watch a user. The nearest policy supplies everything: that granted to the user, else that of the site, else the global one. A lower limit holds for new subscriptions; those there are stay.',
  owner: 'tenant',
  edge: false,
  field: 'presencePolicies',
  schema: PresencePolicy,
  scopes: ['global', 'site', 'tag'],
  example: '-Identity QuietPresencePolicy -MaxCategorySubscription 100',
});
