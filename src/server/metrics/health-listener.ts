import type { RequestListener, Server, ServerResponse } from 'node:http';
import { surfaceFault } from '../../base/boundary.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { createHttpServer, type HttpPatience } from '../../management/http-api/http-server.ts';
import type { Readiness } from '../../management/http-api/management-api.ts';
import { metricsMediaType } from '../../observe/metrics.ts';
import { ConnectionShare, type ConnectionShares } from '../../wire/connection-share.ts';
import { listenFailure } from '../../wire/listener.ts';

/** What a server says to whoever watches it. */
export interface HealthAnswers {
  readonly metrics: () => Promise<string>;
  readonly readiness: () => Promise<Readiness>;
}

/** An open health listener. */
export interface HealthListener {
  readonly port: number;
  close(): Promise<void>;
}

/** A scraper has two or three connections; nobody here shows who it is, and a newcomer is always let in. */
const shares: ConnectionShares = { strangersPerSource: 16, strangers: 64, known: 0 };
const patience: HttpPatience = { headersMs: 10_000, requestMs: 10_000, keepAliveMs: 10_000, checkMs: 1_000 };

/**
 * Opens the listener for watchers: GET /healthz, /readyz and /metrics over plain HTTP and without a token, therefore on loopback unless the
 * configuration file names another address. Nothing in its answers is secret, and nothing can be changed through it.
 * Fails with PORT_IN_USE, PORT_FORBIDDEN, ADDRESS_NOT_AVAILABLE or LISTEN_FAILED.
 */
export function listenForHealth(
  { host, port }: { readonly host: string; readonly port: number },
  answers: HealthAnswers,
): Promise<Result<HealthListener>> {
  const answer: RequestListener = (request, response) => {
    request.resume();
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET\n');
    if (path === '/healthz') return send(response, 200, 'application/json', '{"alive":true}');
    if (path === '/metrics') return answerWith(response, sendMetrics(response, answers));
    if (path === '/readyz') return answerWith(response, sendReadiness(response, answers));
    send(response, 404, 'text/plain', 'here are /healthz, /readyz and /metrics\n');
  };
  return open(createHttpServer(answer, { share: new ConnectionShare(shares), patience }), host, port);
}

function answerWith(response: ServerResponse, sending: Promise<void>): void {
  sending.catch(fault => {
    surfaceFault(fault);
    if (!response.headersSent) send(response, 500, 'text/plain', 'a fault of this server: see its log\n');
  });
}

async function sendMetrics(response: ServerResponse, { metrics }: HealthAnswers): Promise<void> {
  send(response, 200, metricsMediaType, await metrics());
}

async function sendReadiness(response: ServerResponse, { readiness }: HealthAnswers): Promise<void> {
  const state = await readiness();
  send(response, state.ready ? 200 : 503, 'application/json', JSON.stringify(state));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function open(server: Server, host: string, port: number): Promise<Result<HealthListener>> {
  return new Promise(resolve => {
    server.once('error', cause => resolve(err(listenFailure(cause, host, port))));
    server.listen({ host, port }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      const close = () =>
        new Promise<void>(done => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve(ok({ port: bound, close }));
    });
  });
}
