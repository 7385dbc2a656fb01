import { isIP, type NetConnectOpts, type Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { connectionProblem } from '../base/connection-problem.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Connection, type ConnectionHandler, type ConnectionLimits } from './connection.ts';
import type { InboundBuffers } from './inbound-buffers.ts';
import type { TlsIdentity } from './listener.ts';
import { type PeerChain, type PeerVerifier, readPeerChain, type VerifiedPeer } from './peer-verifier.ts';
import { SocketStream } from './socket-stream.ts';

/** What an outgoing connection needs. */
export interface ConnectOptions {
  /** An IP address: names are resolved before. */
  readonly address: string;
  readonly port: number;
  /** The address of ours to connect from; any where absent. */
  readonly localAddress?: string;
  readonly clock: Clock;
  readonly handler: ConnectionHandler;
  readonly connectionLimits: ConnectionLimits;
  /** For everything up to a verified peer, milliseconds. */
  readonly timeoutMs: number;
  /** Memory for parts of messages; absent: there is always enough. */
  readonly buffers?: InboundBuffers | undefined;
  /** The longest body the peer may send, where that may be more than the limit for messages. */
  readonly longestBody?: ((connection: Connection) => number) | undefined;
  /** Gives up connecting; an established connection is not touched. */
  readonly signal?: AbortSignal;
}

/** An outgoing TLS connection. */
export interface TlsConnectOptions extends ConnectOptions {
  /** The name sent as SNI. */
  readonly serverName: string;
  /** Our client certificate. */
  readonly identity?: TlsIdentity;
  /** Judges the server's certificates, the wanted name included. */
  readonly verifier: PeerVerifier;
}

/** Connects by TLS 1.2 or later and lets the verifier judge the server's certificates before anything is sent or read. */
export async function connectTls(options: TlsConnectOptions): Promise<Result<Connection>> {
  let socket: TLSSocket;
  try {
    const where: NetConnectOpts = { host: options.address, port: options.port, localAddress: options.localAddress };
    socket = tlsConnect({
      ...where,
      // SNI holds names only (rfc6066 3).
      servername: isIP(options.serverName) === 0 ? options.serverName : '',
      cert: options.identity?.cert,
      key: options.identity?.key,
      minVersion: 'TLSv1.2',
      // The verdict is the verifier's alone: the TLS library knows no CA.
      ca: [],
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
  } catch (cause) {
    return err(failure('TLS_SETTINGS_UNUSABLE', { reason: cause instanceof Error ? cause.message : String(cause) }, cause));
  }
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  const failed = await establish(socket, options);
  if (failed !== undefined) return err(failed);
  const chain = readPeerChain(socket);
  const verified =
    chain === undefined ? err(failure('PEER_WITHOUT_CERTIFICATE', { target: target(options) })) : options.verifier.verify(chain);
  if (!verified.ok) {
    socket.destroy();
    return verified;
  }
  return ok(makeConnection(socket, options, chain, verified.value));
}

/** Waits until it is secure, an error, the time limit or the signal; the socket is destroyed in all cases but the first. */
function establish(socket: Socket, options: ConnectOptions): Promise<Failure | undefined> {
  const { clock, timeoutMs, signal } = options;
  return new Promise(resolve => {
    let connected = false;
    const finish = (failed: Failure | undefined) => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      socket.off('error', onError);
      if (failed !== undefined) {
        // Errors after this have nobody to go to.
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(failed);
    };
    const unreachable = (reason: string, cause?: unknown) =>
      failure(connected ? 'PEER_TLS_FAILED' : 'PEER_UNREACHABLE', { target: target(options), reason }, cause);
    const onError = (cause: Error) => finish(unreachable(connectionProblem(cause), cause));
    const onClose = () => finish(unreachable('the peer closed the connection'));
    const onAbort = () => finish(unreachable('the attempt was given up'));
    const timer = clock.after(timeoutMs, () =>
      finish(failure('PEER_CONNECT_TIMEOUT', { target: target(options), seconds: Math.round(timeoutMs / 1000) })),
    );
    socket.once('connect', () => {
      connected = true;
    });
    socket.once('secureConnect', () => finish(undefined));
    socket.on('error', onError);
    socket.on('close', onClose);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
  });
}

function makeConnection(
  socket: Socket,
  options: ConnectOptions,
  chain: PeerChain | undefined,
  peer: VerifiedPeer | undefined,
): Connection {
  return new Connection({
    stream: new SocketStream(socket),
    handler: options.handler,
    clock: options.clock,
    limits: options.connectionLimits,
    direction: 'outbound',
    secure: true,
    remoteAddress: options.address,
    remotePort: options.port,
    chain,
    peer,
    room: options.buffers?.roomFor(options.address, peer),
    longestBody: options.longestBody,
  });
}

function target(options: ConnectOptions): string {
  return isIP(options.address) === 6 ? `[${options.address}]:${options.port}` : `${options.address}:${options.port}`;
}
