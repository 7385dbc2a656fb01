import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { type Failure, FailureError, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { canonicalName } from '../model/names.ts';
import { type ReplicationIdentity, readRefusal, type VerifyPeerSocket } from './replication-protocol.ts';

/** How an Edge computer is reached. */
export interface ReplicaTarget {
  readonly fqdn: string;
  readonly port: number;
}

/** What the client stands on. */
export interface ReplicaClientOptions {
  readonly identity: ReplicationIdentity;
  readonly verifyPeer: VerifyPeerSocket;
  /** Address of an Edge computer; a failure means EDGE_UNREACHABLE. */
  readonly addressOf: (fqdn: string) => Promise<Result<string>>;
  /** An Edge that has not answered a request by then counts as not answering. */
  readonly timeoutMs: number;
}

/** An answer of an Edge: 200 with its text, or its refusal with the code it gave. */
export type ReplicaAnswer =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: string; readonly text: string };

/** The Front End's connection to one Edge: kept alive, mutual TLS, the peer checked by our verifier before a byte is sent. */
export class ReplicaClient {
  readonly #target: ReplicaTarget;
  readonly #options: ReplicaClientOptions;
  readonly #agent: VerifyingAgent;

  constructor(target: ReplicaTarget, options: ReplicaClientOptions) {
    this.#target = target;
    this.#options = options;
    this.#agent = new VerifyingAgent(target, options);
  }

  /**
   * One request. Fails with EDGE_UNREACHABLE, REPLICATION_CERTIFICATE (either side does not accept the other), or
   * REPLICATION_STATUS_MISSING (connected, but no sensible answer in time).
   */
  async send(method: 'GET' | 'POST', path: string, body?: string): Promise<Result<ReplicaAnswer>> {
    const { fqdn, port } = this.#target;
    const address = await this.#options.addressOf(fqdn);
    if (!address.ok) return err(failure('EDGE_UNREACHABLE', { fqdn, port, reason: address.error.text }, address.error));
    try {
      const { status, text } = await this.#exchange(address.value, method, path, body);
      if (status === 200) return ok({ kind: 'done', text });
      const refusal = readRefusal(text)?.failure;
      if (!refusal) return err(failure('REPLICATION_STATUS_MISSING', { fqdn, reason: `it answered ${status}` }));
      if (refusal.code === 'REPLICATION_PEER_REFUSED')
        return err(failure('REPLICATION_CERTIFICATE', { fqdn, reason: refusal.text }));
      return ok({ kind: 'refused', ...refusal });
    } catch (error) {
      return err(error instanceof FailureError ? error.failure : this.#connectionFailure(error));
    }
  }

  /** Ends the connections. */
  close(): void {
    this.#agent.destroy();
  }

  #exchange(host: string, method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const { fqdn, port } = this.#target;
    const headers = { host: fqdn, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) };
    return new Promise((resolve, reject) => {
      const outgoing = request({ agent: this.#agent, host, port, method, path, headers }, incoming => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
        incoming.on('error', reject);
      });
      let connected = false;
      outgoing.on('socket', () => {
        connected = true;
      });
      outgoing.setTimeout(this.#options.timeoutMs, () => {
        const reason = `no answer within ${this.#options.timeoutMs / 1000} s`;
        const code = connected ? 'REPLICATION_STATUS_MISSING' : 'EDGE_UNREACHABLE';
        outgoing.destroy(new FailureError(failure(code, { fqdn, port, reason })));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  #connectionFailure(error: unknown): Failure {
    const { fqdn, port } = this.#target;
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // An alert of the other side's TLS, or of ours, comes as an OpenSSL error.
    if (/^ERR_(SSL|TLS|OSSL)/.test(code)) return failure('REPLICATION_CERTIFICATE', { fqdn, reason }, error);
    return failure('EDGE_UNREACHABLE', { fqdn, port, reason }, error);
  }
}

/** Hands out a connection only after our verifier accepted the peer and found the Edge's own name in its certificate. */
class VerifyingAgent extends Agent {
  readonly #target: ReplicaTarget;
  readonly #clientOptions: ReplicaClientOptions;

  constructor(target: ReplicaTarget, options: ReplicaClientOptions) {
    super({ keepAlive: true, maxSockets: 2, maxCachedSessions: 0 });
    this.#target = target;
    this.#clientOptions = options;
  }

  override createConnection(
    options: { host?: string | null; port?: string | number | null },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const { identity, timeoutMs } = this.#clientOptions;
    const { fqdn, port } = this.#target;
    const socket = connect({
      host: options.host ?? fqdn,
      port: Number(options.port ?? port),
      servername: fqdn,
      cert: identity.chainPem,
      key: identity.keyPem,
      // no CA: Node empties the chain of a peer that TLS itself has accepted, and the verdict is our verifier's
      ca: [],
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    const fail = (error: Error) => {
      socket.destroy();
      callback?.(error, socket);
    };
    socket.setTimeout(timeoutMs, () => {
      fail(new FailureError(failure('EDGE_UNREACHABLE', { fqdn, port, reason: `no connection within ${timeoutMs / 1000} s` })));
    });
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      const refused = this.#check(socket);
      if (refused) fail(new FailureError(refused));
      else callback?.(null, socket);
    });
  }

  #check(socket: TLSSocket): Failure | undefined {
    const { fqdn } = this.#target;
    const verified = this.#clientOptions.verifyPeer(socket);
    if (!verified.ok) return failure('REPLICATION_CERTIFICATE', { fqdn, reason: verified.error.text }, verified.error);
    const { names } = verified.value;
    if (names.some(name => canonicalName(name) === canonicalName(fqdn))) return undefined;
    return failure('REPLICATION_CERTIFICATE', { fqdn, reason: `the Edge's certificate is for ${names.join(', ') || 'no name'}` });
  }
}
