import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { errorRegistry } from '../base/errors/registry.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { SharedLimit } from '../base/shared-limit.ts';
import { canonicalName } from '../model/names.ts';
import { PortPlaces } from './port-places.ts';
import type { ReplicaReport, ReplicationIdentity, VerifyPeerSocket } from './replication-protocol.ts';
import type { SnapshotReplica } from './snapshot-replica.ts';

/** Runs a job that the Front End asks for, such as an outside check; what the job is, is between the two. */
export interface ProbeHandler {
  run(job: unknown): Promise<unknown>;
}

/** What the receiver stands on. */
export interface ReceiverOptions {
  readonly fqdn: string;
  readonly host: string;
  /** 4443 unless the topology says otherwise; 0 takes a free one. */
  readonly port: number;
  readonly identity: ReplicationIdentity;
  readonly verifyPeer: VerifyPeerSocket;
  /** Names of Front Ends that may talk, asked for anew with each request: those of the enrolment and of the pool. */
  readonly allowedNames: () => ReadonlySet<string>;
  readonly replica: SnapshotReplica;
  readonly probe: ProbeHandler;
  readonly clock: Clock;
  readonly productVersion: string;
  /** Called with the names of a Front End whenever it has asked for something: it is alive. */
  readonly onPeer?: (names: readonly string[]) => void;
  /** Called with every refused peer and request, for the log. */
  readonly onRefused?: (failure: Failure) => void;
  readonly maxSnapshotBytes?: number;
}

const defaultMaxSnapshotBytes = 128 * 1024 * 1024;
const maxProbeBytes = 64 * 1024;
const maxHeaderBytes = 8 * 1024;
const requestTimeoutMs = 60_000;
const keepAliveTimeoutMs = 120_000;

/** The Edge's replication port: snapshots, status, probes; HTTPS with mutual TLS, never anything else. */
export class ReplicaReceiver {
  readonly #options: ReceiverOptions;
  readonly #server: Server;
  /** Sockets come in here, so that they are counted before TLS costs anything. */
  readonly #tcp: TcpServer;
  readonly #places: PortPlaces;
  readonly #startedAt: number;
  readonly #peers = new WeakMap<object, Result<readonly string[]>>();

