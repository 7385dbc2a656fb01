import type { AddressInfo } from 'node:net';
import swagger from '@fastify/swagger';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler } from 'fastify-type-provider-zod';
import { type Failure, failure } from '../../base/failure.ts';
import { randomToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { metricsMediaType } from '../../observe/metrics.ts';
import type { Management } from '../management.ts';
import { type ApiToken, actorOfRequest } from './api-token.ts';
import { addBackupRoute } from './backup-route.ts';
import { addCommandRoutes } from './command-routes.ts';
import { addObjectRoutes } from './object-routes.ts';
import { sendFailure } from './send-failure.ts';

/** A bulk enable of 20,000 users with names and passwords fits. */
const maxBodyBytes = 8 * 1024 * 1024;

/** Whether this server can do its work now. */
export interface Readiness {
  readonly ready: boolean;
  /** What is wrong and since when; a ready server may have something to say too. */
  readonly problems: readonly string[];
}

/** What the API is made of. */
export interface ManagementApiOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tokens: readonly ApiToken[];
  readonly management: Management;
  readonly readiness: () => Promise<Readiness>;
  /** Reports a fault of ours with the id the caller was shown. */
  readonly reportFault: (faultId: string, fault: unknown) => void;
  /** What /metrics shows, to those with a token. */
  readonly metrics?: () => Promise<string>;
  /** The lines of a backup, without line feeds; reading them rejects with FailureError when the store cannot be read. Absent = this server makes none. */
  readonly backup?: () => AsyncIterable<string>;
  /** PEM; with it the API speaks HTTPS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A running API. */
export interface ManagementApi {
  readonly url: string;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

/** Starts the management API. Fails with PORT_IN_USE, PORT_FORBIDDEN, ADDRESS_NOT_AVAILABLE, LISTEN_FAILED or TLS_SETTINGS_UNUSABLE. */
export async function startManagementApi(options: ManagementApiOptions): Promise<Result<ManagementApi>> {
  const created = createServer(options);
  if (!created.ok) return created;
  const server = created.value;
  await addRoutes(server, options);
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (cause) {
    await server.close();
    return err(listenFailure(options, cause as NodeJS.ErrnoException));
  }
  const bound = server.server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `${options.tls ? 'https' : 'http'}://${host}:${bound.port}`;
  return ok({ url, close: () => server.close() });
}

function createServer({ tls }: ManagementApiOptions): Result<FastifyInstance> {
  // Requests carry passwords and tokens: nothing of them is logged here.
  const common = {
    logger: false as const,
    bodyLimit: maxBodyBytes,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 300, caseSensitive: false },
    forceCloseConnections: 'idle' as const,
  };
  if (!tls) return ok(fastify(common));
  try {
    const https = { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' as const };
    return ok(fastify({ ...common, https }) as unknown as FastifyInstance);
  } catch (cause) {
    return err(failure('TLS_SETTINGS_UNUSABLE', { reason: (cause as Error).message }, cause));
  }
}

async function addRoutes(server: FastifyInstance, options: ManagementApiOptions): Promise<void> {
  // The command layer is the one validator: it knows parameters in any letter case. Schemas here are for the description only.
  server.setValidatorCompiler(() => value => ({ value }));
  server.setSerializerCompiler(serializerCompiler);
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Parley management API', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  server.setErrorHandler((fault: FastifyError, _request, reply) => sendFailure(reply, failureOfFault(fault, options)));
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    return sendFailure(reply, failure('API_PATH_UNKNOWN', { method: request.method, path: path.slice(0, 200) }));
  });
  addOpenRoutes(server, options);
  await server.register(async api => {
    api.decorateRequest('actor', '');
    api.addHook('onRequest', async (request, reply) => {
      const actor = actorOfRequest(options.tokens, request.headers.authorization);
      if (actor === undefined) {
        reply.header('www-authenticate', 'Bearer');
        return sendFailure(reply, failure('API_TOKEN_WRONG'));
      }
      request.actor = actor;
    });
    addCommandRoutes(api, options.management);
    addObjectRoutes(api, options.management);
    const { metrics } = options;
    if (metrics)
      api.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
        reply.type(metricsMediaType).send(await metrics()),
      );
    if (options.backup) addBackupRoute(api, options.backup);
  });
}

function addOpenRoutes(server: FastifyInstance, { readiness }: ManagementApiOptions): void {
  let description: string | undefined;
  const hide = { schema: { hide: true } };
  server.get('/openapi.json', hide, (_request, reply) => {
    description ??= JSON.stringify(server.swagger());
    return reply.type('application/json').send(description);
  });
  server.get('/healthz', hide, (_request, reply) => reply.send({ alive: true }));
  server.get('/readyz', hide, async (_request, reply) => {
    const state = await readiness();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
}

function failureOfFault(fault: FastifyError, { reportFault }: ManagementApiOptions): Failure {
  if (fault.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return failure('API_REQUEST_TOO_LARGE', { limit: maxBodyBytes });
  if (fault.statusCode !== undefined && fault.statusCode >= 400 && fault.statusCode < 500) {
    return failure('API_REQUEST_INVALID', { problem: fault.message.slice(0, 200) });
  }
  const faultId = randomToken(6);
  reportFault(faultId, fault);
  return failure('INTERNAL_FAULT', { faultId });
}

function listenFailure({ host, port }: ManagementApiOptions, cause: NodeJS.ErrnoException): Failure {
  const codes = { EADDRINUSE: 'PORT_IN_USE', EACCES: 'PORT_FORBIDDEN', EADDRNOTAVAIL: 'ADDRESS_NOT_AVAILABLE' } as const;
  const code = codes[cause.code as keyof typeof codes] ?? 'LISTEN_FAILED';
  return failure(code, { host, port, reason: cause.message }, cause);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the token the request was made with. */
    actor: string;
  }
}
