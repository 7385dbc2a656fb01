import { z } from 'zod';

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

/** CsProxyConfiguration: size limits and connections of Front End and Edge. */
export const ProxyConfiguration = z.object({
  maxClientMessageBodySizeKb: z
    .int()
    .min(64)
    .max(256)
    .default(128)
    .describe('largest body a client may send, in KiB; no effect yet'),
  maxServerMessageBodySizeKb: z
    .int()
    .min(1000)
    .max(20000)
    .default(5000)
    .describe('largest body another server may send, in KiB; no effect yet'),
  outgoingTlsCount: z.int().min(1).max(4).default(4).describe('connections to each other server of the deployment'),
});
export type ProxyConfiguration = Readonly<z.infer<typeof ProxyConfiguration>>;
