import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { loadKeyPair } from '../certificates/key-pair-file.ts';
import { trunkConnectionLimits, userConnectionLimits } from '../wire/connection.ts';
import { type Listener, type ListenOptions, listenTcp, listenTls } from '../wire/listener.ts';
import { listenWebSocket } from '../wire/websocket-listener.ts';
import { clientConnectionLimits } from './connection-limits.ts';
import type { FrontEndAssembly } from './start-front-end.ts';

/** The ports that are open, for the line that says the server is up. */
export interface FrontEndPorts {
  readonly clientPort: number;
  readonly plainClientPort?: number;
  readonly webSocketPort?: number;
  readonly plainWebSocketPort?: number;
  readonly trunkPort: number;
}

/** Opens the listeners of a Front End. Fails with PORT_IN_USE and the like; what was opened before is closed by the assembly. */
export async function openFrontEndListeners(assembly: FrontEndAssembly): Promise<Result<FrontEndPorts>> {
  const { configuration, clock, frontEnd, internal, log, metrics, closers } = assembly;
  const { client, plainClient, trunk } = configuration;
  const keep = (name: string, listener: Listener) => {
    metrics.listener(name, listener);
    closers.add(() => listener.close());
  };
  const forClients = {
    clock,
    handler: frontEnd.clientHandler,
    connectionLimits: clientConnectionLimits(configuration.limits, userConnectionLimits),
    onRefused: (why: Failure, address: string) => log.event('client-turned-away', { address, why: why.text }),
  };
  const clients = await listenTls({
    ...forClients,
    host: client.host,
    port: client.port,
    identity: assembly.clientIdentity,
    peerCertificate: 'none',
  });
  if (!clients.ok) return clients;
  keep('client', clients.value);
  const plain = plainClient ? await listenTcp({ ...forClients, ...plainClient }) : undefined;
  if (plain?.ok === false) return plain;
  if (plain) keep('plainClient', plain.value);
  const webSockets = await openWebSockets(assembly, forClients);
  if (!webSockets.ok) return webSockets;
  const trunks = await listenTls({
    clock,
    handler: frontEnd.trunkHandler,
    connectionLimits: trunkConnectionLimits,
    host: trunk.host,
    port: trunk.port,
    identity: internal.tls,
    peerCertificate: 'required',
    verifier: internal.verifier,
    onRefused: (why, address) => log.failure(`trunk-turned-away ${address}`, why),
  });
  if (!trunks.ok) return trunks;
  keep('trunk', trunks.value);
  const plainPort = plain ? { plainClientPort: plain.value.port } : {};
  return ok({ clientPort: clients.value.port, ...plainPort, ...webSockets.value, trunkPort: trunks.value.port });
}

/** The WebSocket listeners that are configured. Clients find them by URL, so their certificate has to bear the pool's name too. */
async function openWebSockets(
  { configuration, clock, metrics, closers }: FrontEndAssembly,
  forClients: Omit<ListenOptions, 'host' | 'port'>,
): Promise<Result<Pick<FrontEndPorts, 'webSocketPort' | 'plainWebSocketPort'>>> {
  const { pool, webSocket, plainWebSocket } = configuration;
  const ports: { webSocketPort?: number; plainWebSocketPort?: number } = {};
  if (webSocket) {
    const keys = await loadKeyPair({ ...webSocket, requiredNames: [pool] }, clock);
    if (!keys.ok) return keys;
    const { host, port, allowedOrigins } = webSocket;
    const identity = { cert: keys.value.chainPem, key: keys.value.keyPem };
    const secure = await listenWebSocket({ ...forClients, host, port, allowedOrigins, identity });
    if (!secure.ok) return secure;
    metrics.listener('webSocket', secure.value);
    metrics.certificate('webSocket', keys.value.notAfterMs);
    closers.add(() => secure.value.close());
    ports.webSocketPort = secure.value.port;
  }
  if (plainWebSocket) {
    const plain = await listenWebSocket({ ...forClients, ...plainWebSocket });
    if (!plain.ok) return plain;
    metrics.listener('plainWebSocket', plain.value);
    closers.add(() => plain.value.close());
    ports.plainWebSocketPort = plain.value.port;
  }
  return ok(ports);
}