  private constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    const { identity } = options;
    this.#server = createServer(
      {
        ...contextOptions({ cert: identity.chainPem, key: identity.keyPem }),
        requestCert: true,
        // Our own verifier decides, per request, so that the peer is told why.
        rejectUnauthorized: false,
        maxHeaderSize: maxHeaderBytes,
        keepAliveTimeout: keepAliveTimeoutMs,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#places = new PortPlaces(options.clock);
    this.#tcp = createTcpServer(socket => {
      this.#places.enter(socket);
      if (!socket.destroyed) this.#server.emit('connection', socket);
    });
    // A handshake that fails, or bytes that are no HTTP: the connection ends, nothing else.
    this.#server.on('tlsClientError', (error: Error) =>
      this.#report(failure('REPLICATION_PEER_REFUSED', { reason: error.message })),
    );
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Starts to listen; throws what the system says when the port is taken or the address is not ours. */
  static async open(options: ReceiverOptions): Promise<ReplicaReceiver> {
    const receiver = new ReplicaReceiver(options);
    await new Promise<void>((resolve, reject) => {
      receiver.#tcp.once('error', reject);
      receiver.#tcp.listen(options.port, options.host, () => {
        receiver.#tcp.off('error', reject);
        // later errors concern one connection that could not be accepted: the next may work
        receiver.#tcp.on('error', () => {});
        resolve();
      });
    });
    return receiver;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** Connections of enrolled servers, for metrics. */
  get connectionLimit(): SharedLimit {
    return this.#places.limit;
  }

  /** Shows another certificate from the next connection on. Fails with TLS_SETTINGS_UNUSABLE, and then shows the former. */
  setIdentity(identity: CertificateWithKey): Result<void> {
    try {
      this.#server.setSecureContext(contextOptions(identity));
      return ok(undefined);
    } catch (cause) {
      return err(failure('TLS_SETTINGS_UNUSABLE', { reason: (cause as Error).message }, cause));
    }
  }

  /** What the status request answers. */
  status(): ReplicaReport {
    const { fqdn, replica, clock, productVersion } = this.#options;
    const installed = replica.installed;
    return {
      fqdn,
      installed: installed
        ? {
            version: installed.version,
            hash: installed.hash,
            appliedAtMs: installed.appliedAtMs,
            createdAtMs: installed.createdAtMs,
          }
        : null,
      lastRefusal: replica.lastRefusal ?? null,
      uptimeSeconds: Math.floor((clock.monotonic() - this.#startedAt) / 1000),
      pid: process.pid,
      productVersion,
    };
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#tcp.close(resolve));
    this.#places.close();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const late = this.#options.clock.after(requestTimeoutMs, () => request.complete || request.destroy());
    response.on('close', () => late.cancel());
    try {
      const result = await this.#route(request);
      if (result.ok) answer(response, 200, result.value);
      else this.#refuse(response, result.error);
    } catch {
      // The connection broke, or a probe failed by a fault of ours: either way this request has no answer to give.
      if (response.headersSent) response.destroy();
      else answer(response, 500, { failure: { code: 'INTERNAL', text: 'The Edge met an internal fault.' } });
    }
  }

  async #route(request: IncomingMessage): Promise<Result<unknown>> {
    const peer = this.#checkPeer(request.socket as TLSSocket);
    if (!peer.ok) return peer;
    switch (`${request.method} ${request.url}`) {
      case 'GET /v1/status':
        return ok(this.status());
      case 'POST /v1/snapshot': {
        const body = await readBody(request, this.#options.maxSnapshotBytes ?? defaultMaxSnapshotBytes);
        if (!body.ok) return body;
        const applied = await this.#options.replica.apply(body.value);
        return applied.ok ? ok(this.status()) : applied;
      }
      case 'POST /v1/probe': {
        const body = await readBody(request, maxProbeBytes);
        if (!body.ok) return body;
        const job = parseJson(body.value);
        return job.ok ? ok({ result: await this.#options.probe.run(job.value) }) : job;
      }
      default:
        return err(failure('REPLICATION_REQUEST_INVALID', { reason: `there is no ${request.method} ${request.url}` }));
    }
  }

  #checkPeer(socket: TLSSocket): Result<void> {
    let names = this.#peers.get(socket);
    if (!names) {
      const verified = this.#options.verifyPeer(socket);
      names = verified.ok ? ok(verified.value.names) : verified;
      this.#peers.set(socket, names);
    }
    if (!names.ok) return err(failure('REPLICATION_PEER_REFUSED', { reason: names.error.text }, names.error));
    const allowed = this.#options.allowedNames();
    const name = names.value.find(each => allowed.has(canonicalName(each)));
    if (name !== undefined) {
      if (!this.#places.prove(socket, canonicalName(name))) return err(failure('REPLICATION_PEER_BUSY', { name }));
      this.#options.onPeer?.(names.value);
      return ok(undefined);
    }
    const reason = `its certificate is for ${names.value.join(', ') || 'no name'}, not for a Front End of this deployment`;
    return err(failure('REPLICATION_PEER_REFUSED', { reason }));
  }

  #refuse(response: ServerResponse, error: Failure): void {
    this.#report(error);
    // Who is refused has no more to say here, and what is still on its way is not read.
    if (error.code.startsWith('REPLICATION_PEER_') || !response.req.complete) response.setHeader('connection', 'close');
    const { code, text } = error;
    answer(response, errorRegistry[code].http ?? 500, { failure: { code, text } });
  }

  #report(error: Failure): void {
    this.#options.onRefused?.(error);
  }
}

/** A certificate chain and its key, PEM. */
interface CertificateWithKey {
  readonly cert: string;
  readonly key: string;
}

function contextOptions({ cert, key }: CertificateWithKey): SecureContextOptions {
  return {
    cert,
    key,
    // no CA: Node empties the chain of a peer that TLS itself has accepted, and the verdict is our verifier's
    ca: [],
    minVersion: 'TLSv1.2',
    // A resumed session has lost the peer's intermediates (D5).
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

async function readBody(request: IncomingMessage, limit: number): Promise<Result<string>> {
  const tooLarge = () => err(failure('REPLICATION_BODY_TOO_LARGE', { limit }));
  if (Number(request.headers['content-length'] ?? 0) > limit) return tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  // Not by `for await`: leaving that loop early would end the socket before the answer is out.
  return await new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.pause();
        resolve(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(ok(Buffer.concat(chunks).toString('utf8'))));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the peer went away')));
  });
}

function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch (cause) {
    return err(failure('REPLICATION_REQUEST_INVALID', { reason: 'the body is not JSON' }, cause));
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
