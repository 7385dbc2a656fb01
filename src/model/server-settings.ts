import { z } from 'zod';

/** CsRegistrarConfiguration: expiry and number of endpoints. */
export const RegistrarConfiguration = z
  .object({
    minEndpointExpirationSeconds: z.int().min(300).max(900).default(300),
    defaultEndpointExpirationSeconds: z.int().min(300).max(900).default(600),
    maxEndpointExpirationSeconds: z.int().min(300).max(900).default(900),
    maxEndpointsPerUser: z.int().min(1).max(64).default(8),
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
  maxClientMessageBodySizeKb: z.int().min(64).max(256).default(128),
  maxServerMessageBodySizeKb: z.int().min(1000).max(20000).default(5000),
  outgoingTlsCount: z.int().min(1).max(4).default(4),
});
export type ProxyConfiguration = Readonly<z.infer<typeof ProxyConfiguration>>;
