import { type Failure, failure } from '../base/failure.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Fqdn } from '../model/names.ts';
import { findPoolOf } from '../model/pool-member.ts';
import type { EdgeServer } from '../model/topology.ts';
import type { User } from '../model/user.ts';
import type { TrunkPool, TrunkTarget } from '../routing/trunk-pool.ts';
import { targetsOf } from '../routing/trunk-target.ts';
import type { Connection } from '../wire/connection.ts';

/** The way to the Edge for one request. */
export type EdgeConnection =
  | { readonly kind: 'open'; readonly connection: Connection; readonly edge: Fqdn; readonly port: number }
  | { readonly kind: 'opening'; readonly until: Promise<unknown> }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Connections from a Front End to the Edges; which Edge pool a user goes out by is the federation route of the user's site. */
export class EdgeTrunk {
  readonly #pool: TrunkPool<Connection>;

  constructor(pool: TrunkPool<Connection>) {
    this.#pool = pool;
  }

  /** The connection for a call of this user; inside a dialog to the Edge that is in its path, if it is still one of ours. */
  find(configuration: Configuration, sender: User, callId: string, dialogEdge?: string): EdgeConnection {
    const site = configuration.pools.get(sender.registrarPool)?.site ?? '';
    const edge = poolOf(configuration, dialogEdge) ?? configuration.sites.get(site)?.federationRoute ?? undefined;
    if (edge === undefined || !configuration.edgeServers.has(edge)) {
      return { kind: 'failed', failure: failure('NO_FEDERATION_ROUTE', { site: site || sender.registrarPool }) };
    }
    return this.#to(configuration, edge, callId, dialogEdge);
  }

  /** The connection to an Edge computer by name, for requests of our own in a dialog that it is in. */
  through(configuration: Configuration, computer: string, callId: string): EdgeConnection {
    const edge = poolOf(configuration, computer);
    if (edge) return this.#to(configuration, edge, callId, computer);
    return { kind: 'failed', failure: failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: computer }) };
  }

  #to(configuration: Configuration, edge: Fqdn, callId: string, dialogEdge: string | undefined): EdgeConnection {
    const server = configuration.edgeServers.get(edge) as EdgeServer;
    const targets = inOrder(targetsOf(server.computers, server.accessEdgeInternalSipPort), callId, dialogEdge);
    const connection = this.#pool.find(targets, callId);
    if (connection) return { kind: 'open', connection, edge, port: server.accessEdgeInternalSipPort };
    const failed = this.#pool.failureOf(targets, callId);
    if (failed) return { kind: 'failed', failure: unreachableEdge(edge, failed.text, server.accessEdgeInternalSipPort, failed) };
    return { kind: 'opening', until: this.#pool.open(targets, callId) };
  }

  /** Open connections. */
  get count(): number {
    return this.#pool.count;
  }

  /** Takes a closed connection out. */
  closed(connection: Connection): void {
    this.#pool.closed(connection);
  }
}

function poolOf(configuration: Configuration, computer: string | undefined): Fqdn | undefined {
  return computer === undefined ? undefined : findPoolOf(configuration.edgeServers, [computer])?.pool;
}

/** The failure of a request that cannot reach the Edge. */
export function unreachableEdge(edge: Fqdn, cause: string, port: number, of?: Failure): Failure {
  return failure('EDGE_UNREACHABLE_FROM_FRONT_END', { edge, cause: cause.replace(/\.$/, ''), port }, of);
}

/** All members of an Edge pool: first the one in the dialog, then the one this call belongs to; a call stays with one Edge (D11). */
function inOrder(members: readonly TrunkTarget[], callId: string, dialogEdge: string | undefined): readonly TrunkTarget[] {
  if (members.length === 1) return members;
  let sum = 0;
  for (let i = 0; i < callId.length; i++) sum += callId.charCodeAt(i);
  const first = sum % members.length;
  const turned = [...members.slice(first), ...members.slice(0, first)];
  return turned.sort((a, b) => Number(b.host === dialogEdge) - Number(a.host === dialogEdge));
}
