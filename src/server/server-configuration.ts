import { isIP, isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { isLoopbackHost } from '../base/loopback.ts';
import { fqdnField, portField } from '../model/field.ts';
import { maxWorkers } from '../workers/flow-name.ts';

const host = z
  .string()
  .max(256)
  .regex(/^[\x21-\x7e]+$/, 'expected an address or host name');
const port = portField.describe('port to listen on');
const listener = z.strictObject({ host: host.default('0.0.0.0').describe('address to listen on'), port });
const path = z
  .string()
  .min(1)
  .regex(/^\P{Cc}*$/u, 'expected a path without control characters');
const loopbackListener = z.strictObject({
  host: z
    .string()
    .refine(isLoopbackHost, 'expected a loopback address: passwords and messages travel in the clear')
    .describe('address to listen on, a loopback one'),
  port,
});
/** As browsers write it: scheme, host and port, without a path. */
const webOrigin = z.string().regex(/^https?:\/\/[^\s/?#]+$/i, 'expected an origin such as https://chat.example.com');

/** Certificate chain and key of one identity, PEM files. */
const keyPair = z.strictObject({
  certificateFile: path.describe('the certificate, followed by its intermediates, PEM'),
  keyFile: path.describe('its private key, PEM'),
});
const allowedOrigins = z.array(webOrigin).default([]).describe('web origins whose scripts may connect; any when empty');

const common = {
  name: fqdnField.describe('FQDN of this machine, as the topology names it'),
  dataFolder: path.describe('where this server keeps its data'),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('the least important that is logged'),
    })
    .prefault({})
    .describe('the log, JSON lines on standard error; message bodies are never in it'),
  nameServers: z
    .array(
      z.string().refine(isNameServer, 'expected an IP address, with :port after it where it is not 53; IPv6 in brackets then'),
    )
    .default([])
    .describe("DNS servers, `address` or `address:port`; the system's own when empty"),
  dnsAnswerSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(60)
    .describe('how long a found DNS answer is used before DNS is asked again, in seconds'),
  internal: keyPair
    .extend({ authorityFile: path.describe('the internal CA, which issued the certificates of those servers, PEM') })
    .describe('the identity towards the other servers of this deployment'),
  metrics: z
    .strictObject({ host: host.default('127.0.0.1').describe('address to listen on'), port })
    .optional()
    .describe('`/metrics`, `/healthz` and `/readyz` over plain HTTP, without a token'),
  limits: z
    .strictObject({
      headBytes: z
        .int()
        .min(4096)
        .max(1_048_576)
        .default(65_536)
        .describe('size of start line and headers of a message, in bytes'),
      unauthenticatedSeconds: z
        .int()
        .min(1)
        .max(120)
        .default(10)
        .describe('how long a connection may stay without having proved who it is, in seconds'),
      unauthenticatedBytes: z
        .int()
        .min(4096)
        .max(1_048_576)
        .default(65_536)
        .describe('how much such a connection may send, in bytes'),
      connections: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(100_000)
        .describe('connections at a time, all listeners together; a tenth is kept for servers of the deployment'),
      outstandingRequests: z
        .int()
        .min(16)
        .max(1_000_000)
        .default(50_000)
        .describe(
          'requests at a time that wait for their answer, on each side of the server; an account has a 25th of it, a partner an eighth',
        ),
    })
    .prefault({})
    .describe('what this server takes at most'),
};

/** Where a Front End keeps its state. */
const store = z
  .strictObject({
    url: z
      .string()
      .default('sqlite')
      .refine(url => url === 'sqlite' || isPostgresUrl(url), 'expected sqlite or postgres://user@host:5432/database')
      .describe(
        '`sqlite`: the file `parley.db` in the data folder; or `postgres://user@host:5432/database`, which several servers share',
      ),
    passwordFile: path
      .optional()
      .describe(
        'file whose first line is the password of PostgreSQL: so it stands in no configuration file and no list of processes',
      ),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected small letters, digits and underscores')
      .optional()
      .describe("PostgreSQL's schema for the tables, made when it is missing; the account's default schema when absent"),
    poolSize: z.int().min(1).max(200).default(10).describe('connections to PostgreSQL'),
  })
  .prefault({})
  .describe('where the state is kept');

/** Configuration of a Front End. */
export const FrontEndServerConfiguration = z.strictObject({
  role: z.literal('frontend').describe('which server this is'),
  ...common,
  deployment: z
    .enum(['on-premises', 'provider'])
    .default('on-premises')
    .describe('`on-premises`: one organisation; `provider`: hosts tenants that prove their domains'),
  store,
  workers: z
    .int()
    .min(1)
    .max(maxWorkers)
    .default(1)
    .describe('processes that share the ports for clients and servers and the work; of use up to one for each processor core'),
  pool: fqdnField.describe('FQDN of the pool this Front End belongs to'),
  client: listener
    .extend({
      ...keyPair.shape,
      digestAlgorithms: z
        .array(z.enum(['MD5', 'SHA-256']))
        .min(1)
        .default(['MD5'])
        .describe('algorithms offered for sign-in, the preferred one first; some clients fail where there are two'),
    })
    .describe('SIP over TLS for clients'),
  plainClient: loopbackListener.optional().describe('SIP over plain TCP for clients: for tests on one machine'),
  webSocket: listener
    .extend({ ...keyPair.shape, allowedOrigins })
    .optional()
    .describe('SIP over secure WebSocket for clients (RFC 7118)'),
  plainWebSocket: loopbackListener
    .extend({ allowedOrigins })
    .optional()
    .describe('the same without TLS, for browsers on this machine: they refuse certificates of a CA they do not know'),
  trunk: listener.describe('SIP over mutual TLS for Edges and other Front Ends'),
  api: z
    .strictObject({
      host: host.default('127.0.0.1').describe('address to listen on'),
      port,
      tokenFile: path.describe('who may use it: one `NAME TOKEN` a line, tokens of 16 characters or more'),
      tls: keyPair
        .optional()
        .describe(
          'its certificate, which bears `name`; with it the API speaks HTTPS. Needed where `host` is no loopback address',
        ),
    })
    .refine(({ host, tls }) => tls !== undefined || isLoopbackHost(host), {
      path: ['host'],
      message:
        'expected a loopback address, or api.tls with a certificateFile and a keyFile: tokens and passwords would travel in the clear',
    })
    .describe('management API'),
});
export type FrontEndServerConfiguration = Readonly<z.infer<typeof FrontEndServerConfiguration>>;

/** Configuration of an Edge. */
export const EdgeServerConfiguration = z.strictObject({
  role: z.literal('edge').describe('which server this is'),
  ...common,
  external: listener
    .extend(keyPair.shape)
    .describe('SIP over mutual TLS for partners; the certificate bears the name that SRV records point to'),
  inside: listener.describe('SIP over mutual TLS for the Front Ends'),
  replication: listener.describe('HTTPS over mutual TLS, where the Front Ends push the configuration'),
  enrolmentFile: path.describe(
    'enrolment bundle for the first start: who may push configuration here, and the key that signs it; unused once `parley edge enrol` took one',
  ),
  federationTrustFiles: z.array(path).min(1).describe("CA certificates that partners' certificates must chain to, PEM"),
});
export type EdgeServerConfiguration = Readonly<z.infer<typeof EdgeServerConfiguration>>;

/** Configuration of a server, by role. */
export const ServerConfiguration = z.discriminatedUnion('role', [FrontEndServerConfiguration, EdgeServerConfiguration]);
export type ServerConfiguration = Readonly<z.infer<typeof ServerConfiguration>>;

function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\/./.test(url);
}

function isNameServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  return (isIPv6(bracketed ?? '') || isIPv4(plain ?? '')) && Number(port) >= 1 && Number(port) <= 65_535;
}
