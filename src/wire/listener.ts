import { constants, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  DEFAULT_CIPHERS,
  type SecureContextOptions,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { surfaceFault } from '../base/boundary.ts';
import type { Clock } from '../base/clock.ts';
import { connectionProblem } from '../base/connection-problem.ts';
import { type Failure, failure } from '../base/failure.ts';
import { shortToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Share, SharedLimit } from '../base/shared-limit.ts';
import { Admission, type AdmissionLimits, type AdmissionRefusal, defaultAdmissionLimits, Guest } from './admission.ts';
import type { ByteStream } from './byte-stream.ts';
import { Connection, type ConnectionHandler, type ConnectionLimits } from './connection.ts';
import { type InboundBuffers, ownerOf } from './inbound-buffers.ts';
import { OwnedConnections } from './owned-connections.ts';
import { type PeerChain, type PeerVerifier, readPeerChain, type VerifiedPeer } from './peer-verifier.ts';
import { SocketStream } from './socket-stream.ts';

/** What stands between a socket and SIP where the socket does not begin with SIP. */
export interface StreamOpener {
  /** Talks to the peer and then calls one of the two. A peer that is refused has been told; its socket is closed by the opener. */
  open(socket: Socket, opened: (stream: ByteStream) => void, refused: (why: Failure) => void): void;
  /** Closes the sockets that are neither opened nor refused yet. */
  close(): void;
}

/** What every listener needs. */
export interface ListenOptions {
  /** An address of this machine. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly handler: ConnectionHandler;
  readonly connectionLimits: ConnectionLimits;
  readonly admissionLimits?: AdmissionLimits;
  /** This listener's part of all connections of the process; 50,000 of its own where absent. */
  readonly connections?: Share;
  /** Connections of one account, or of one certificate, at a time. */
  readonly maxPerOwner?: number;
  /** Memory for parts of messages; absent: there is always enough. */
  readonly buffers?: InboundBuffers;
  /** The longest body a peer may send, where that may be more than the limit for messages. */
  readonly longestBody?: (connection: Connection) => number;
  /** Several processes share the port; the kernel spreads the connections. */
  readonly reusePort?: boolean;
  /** What the ids of connections begin with. */
  readonly idPrefix?: string;
  /** What comes before SIP on each socket; absent: nothing. */
  readonly opener?: StreamOpener;
  /** Closes the listener and its connections. */
  readonly signal?: AbortSignal;
  /** Told of every connection that was let in. */
  readonly onConnection?: (connection: Connection) => void;
  /** Told of peers that were turned away: their handshake, certificate or opening failed. */
  readonly onRefused?: (why: Failure, remoteAddress: string) => void;
}

/** What proves our identity, PEM. */
export interface TlsIdentity {
  /** The certificate followed by its intermediates. */
  readonly cert: string;
  readonly key: string;
}

/** A listener for TLS. */
export interface TlsListenOptions extends ListenOptions {
  readonly identity: TlsIdentity;
  /**
   * `none`: clients prove themselves inside SIP. `asked`: a certificate is asked for, and used where one comes.
   * `required`: without a certificate that `verifier` accepts the connection is closed.
   */
  readonly peerCertificate: 'none' | 'asked' | 'required';
  /** Checks the certificates of peers; needed for `required`. A peer it accepts counts as authenticated. */
  readonly verifier?: PeerVerifier;
  /** Time for the TLS handshake, milliseconds. */
  readonly handshakeTimeoutMs?: number;
}

/** Counters of a listener. */
export interface ListenerCounts {
  readonly connections: number;
  readonly unauthenticated: number;
  readonly accepted: number;
  readonly tlsFailures: number;
  readonly refused: Readonly<Record<AdmissionRefusal | 'of-owner', number>>;
}

/** The one that every TLS 1.3 has to know (rfc8446 9.1); a handshake with its SHA-256 costs a tenth less than with SHA-384. */
const preferredCipher = 'TLS_AES_128_GCM_SHA256';
const ciphers = [preferredCipher, ...DEFAULT_CIPHERS.split(':').filter(name => name !== preferredCipher)].join(':');

const defaultHandshakeTimeoutMs = 10_000;
/** With a key for session tickets what was recorded of a TLS 1.2 session can be read: none is kept for longer, milliseconds. */
const ticketKeysMs = 3_600_000;
const ticketKeysBytes = 48;
const defaultConnections = 50_000;
/** Devices of a person, bundles of a partner's servers: more of one and the same are none that are needed. */
export const maxConnectionsPerOwner = 100;

/** An open port and the connections that came in through it. */
export class Listener {
  readonly #options: ListenOptions;
  readonly #server: Server;
  readonly #admission: Admission;
  /** Those that were let in by address and port: how a TLS socket finds its own. */
  readonly #guests = new Map<string, Guest>();
  readonly #owned: OwnedConnections;
  readonly #connections = new Set<Connection>();
  #tls: TlsServer | undefined;
  #asksForCertificate = false;
  /** Until when session tickets are sealed with the present key, on the monotonic clock. */
  #ticketKeysUntilMs: number;
  #accepted = 0;
  #tlsFailures = 0;
  #stopped: Promise<void> | undefined;

  /** @internal Use `listenTcp` or `listenTls`. */
  constructor(options: ListenOptions) {
    this.#options = options;
    this.#ticketKeysUntilMs = options.clock.monotonic() + ticketKeysMs;
    const connections =
      options.connections ??
      new SharedLimit('connections', defaultConnections).share({ most: defaultConnections, few: defaultConnections });
    this.#admission = new Admission(options.admissionLimits ?? defaultAdmissionLimits, connections);
    this.#owned = new OwnedConnections(options.maxPerOwner ?? maxConnectionsPerOwner, options.clock);
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, socket => this.#enter(socket));
  }

  /** The port that is open, also when any was asked for. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Counters for metrics, as of now. */
  get counts(): ListenerCounts {
    return {
      connections: this.#admission.connections,
      unauthenticated: this.#admission.unauthenticated,
      accepted: this.#accepted,
      tlsFailures: this.#tlsFailures,
      refused: { ...this.#admission.refused, 'of-owner': this.#owned.refused },
    };
  }

  /** The connections that are open now. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Uses another certificate from the next connection on; those that are open keep theirs. */
  setIdentity(identity: TlsIdentity): Result<void> {
    try {
      this.#tls?.setSecureContext(secureContextOptions(identity, this.#asksForCertificate));
      return ok(undefined);
    } catch (cause) {
      return err(unusable(cause));
    }
  }

  /** Stops accepting; what is connected stays. Resolves when the port is free. */
  stop(): Promise<void> {
    this.#stopped ??= new Promise(resolve => {
      // The callback waits for the connections too, but the port is free at once.
      this.#server.close();
      this.#options.opener?.close();
      setImmediate(resolve);
    });
    return this.#stopped;
  }

  /** Stops accepting and closes every connection after what was queued for it. */
  async close(detail = 'the listener is closing'): Promise<void> {
    const gone = [...this.#connections].map(connection => connection.closed);
    for (const connection of this.#connections) connection.close(detail);
    await this.stop();
    await Promise.all(gone);
  }

  /** @internal Opens the port. */
  open(): Promise<Result<Listener>> {
    const { host, port, reusePort, signal } = this.#options;
    return new Promise(resolve => {
      this.#server.once('error', cause => resolve(err(listenFailure(cause, host, port))));
      this.#server.listen({ host, port, reusePort: reusePort ?? false, backlog: 1024 }, () => {
        this.#server.removeAllListeners('error');
        // Later errors concern one connection that could not be accepted (no file descriptors left): the next may work.
        this.#server.on('error', () => {});
        signal?.addEventListener('abort', () => void this.close('the server is stopping'), { once: true });
        resolve(ok(this));
      });
    });
  }

  /** @internal Puts TLS on what is accepted. Throws where the certificate or key is unusable. */
  useTls(options: TlsListenOptions): void {
    const asks = options.peerCertificate !== 'none';
    this.#asksForCertificate = asks;
    const tls = createTlsServer({
      ...secureContextOptions(options.identity, asks),
      requestCert: asks,
      // Path and purpose are judged by the verifier: the built-in verdict refuses server-purpose certificates.
      rejectUnauthorized: false,
      handshakeTimeout: options.handshakeTimeoutMs ?? defaultHandshakeTimeoutMs,
    });
    tls.on('secureConnection', socket => {
      try {
        this.#secured(socket, options);
      } catch (fault) {
        // it ends this connection and nothing else
        socket.destroy();
        surfaceFault(fault);
      }
    });
    tls.on('tlsClientError', (cause, socket) => {
      this.#tlsFailures++;
      this.#refuse(
        failure('PEER_TLS_FAILED', { target: socket.remoteAddress ?? 'unknown', reason: connectionProblem(cause) }, cause),
        socket,
      );
    });
    this.#tls = tls;
  }

  #renewTicketKeys(): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#ticketKeysUntilMs) return;
    this.#ticketKeysUntilMs = now + ticketKeysMs;
    this.#tls?.setTicketKeys(randomBytes(ticketKeysBytes));
  }

  #enter(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    // An error without a listener would end the process; `close` follows it.
    socket.on('error', () => {});
    if (remoteAddress === undefined || remotePort === undefined || this.#stopped !== undefined) {
      socket.destroy();
      return;
    }
    this.#renewTicketKeys();
    const guest = this.#admission.enter(remoteAddress);
    if (!(guest instanceof Guest)) {
      // A reset costs the least, and tells an honest client to try elsewhere or later.
      socket.resetAndDestroy();
      return;
    }
    const key = guestKey(remoteAddress, remotePort);
    this.#guests.set(key, guest);
    socket.on('close', () => {
      guest.leave();
      // who reset and came back from the same port has the place by now
      if (this.#guests.get(key) === guest) this.#guests.delete(key);
    });
    this.#accepted++;
    if (this.#tls === undefined) this.#admit(socket, undefined, undefined);
    else this.#tls.emit('connection', socket);
  }

  #secured(socket: TLSSocket, options: TlsListenOptions): void {
    const chain = options.peerCertificate === 'none' ? undefined : readPeerChain(socket);
    if (chain === undefined) {
      if (options.peerCertificate !== 'required') this.#admit(socket, undefined, undefined);
      else this.#refuse(failure('PEER_WITHOUT_CERTIFICATE', { target: socket.remoteAddress ?? 'unknown' }), socket);
      return;
    }
    const verified = options.verifier?.verify(chain);
    if (verified?.ok === true) this.#admit(socket, chain, verified.value);
    else if (verified === undefined || options.peerCertificate === 'asked') this.#admit(socket, chain, undefined);
    else this.#refuse(verified.error, socket);
  }

  #refuse(why: Failure, socket: Socket): void {
    const remoteAddress = socket.remoteAddress ?? 'unknown';
    socket.destroy();
    this.#options.onRefused?.(why, remoteAddress);
  }

  #admit(socket: Socket, chain: PeerChain | undefined, peer: VerifiedPeer | undefined): void {
    const { remoteAddress, remotePort } = socket;
    const guest = this.#guests.get(guestKey(remoteAddress ?? '', remotePort ?? 0));
    if (guest === undefined || remoteAddress === undefined || remotePort === undefined || this.#stopped !== undefined) {
      socket.destroy();
      return;
    }
    if (peer !== undefined && !this.#owned.makeRoom(ownerOf(peer))) {
      this.#refuse(failure('TOO_MANY_CONNECTIONS', { owner: peer.names.join(', '), limit: this.#owned.most }), socket);
      return;
    }
    const connect = (stream: ByteStream) => this.#connect(stream, { guest, remoteAddress, remotePort, chain, peer });
    const { opener, onRefused } = this.#options;
    if (opener === undefined) connect(new SocketStream(socket));
    else opener.open(socket, connect, why => onRefused?.(why, remoteAddress));
  }

  #connect(stream: ByteStream, { guest, remoteAddress, remotePort, chain, peer }: Admitted): void {
    const { idPrefix, buffers, longestBody } = this.#options;
    let owner: string | undefined;
    const own = (connection: Connection, of: string) => {
      owner = of;
      this.#owned.add(of, connection);
    };
    const connection = new Connection({
      id: idPrefix === undefined ? undefined : idPrefix + shortToken(),
      stream,
      handler: this.#options.handler,
      clock: this.#options.clock,
      limits: this.#options.connectionLimits,
      direction: 'inbound',
      secure: this.#tls !== undefined,
      remoteAddress,
      remotePort,
      chain,
      peer,
      room: buffers?.roomFor(remoteAddress, peer),
      longestBody,
      onAuthenticated: (proven, account) => {
        if (account !== undefined) {
          if (!this.#owned.makeRoom(account)) return false;
          own(proven, account);
        }
        guest.authenticated();
        return true;
      },
      onGone: gone => {
        this.#connections.delete(gone);
        if (owner !== undefined) this.#owned.remove(owner, gone);
      },
    });
    if (peer !== undefined) own(connection, ownerOf(peer));
    this.#connections.add(connection);
    this.#options.onConnection?.(connection);
  }
}

