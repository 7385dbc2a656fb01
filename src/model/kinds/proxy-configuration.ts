import { z } from 'zod';
import { scopedKind } from '../kind.ts';

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

/** The kind CsProxyConfiguration. */
export const proxyConfiguration = scopedKind({
  name: 'CsProxyConfiguration',
  title: 'proxy configuration',
  about: 'Limits and connections of Front Ends and Edges.',
  owner: 'deployment',
  edge: true,
  field: 'proxy',
  schema: ProxyConfiguration,
  scopes: ['global'],
  example: '-MaxClientMessageBodySizeKb 256',
});
