import { z } from 'zod';
import { fqdnField, portField } from '../model/field.ts';

const host = z.string().min(1).max(256);
const listener = z.strictObject({ host: host.default('0.0.0.0'), port: portField });
const path = z.string().min(1);
const loopbackListener = z.strictObject({
  host: z.string().refine(isLoopback, 'expected a loopback address: passwords and messages travel in the clear'),
  port: portField,
});
/** As browsers write it: scheme, host and port, without a path. */
const webOrigin = z.string().regex(/^https?:\/\/[^\s/?#]+$/i, 'expected an origin such as https://chat.example.com');

/** Certificate chain and key of one identity, PEM files. */
const keyPair = z.strictObject({ certificateFile: path, keyFile: path });

const common = {
  /** This machine's FQDN, as the topology names it. */
  name: fqdnField,
  /** Where this server keeps its data. */
  dataFolder: path,
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      /** Message bodies in debug logs: off unless somebody switches it on deliberately. */
      messageBodies: z.boolean().default(false),
    })
    .prefault({}),
  /** Name servers, `address` or `address:port`; the system's own when empty. */
  nameServers: z.array(z.string().min(1)).default([]),
  /** The identity towards the other servers of this deployment, and the CA that issued theirs. */
  internal: keyPair.extend({ authorityFile: path }),
  limits: z
    .strictObject({
      headBytes: z.int().min(4096).max(1_048_576).default(65_536),
      unauthenticatedSeconds: z.int().min(1).max(120).default(10),
      unauthenticatedBytes: z.int().min(4096).max(1_048_576).default(65_536),
      connections: z.int().min(1).max(1_000_000).default(100_000),
      outstandingRequests: z.int().min(16).max(1_000_000).default(50_000),
    })
    .prefault({}),
};

/** Where a Front End keeps its state. */
const store = z
  .strictObject({
    /** `sqlite`: the file parley.db in the data folder; or a PostgreSQL database, which the Front Ends of a pool share. */
    url: z
      .string()
      .default('sqlite')
      .refine(url => url === 'sqlite' || isPostgresUrl(url), 'expected sqlite or postgres://user@host:5432/database'),
    /** The password of PostgreSQL stands in the first line of this file, and so in no configuration file and no list of processes. */
    passwordFile: path.optional(),
    /** PostgreSQL's schema for the tables, made when it is missing; the account's default schema when absent. */
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected small letters, digits and underscores')
      .optional(),
    /** Connections to PostgreSQL. */
    poolSize: z.int().min(1).max(200).default(10),
  })
  .prefault({});

/** Configuration of a Front End. */
export const FrontEndServerConfiguration = z.strictObject({
  role: z.literal('frontend'),
  ...common,
  /** `on-premises`: one organisation; `provider`: hosts tenants that prove their domains. */
  deployment: z.enum(['on-premises', 'provider']).default('on-premises'),
  store,
  /** FQDN of the pool this Front End belongs to. */
  pool: fqdnField,
  /** SIP over TLS for clients. */
  client: listener.extend({
    ...keyPair.shape,
    digestAlgorithms: z
      .array(z.enum(['MD5', 'SHA-256']))
      .min(1)
      .default(['MD5']),
  }),
  /** SIP over plain TCP for clients: for tests on one machine only, therefore loopback addresses only. */
  plainClient: loopbackListener.optional(),
  /** SIP over secure WebSocket for clients (rfc7118); scripts from the allowed origins may connect, from any where none is named. */
  webSocket: listener.extend({ ...keyPair.shape, allowedOrigins: z.array(webOrigin).default([]) }).optional(),
  /** The same without TLS, for browsers on this machine: they refuse certificates of a CA they do not know. */
  plainWebSocket: loopbackListener.extend({ allowedOrigins: z.array(webOrigin).default([]) }).optional(),
  /** SIP over mutual TLS for Edges and other Front Ends. */
  trunk: listener,
  /** Management API. */
  api: z.strictObject({ host: host.default('127.0.0.1'), port: portField, tokenFile: path }),
});
export type FrontEndServerConfiguration = Readonly<z.infer<typeof FrontEndServerConfiguration>>;

/** Configuration of an Edge. */
export const EdgeServerConfiguration = z.strictObject({
  role: z.literal('edge'),
  ...common,
  /** SIP over mutual TLS for partners; the certificate carries the name that SRV records point to. */
  external: listener.extend(keyPair.shape),
  /** SIP over mutual TLS for the Front Ends. */
  inside: listener,
  /** HTTPS over mutual TLS: the Front Ends push the configuration here. */
  replication: listener,
  /** What enrolment left: who may push configuration here, and the key that signs it. */
  enrolmentFile: path,
  /** CA certificates that partners' certificates must chain to. */
  federationTrustFiles: z.array(path).min(1),
});
export type EdgeServerConfiguration = Readonly<z.infer<typeof EdgeServerConfiguration>>;

/** Configuration of a server, by role. */
export const ServerConfiguration = z.discriminatedUnion('role', [FrontEndServerConfiguration, EdgeServerConfiguration]);
export type ServerConfiguration = Readonly<z.infer<typeof ServerConfiguration>>;

function isLoopback(address: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(address) || address === '::1' || address === 'localhost';
}

function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\/./.test(url);
}
