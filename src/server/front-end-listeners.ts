import { ok, type Result } from '../base/result.ts';
import { trunkConnectionLimits, userConnectionLimits } from '../wire/connection.ts';
import { type Listener, listenTcp, listenTls } from '../wire/listener.ts';
import { clientConnectionLimits } from './connection-limits.ts';
import type { FrontEndAssembly } from './start-front-end.ts';

/** The ports that are open, for the line that says the server is up. */
export interface FrontEndPorts {
  readonly clientPort: number;
  readonly plainClientPort?: number;
  readonly trunkPort: number;
}

/** Opens the listeners of a Front End. Fails with PORT_IN_USE and the like; what was opened before is closed by the assembly. */
export async function openFrontEndListeners(assembly: FrontEndAssembly): Promise<Result<FrontEndPorts>> {
  const { configuration, clock, frontEnd, internal, log, closers } = assembly;
  const { client, plainClient, trunk } = configuration;
  const keep = (listener: Listener) => closers.add(() => listener.close());
  const forClients = {
    clock,
    handler: frontEnd.clientHandler,
    mode: 'direct' as const,
    connectionLimits: clientConnectionLimits(configuration.limits, userConnectionLimits),
  };
  const clients = await listenTls({
    ...forClients,
    host: client.host,
    port: client.port,
    identity: assembly.clientIdentity,
    peerCertificate: 'none',
    onRefused: (why, address) => log.event('client-turned-away', { address, why: why.text }),
  });
  if (!clients.ok) return clients;
  keep(clients.value);
  const plain = plainClient ? await listenTcp({ ...forClients, ...plainClient }) : undefined;
  if (plain?.ok === false) return plain;
  if (plain) keep(plain.value);
  const trunks = await listenTls({
    clock,
    handler: frontEnd.trunkHandler,
    mode: 'trunk',
    connectionLimits: trunkConnectionLimits,
    host: trunk.host,
    port: trunk.port,
    identity: internal.tls,
    peerCertificate: 'required',
    verifier: internal.verifier,
    onRefused: (why, address) => log.failure(`trunk-turned-away ${address}`, why),
  });
  if (!trunks.ok) return trunks;
  keep(trunks.value);
  const plainPort = plain ? { plainClientPort: plain.value.port } : {};
  return ok({ clientPort: clients.value.port, ...plainPort, trunkPort: trunks.value.port });
}