/** A socket that was let in, and what its TLS handshake has told. */
interface Admitted {
  readonly guest: Guest;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly chain: PeerChain | undefined;
  readonly peer: VerifiedPeer | undefined;
}

function guestKey(address: string, port: number): string {
  return `${address} ${port}`;
}

/** Opens a port for SIP over plain TCP. */
export function listenTcp(options: ListenOptions): Promise<Result<Listener>> {
  return new Listener(options).open();
}

/** Opens a port for SIP over TLS 1.2 or later. */
export async function listenTls(options: TlsListenOptions): Promise<Result<Listener>> {
  if (options.peerCertificate === 'required' && options.verifier === undefined) {
    throw new Error('a listener that requires certificates needs a verifier');
  }
  const listener = new Listener(options);
  try {
    listener.useTls(options);
  } catch (cause) {
    return err(unusable(cause));
  }
  return listener.open();
}

/**
 * What TLS is given, first and after every renewal of the certificate. No CA is: whether a path is good is the verifier's
 * question, and Node reads, and so empties, the chain of a client the TLS library itself accepted.
 */
function secureContextOptions(identity: TlsIdentity, asks: boolean): SecureContextOptions {
  return {
    cert: identity.cert,
    key: identity.key,
    ca: [],
    minVersion: 'TLSv1.2',
    ciphers,
    // A resumed session has lost the peer's intermediates, so its path could not be checked again.
    secureOptions: asks ? constants.SSL_OP_NO_TICKET : 0,
  };
}

function unusable(cause: unknown): Failure {
  return failure('TLS_SETTINGS_UNUSABLE', { reason: cause instanceof Error ? cause.message : String(cause) }, cause);
}

/** Why a port cannot be opened, as a failure for an admin: also for other listeners of the program. */
export function listenFailure(cause: NodeJS.ErrnoException, host: string, port: number): Failure {
  switch (cause.code) {
    case 'EADDRINUSE':
      return failure('PORT_IN_USE', { host, port }, cause);
    case 'EACCES':
    case 'EPERM':
      return failure('PORT_FORBIDDEN', { host, port }, cause);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return failure('ADDRESS_NOT_AVAILABLE', { host, port }, cause);
    default:
      return failure('LISTEN_FAILED', { host, port, reason: cause.message }, cause);
  }
}
