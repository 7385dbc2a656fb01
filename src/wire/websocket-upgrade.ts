import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock, Timer } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import type { ParseLimits } from '../sip/parse-limits.ts';
import type { ByteStream } from './byte-stream.ts';
import type { StreamOpener } from './listener.ts';
import { WebSocketStream } from './websocket-stream.ts';

/** How HTTP requests become WebSockets. */
export interface WebSocketUpgradeOptions {
  readonly clock: Clock;
  /** Sizes of messages; a larger frame ends the connection before anything is allocated for it. */
  readonly messageLimits: ParseLimits;
  /** Web origins whose scripts may connect; empty: all. Programs that are no browser name no origin and are not concerned. */
  readonly allowedOrigins: readonly string[];
  /** Time from the accepted socket to the WebSocket, milliseconds. */
  readonly handshakeTimeoutMs: number;
  readonly pingMs: number;
}

/** A socket on its way to be a WebSocket. */
interface Opening {
  readonly opened: (stream: ByteStream) => void;
  readonly refused: (why: Failure) => void;
  readonly remoteAddress: string;
  readonly timer: Timer;
  /** The listener has been told of the refusal: what else goes wrong until the socket is closed is of no interest. */
  isRefused: boolean;
}

/** Why a request does not become a WebSocket. */
interface UpgradeRefusal {
  readonly status: 400 | 403 | 404 | 426;
  readonly reason: string;
}

const noUpgrade: UpgradeRefusal = { status: 426, reason: 'it asks for no WebSocket' };
const maxHeaderBytes = 8_192;
/** A message in more pieces than this is no honest one. */
const maxFragments = 256;
const maxBufferedChunks = 4_096;
/** How long the library waits for the peer's close frame, milliseconds. */
const closeTimeoutMs = 2_000;
const subProtocol = 'sip';

/** Speaks HTTP on accepted sockets until they are WebSockets with the sub-protocol `sip` (rfc7118 4.1). */
export class WebSocketUpgrade implements StreamOpener {
  readonly #options: WebSocketUpgradeOptions;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #openings = new Map<Socket, Opening>();

  constructor(options: WebSocketUpgradeOptions) {
    this.#options = options;
    const limits = {
      noServer: true,
      clientTracking: false,
      // Compression beside secrets leaks them by size, and costs memory per connection.
      perMessageDeflate: false,
      maxPayload: options.messageLimits.headBytes + options.messageLimits.bodyBytes,
      maxFragments,
      maxBufferedChunks,
      closeTimeout: closeTimeoutMs,
      handleProtocols: () => subProtocol,
    };
    this.#webSockets = new WebSocketServer(limits);
    this.#webSockets.on('wsClientError', (cause, socket) =>
      this.#refuse(socket as Socket, { status: 400, reason: cause.message }),
    );
    // It never listens: sockets come from the listener, which counts them and puts TLS on them.
    this.#http = createServer({ maxHeaderSize: maxHeaderBytes });
    this.#http.on('request', (request, response) => this.#answer(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#http.on('clientError', (cause, socket) => this.#unreadable(cause, socket as Socket));
  }

  open(socket: Socket, opened: (stream: ByteStream) => void, refused: (why: Failure) => void): void {
    const { clock, handshakeTimeoutMs } = this.#options;
    const timer = clock.after(handshakeTimeoutMs, () => {
      this.#report(socket, 'its request did not come in time');
      socket.destroy();
    });
    this.#openings.set(socket, { opened, refused, remoteAddress: socket.remoteAddress ?? 'unknown', timer, isRefused: false });
    // The library and the HTTP server listen for errors only as long as the socket is theirs.
    socket.on('error', () => {});
    socket.once('close', () => this.#take(socket));
    this.#http.emit('connection', socket);
  }

  close(): void {
    for (const socket of this.#openings.keys()) socket.destroy();
  }

  #take(socket: Socket): Opening | undefined {
    const opening = this.#openings.get(socket);
    this.#openings.delete(socket);
    opening?.timer.cancel();
    return opening;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refusal = this.#judge(request);
    if (this.#openings.get(socket)?.isRefused !== false) socket.destroySoon();
    else if (refusal !== undefined) this.#refuse(socket, refusal);
    else this.#webSockets.handleUpgrade(request, socket, head, webSocket => this.#opened(socket, webSocket));
  }

  #opened(socket: Socket, webSocket: WebSocket): void {
    const { clock, pingMs } = this.#options;
    this.#take(socket)?.opened(new WebSocketStream(webSocket, { socket, clock, pingMs }));
  }

  /** What is wrong with a request, if anything. One that asks for no upgrade is always refused. */
  #judge({ url, headers }: IncomingMessage): UpgradeRefusal | undefined {
    if (url?.split('?', 1)[0] !== '/') return { status: 404, reason: 'there is nothing at this path' };
    if (headers.upgrade?.toLowerCase() !== 'websocket') return noUpgrade;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map(protocol => protocol.trim());
    if (!offered.includes(subProtocol)) return { status: 400, reason: 'it does not offer the sub-protocol "sip"' };
    const { allowedOrigins } = this.#options;
    const { origin } = headers;
    if (origin === undefined || allowedOrigins.length === 0 || allowedOrigins.includes(origin.toLowerCase())) return undefined;
    return { status: 403, reason: `the origin ${origin.slice(0, 200)} is not allowed` };
  }

  /** Answers a request that asked for no upgrade, and no more behind it: it was the last of its socket. */
  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#openings.get(request.socket)?.isRefused !== false) return;
    const refusal = this.#judge(request) ?? noUpgrade;
    response.writeHead(refusal.status, refusalHeaders(refusal)).end(bodyOf(refusal));
    this.#report(request.socket, refusal.reason);
  }

  /**
   * Answers a request that asked for an upgrade: its socket is no longer the HTTP server's. It may still have an answer to an earlier
   * request of its own on the way there, so nothing of the server's is used.
   */
  #refuse(socket: Socket, refusal: UpgradeRefusal): void {
    const { status } = refusal;
    const body = bodyOf(refusal);
    const headers = { ...refusalHeaders(refusal), 'Content-Length': Buffer.byteLength(body) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
    socket.destroySoon();
    this.#report(socket, refusal.reason);
  }

  #unreadable(cause: Error, socket: Socket): void {
    // one socket may be unreadable many times over, with every piece that comes
    if (this.#openings.get(socket)?.isRefused !== false) return;
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    this.#report(socket, cause.message);
    socket.destroySoon();
  }

  /** Tells the listener; the deadline stays until the socket is closed. */
  #report(socket: Socket, reason: string): void {
    const opening = this.#openings.get(socket);
    if (opening === undefined || opening.isRefused) return;
    opening.isRefused = true;
    opening.refused(failure('WEBSOCKET_REFUSED', { target: opening.remoteAddress, reason }));
  }
}

function refusalHeaders({ status }: UpgradeRefusal): Readonly<Record<string, string>> {
  const common = { Connection: status === 426 ? 'close, Upgrade' : 'close', 'Content-Type': 'text/plain' };
  return status === 404 || status === 403 ? common : { ...common, Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
}

function bodyOf({ reason }: UpgradeRefusal): string {
  return `Not served: ${reason}.\n`;
}
