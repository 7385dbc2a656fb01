import type { Result } from '../base/result.ts';
import { type Listener, type ListenOptions, listenTcp, listenTls, type TlsIdentity } from './listener.ts';
import { WebSocketUpgrade } from './websocket-upgrade.ts';

/** A listener for SIP over WebSocket. */
export interface WebSocketListenOptions extends ListenOptions {
  /** Our certificate; without one it is plain WebSocket, for loopback only. */
  readonly identity?: TlsIdentity;
  /** Web origins whose scripts may connect, for example `https://chat.contoso.test`; none named: all. */
  readonly allowedOrigins?: readonly string[];
  /** Time for the TLS handshake, and again for the HTTP request, milliseconds. */
  readonly handshakeTimeoutMs?: number;
  /** How often peers are pinged, milliseconds. Proxies on the way forget silent connections after a minute. */
  readonly pingMs?: number;
}

const defaultHandshakeTimeoutMs = 10_000;
const defaultPingMs = 30_000;

/** Opens a port for SIP over WebSocket (rfc7118), with TLS where an identity is given. Fails as `listenTls` does. */
export function listenWebSocket(options: WebSocketListenOptions): Promise<Result<Listener>> {
  const { identity, handshakeTimeoutMs = defaultHandshakeTimeoutMs } = options;
  const opener = new WebSocketUpgrade({
    clock: options.clock,
    messageLimits: options.connectionLimits.message,
    allowedOrigins: (options.allowedOrigins ?? []).map(origin => origin.toLowerCase()),
    handshakeTimeoutMs,
    pingMs: options.pingMs ?? defaultPingMs,
  });
  return identity === undefined
    ? listenTcp({ ...options, opener })
    : listenTls({ ...options, opener, identity, handshakeTimeoutMs, peerCertificate: 'none' });
}
