import { once } from 'node:events';
import { createServer } from 'node:net';
import { failure } from '../base/failure.ts';
import { randomFraction } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  dnsHost,
  type LabPorts,
  labOrganisations,
  labPortsOf,
  type PortUse,
  portsFromBase,
  portUses,
  standardPorts,
} from './deployment-plan.ts';

/**
 * Free ports are drawn from below those the kernel gives to outgoing connections: between the choice and the server's start no connection
 * takes one. Each process draws from a lane of its own, so that two labs that start together do not draw the same.
 */
const firstFreePort = 20_000;
const freePorts = 12_000;
const lanes = 64;

/** How the lab's ports are chosen. */
export type PortChoice =
  | { readonly kind: 'free'; readonly before: LabPorts | undefined }
  | { readonly kind: 'base'; readonly base: number }
  | { readonly kind: 'standard' };

/** A port of the lab's DNS: fixed, or one to begin with. */
export interface DnsPort {
  readonly port: number;
  readonly fixed: boolean;
}

/** The port for the lab's DNS server; 0 lets the kernel choose. */
export function dnsPortOf(choice: PortChoice): DnsPort {
  switch (choice.kind) {
    case 'free':
      return { port: choice.before?.dns ?? 0, fixed: false };
    case 'base':
      return { port: choice.base, fixed: true };
    case 'standard':
      return { port: standardPorts().dns, fixed: true };
  }
}

/**
 * Chooses the ports of all servers; `dns` is the port that the DNS server has got. Ports of the last start are used again where they are
 * free. Fails with LAB_PORT_TAKEN or LAB_PORT_FORBIDDEN where fixed ports were asked for.
 */
export async function choosePorts(choice: PortChoice, dns: number): Promise<Result<LabPorts>> {
  if (choice.kind !== 'free') {
    const fixed = choice.kind === 'base' ? portsFromBase(choice.base) : standardPorts();
    for (const use of labOrganisations.flatMap(portUses)) {
      const port = fixed[use.organisation.name][use.role];
      const bound = await tryPort(use.host, port);
      if (!bound.ok) return err(portFailure(bound.error, use.host, port, use.use));
    }
    return ok({ ...fixed, dns });
  }
  const chosen = new Map<string, number>();
  for (const use of labOrganisations.flatMap(portUses)) {
    const port = await freePort(use, choice.before?.[use.organisation.name][use.role] ?? 0, [...chosen.values()]);
    if (!port.ok) return port;
    chosen.set(`${use.organisation.name} ${use.role}`, port.value);
  }
  return ok(labPortsOf(dns, use => chosen.get(`${use.organisation.name} ${use.role}`) as number));
}

/** The failure of a port that was asked for. */
export function portFailure(cause: NodeJS.ErrnoException, host: string, port: number, use: string) {
  if (cause.code === 'EACCES') return failure('LAB_PORT_FORBIDDEN', { host, port, use }, cause);
  if (cause.code === 'EADDRNOTAVAIL') return failure('ADDRESS_NOT_AVAILABLE', { host, port }, cause);
  if (cause.code === 'EADDRINUSE') return failure('LAB_PORT_TAKEN', { host, port, use }, cause);
  return failure('LISTEN_FAILED', { host, port, reason: cause.message }, cause);
}

async function freePort(use: PortUse, before: number, taken: readonly number[]): Promise<Result<number>> {
  const again = before === 0 ? undefined : await tryPort(use.host, before);
  if (again?.ok) return again;
  for (;;) {
    const wanted = firstFreePort + lanes * Math.floor((randomFraction() * freePorts) / lanes) + (process.pid % lanes);
    if (taken.includes(wanted)) continue;
    const fresh = await tryPort(use.host, wanted);
    if (fresh.ok) return fresh;
    if (fresh.error.code !== 'EADDRINUSE') return err(portFailure(fresh.error, use.host, wanted, use.use));
  }
}

/** Opens and closes a port: the number it has, or why it cannot be had. */
async function tryPort(host: string, port: number): Promise<Result<number, NodeJS.ErrnoException>> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    return err(cause as NodeJS.ErrnoException);
  }
  const { port: bound } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return ok(bound);
}

/** Where the lab's DNS answers. */
export const dnsUse = { host: dnsHost, use: 'DNS of the lab' } as const;
