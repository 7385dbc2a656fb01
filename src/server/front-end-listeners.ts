import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { defaultAdmissionLimits } from '../wire/admission.ts';
import { type ConnectionTransport, trunkConnectionLimits, userConnectionLimits } from '../wire/connection.ts';
import { InboundBuffers } from '../wire/inbound-buffers.ts';
import { type Listener, type ListenOptions, listenTcp, listenTls } from '../wire/listener.ts';
import { listenWebSocket } from '../wire/websocket-listener.ts';
import { flowPrefix } from '../workers/flow-name.ts';
import { clientConnectionLimits, connectionPlaces, trunksPerServer } from './connection-limits.ts';
import type { FrontEndAssembly } from './front-end-assembly.ts';
import { LiveIdentity } from './live-identity.ts';

/** The ports that are open, for the line that says the server is up. */
export interface OpenFrontEndPorts {
  readonly clientPort: number;
  readonly plainClientPort?: number;
  readonly webSocketPort?: number;
  readonly plainWebSocketPort?: number;
  readonly trunkPort: number;
}

/** Opens the listeners of a Front End. Fails with PORT_IN_USE and the like; what was opened before is closed by the assembly. */
export async function openFrontEndListeners(assembly: FrontEndAssembly): Promise<Result<OpenFrontEndPorts>> {
  const { configuration, clock, frontEnd, internal, log, metrics, closers } = assembly;
  const { client, plainClient, trunk } = configuration;
  const keep = (name: string, listener: Listener) => {
    metrics.listener(name, listener);
    closers.add(() => listener.close());
  };
  const places = connectionPlaces(configuration.limits, assembly.seat?.place.workers);
  const buffers = new InboundBuffers();
  metrics.limits(places.limit, ...buffers.limits);
  const forClients = {
    ...sharedPort(assembly),
    connections: places.open,
    buffers,
    clock,
    handler: frontEnd.clientHandler,
    connectionLimits: clientConnectionLimits(configuration.limits, userConnectionLimits),
    onRefused: (why: Failure, address: string) => log.event('client-turned-away', { address, why: why.text }),
  };
  const clients = await listenTls({
    ...forClients,
    ...flowsOf(assembly, 'TLS'),
    host: client.host,
    port: client.port,
    identity: assembly.clientIdentity.tls,
    peerCertificate: 'none',
  });
  if (!clients.ok) return clients;
  keep('client', clients.value);
  assembly.clientIdentity.shownBy(clients.value);
  const plain = plainClient ? await listenTcp({ ...forClients, ...flowsOf(assembly, 'TCP'), ...plainClient }) : undefined;
  if (plain?.ok === false) return plain;
  if (plain) keep('plainClient', plain.value);
  const webSockets = await openWebSockets(assembly, forClients);
  if (!webSockets.ok) return webSockets;
  const trunks = await listenTls({
    ...sharedPort(assembly),
    connections: places.inside,
    maxPerOwner: trunksPerServer,
    clock,
    handler: frontEnd.trunkHandler,
    connectionLimits: trunkConnectionLimits,
    host: trunk.host,
    port: trunk.port,
    identity: internal.identity.tls,
    peerCertificate: 'required',
    verifier: internal.verifier,
    onConnection: ({ peer }) => frontEnd.provedAlive(peer?.names ?? []),
    onRefused: (why, address) => log.failure('trunk-turned-away', why, address),
  });
  if (!trunks.ok) return trunks;
  keep('trunk', trunks.value);
  internal.identity.shownBy(trunks.value);
  const plainPort = plain ? { plainClientPort: plain.value.port } : {};
  return ok({ clientPort: clients.value.port, ...plainPort, ...webSockets.value, trunkPort: trunks.value.port });
}

/** The WebSocket listeners that are configured. Clients find them by URL, so their certificate has to bear the pool's name too. */
async function openWebSockets(
  assembly: FrontEndAssembly,
  forClients: Omit<ListenOptions, 'host' | 'port'>,
): Promise<Result<Pick<OpenFrontEndPorts, 'webSocketPort' | 'plainWebSocketPort'>>> {
  const { configuration, metrics, closers } = assembly;
  const { pool, webSocket, plainWebSocket } = configuration;
  const ports: { webSocketPort?: number; plainWebSocketPort?: number } = {};
  if (webSocket) {
    const opened = await LiveIdentity.open('webSocket', { ...webSocket, requiredNames: [pool] }, assembly);
    if (!opened.ok) return opened;
    const { host, port, allowedOrigins } = webSocket;
    const identity = opened.value.tls;
    const secure = await listenWebSocket({ ...forClients, ...flowsOf(assembly, 'WSS'), host, port, allowedOrigins, identity });
    if (!secure.ok) return secure;
    metrics.listener('webSocket', secure.value);
    opened.value.shownBy(secure.value);
    closers.add(() => secure.value.close());
    ports.webSocketPort = secure.value.port;
  }
  if (plainWebSocket) {
    const { host, port, allowedOrigins } = plainWebSocket;
    const plain = await listenWebSocket({ ...forClients, ...flowsOf(assembly, 'WS'), host, port, allowedOrigins });
    if (!plain.ok) return plain;
    metrics.listener('plainWebSocket', plain.value);
    closers.add(() => plain.value.close());
    ports.plainWebSocketPort = plain.value.port;
  }
  return ok(ports);
}

/** The kernel spreads new connections over the workers; what is counted per source is each one's part. */
function sharedPort({ seat }: FrontEndAssembly): Pick<ListenOptions, 'reusePort' | 'admissionLimits'> {
  if (!seat) return {};
  const { maxUnauthenticated, maxUnauthenticatedPerSource } = defaultAdmissionLimits;
  const part = (limit: number) => Math.ceil(limit / seat.place.workers);
  const admissionLimits = {
    ...defaultAdmissionLimits,
    maxUnauthenticated: part(maxUnauthenticated),
    maxUnauthenticatedPerSource: part(maxUnauthenticatedPerSource),
  };
  return { reusePort: true, admissionLimits };
}

/** Among several workers a flow's name says which one holds it. */
function flowsOf({ seat }: FrontEndAssembly, transport: ConnectionTransport): Pick<ListenOptions, 'idPrefix'> {
  return seat ? { idPrefix: flowPrefix({ slot: seat.place.slot, transport }) } : {};
}
