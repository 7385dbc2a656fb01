import { z } from 'zod';
import { scopedKind } from '../kind.ts';

/** CsRegistrarConfiguration: expiry and number of endpoints. */
export const RegistrarConfiguration = z
  .object({
    minEndpointExpirationSeconds: z
      .int()
      .min(300)
      .max(900)
      .default(300)
      .describe('shortest time a sign-in lasts without being refreshed, in seconds'),
    defaultEndpointExpirationSeconds: z
      .int()
      .min(300)
      .max(900)
      .default(600)
      .describe('that time for a client that asks for none, in seconds'),
    maxEndpointExpirationSeconds: z.int().min(300).max(900).default(900).describe('longest such time, in seconds'),
    maxEndpointsPerUser: z.int().min(1).max(64).default(8).describe('clients of one user that may be signed in at a time'),
  })
  .refine(
    c =>
      c.minEndpointExpirationSeconds <= c.defaultEndpointExpirationSeconds &&
      c.defaultEndpointExpirationSeconds <= c.maxEndpointExpirationSeconds,
    {
      message: 'expected min <= default <= max',
      path: ['defaultEndpointExpirationSeconds'],
    },
  );
export type RegistrarConfiguration = Readonly<z.infer<typeof RegistrarConfiguration>>;

/** The kind CsRegistrarConfiguration. */
export const registrarConfiguration = scopedKind({
  name: 'CsRegistrarConfiguration',
  title: 'registrar configuration',
  about:
    'How long sign-ins last, and how many clients one user may have. That of the pool a user is homed in counts, else that of the site, else the global one.',
  owner: 'deployment',
  edge: false,
  field: 'registrarConfigurations',
  schema: RegistrarConfiguration,
  scopes: ['global', 'site', 'service'],
  aliases: {
    minendpointexpiration: 'minEndpointExpirationSeconds',
    defaultendpointexpiration: 'defaultEndpointExpirationSeconds',
    maxendpointexpiration: 'maxEndpointExpirationSeconds',
  },
  example: '-Identity site:Redmond -MaxEndpointsPerUser 4',
  exampleOfSet: '-MaxEndpointsPerUser 4',
});
