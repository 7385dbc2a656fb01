import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ConnectionShare, ConnectionShares } from '../../wire/connection-share.ts';
import type { TlsIdentity } from '../../wire/listener.ts';
import { failureBody } from './failure-body.ts';
import { jsonMediaType } from './send-json.ts';

/** A panel, a few scripts and admins are known; a stranger is one of them before its first request, or nobody. */
export const managementConnectionShares: ConnectionShares = { strangersPerSource: 32, strangers: 128, known: 256 };

/** How long a connection may be silent. */
export interface HttpPatience {
  /** From the opening of the connection, or the first byte after an answer, to the end of the head of a request. */
  readonly headersMs: number;
  /** The same to the end of its body. */
  readonly requestMs: number;
  /** Between an answer and the next request. */
  readonly keepAliveMs: number;
  /** How often these are looked after. */
  readonly checkMs: number;
}

/** 8 MB through a slow line take their time; everything else is sent at once. */
const patienceOfManagement: HttpPatience = { headersMs: 10_000, requestMs: 60_000, keepAliveMs: 10_000, checkMs: 1_000 };

const tlsOptions = { minVersion: 'TLSv1.2' } as const;

/** What an HTTP server is made of. */
export interface HttpServerOptions {
  readonly share: ConnectionShare;
  /** With it the server speaks HTTPS. */
  readonly tls?: TlsIdentity | undefined;
  readonly patience?: HttpPatience;
}

/** An HTTP or HTTPS server whose connections are shared, and none of which may be silent for long. Throws when the identity is unusable. */
export function createHttpServer(
  handler: RequestListener,
  { share, tls, patience = patienceOfManagement }: HttpServerOptions,
): Server {
  const options: ServerOptions = {
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keepAliveMs,
    connectionsCheckingInterval: patience.checkMs,
  };
  const server = tls
    ? createTlsServer({ ...options, ...tls, ...tlsOptions, handshakeTimeout: patience.headersMs }, handler)
    : createServer(options, handler);
  // of a TLS server too: the socket below, before the handshake
  server.on('connection', (socket: Socket) => share.enter(socket));
  return server;
}

/** Shows another certificate from the next connection on. Fails with TLS_SETTINGS_UNUSABLE, and then shows the former; a server without TLS shows none. */
export function showIdentity(servers: readonly Server[], identity: TlsIdentity): Result<void> {
  try {
    for (const server of servers) if (server instanceof TlsServer) server.setSecureContext({ ...identity, ...tlsOptions });
    return ok(undefined);
  } catch (cause) {
    return err(failure('TLS_SETTINGS_UNUSABLE', { reason: (cause as Error).message }, cause));
  }
}

/** Answers what is no HTTP request, or none that came to its end in time, and closes. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const problem = isLate ? 'it did not come to its end in time' : 'it is no HTTP request, or its head is too large';
  const body = JSON.stringify(failureBody(failure('API_REQUEST_INVALID', { problem })));
  const status = isLate ? '408 Request Timeout' : '400 Bad Request';
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${jsonMediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}
