import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import swagger from '@fastify/swagger';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { jsonSchemaTransform, serializerCompiler } from 'fastify-type-provider-zod';
import type { Clock } from '../../base/clock.ts';
import { type Failure, failure } from '../../base/failure.ts';
import { randomToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { metricsMediaType } from '../../observe/metrics.ts';
import { ConnectionShare } from '../../wire/connection-share.ts';
import { listenFailure, type TlsIdentity } from '../../wire/listener.ts';
import type { Management } from '../management.ts';
import { checkAdministrator } from '../permission.ts';
import type { Principal } from '../principal.ts';
import type { ApiToken } from './api-token.ts';
import { addBackupRoute } from './backup-route.ts';
import { addChangeRoute } from './change-route.ts';
import { addCommandRoutes } from './command-routes.ts';
import { answerClientError, createHttpServer, managementConnectionShares, showIdentity } from './http-server.ts';
import { addObjectRoutes } from './object-routes.ts';
import { sendFailure } from './send-failure.ts';
import { jsonMediaType, sendJson } from './send-json.ts';
import { TokenCheck } from './token-check.ts';

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
  readonly clock: Clock;
  readonly tokens: readonly ApiToken[];
  readonly management: Management;
  readonly readiness: () => Promise<Readiness>;
  /** Reports a fault of ours with the id the caller was shown. */
  readonly reportFault: (faultId: string, fault: unknown) => void;
  /** Reports a request with a wrong token; the failure names its source. */
  readonly reportWrongToken: (of: Failure) => void;
  /** What /metrics shows, to those with a token. */
  readonly metrics?: () => Promise<string>;
  /** The lines of a backup, without line feeds; reading them rejects with FailureError when the store cannot be read. Absent = this server makes none. */
  readonly backup?: () => AsyncIterable<string>;
  /** With it the API speaks HTTPS. */
  readonly tls?: TlsIdentity;
}

/** A running API. */
export interface ManagementApi {
  readonly url: string;
  /** Shows another certificate from the next connection on, where it has one. Fails with TLS_SETTINGS_UNUSABLE, and then shows the former. */
  setIdentity(identity: TlsIdentity): Result<void>;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

/** Starts the management API. Fails with PORT_IN_USE, PORT_FORBIDDEN, ADDRESS_NOT_AVAILABLE, LISTEN_FAILED or TLS_SETTINGS_UNUSABLE. */
export async function startManagementApi(options: ManagementApiOptions): Promise<Result<ManagementApi>> {
  const share = new ConnectionShare(managementConnectionShares);
  // a host such as localhost has several addresses, and each of them a server
  const servers: Server[] = [];
  const created = createServer(options, share, servers);
  if (!created.ok) return created;
  const server = created.value;
  await addRoutes(server, options, share);
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (cause) {
    await server.close();
    return err(listenFailure(cause as NodeJS.ErrnoException, options.host, options.port));
  }
  const bound = server.server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `${options.tls ? 'https' : 'http'}://${host}:${bound.port}`;
  return ok({ url, setIdentity: identity => showIdentity(servers, identity), close: () => server.close() });
}

function createServer(options: ManagementApiOptions, share: ConnectionShare, servers: Server[]): Result<FastifyInstance> {
  const { tls } = options;
  try {
    const server = fastify({
      // Requests carry passwords and tokens: nothing of them is logged here.
      logger: false,
      bodyLimit: maxBodyBytes,
      routerOptions: { maxParamLength: 300, caseSensitive: false },
      forceCloseConnections: 'idle',
      serverFactory: handler => {
        const made = createHttpServer(handler, { share, tls });
        servers.push(made);
        return made;
      },
      clientErrorHandler: answerClientError,
      // a path that no route can be looked up for
      frameworkErrors: (fault, _request, reply) => sendFailure(reply as unknown as FastifyReply, failureOfFault(fault, options)),
    });
    return ok(server as unknown as FastifyInstance);
  } catch (cause) {
    return err(failure('TLS_SETTINGS_UNUSABLE', { reason: (cause as Error).message }, cause));
  }
}

async function addRoutes(server: FastifyInstance, options: ManagementApiOptions, share: ConnectionShare): Promise<void> {
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
    api.decorateRequest('principal');
    api.addHook('onRequest', tokenHook(options, share));
    addCommandRoutes(api, options.management);
    addChangeRoute(api, options.management);
    addObjectRoutes(api, options.management);
    const { metrics } = options;
    if (metrics)
      api.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
        const permitted = checkAdministrator(request.principal, 'metrics');
        return permitted.ok ? reply.type(metricsMediaType).send(await metrics()) : sendFailure(reply, permitted.error);
      });
    if (options.backup) addBackupRoute(api, options.backup);
  });
}

/** Lets only requests with a token go on, before their body is read; their connections are known from then on. */
function tokenHook({ tokens, clock, reportWrongToken }: ManagementApiOptions, share: ConnectionShare) {
  const check = new TokenCheck(tokens, clock);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { socket } = request;
    const checked = check.check(request.headers.authorization, socket.remoteAddress ?? '');
    if (checked.ok) {
      share.known(socket);
      request.principal = checked.value;
      return undefined;
    }
    const { code, details } = checked.error;
    if (code !== 'API_TOKEN_MISSING') reportWrongToken(checked.error);
    if (code === 'API_TOKEN_BACK_OFF') reply.header('retry-after', String(details.seconds));
    return sendFailure(reply.header('www-authenticate', 'Bearer'), checked.error);
  };
}

function addOpenRoutes(server: FastifyInstance, { readiness }: ManagementApiOptions): void {
  let description: string | undefined;
  const hide = { schema: { hide: true } };
  server.get('/openapi.json', hide, (_request, reply) => {
    description ??= JSON.stringify(server.swagger());
    return reply.type(jsonMediaType).send(description);
  });
  server.get('/healthz', hide, (_request, reply) => sendJson(reply, { alive: true }));
  server.get('/readyz', hide, async (_request, reply) => {
    const state = await readiness();
    return sendJson(reply.code(state.ready ? 200 : 503), state);
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

declare module 'fastify' {
  interface FastifyRequest {
    /** For whom it runs; there where a token is asked for. */
    principal: Principal;
  }
}
