import { type Failure, failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Configuration } from '../model/configuration.ts';
import type { EdgeServer } from '../model/kinds/edge-server.ts';
import type { Fqdn } from '../model/names.ts';
import { findPoolOf } from '../model/pool-member.ts';
import type { User } from '../model/user.ts';
import type { TrunkPool, TrunkTarget } from '../routing/trunk-pool.ts';
import { takeTrunk, targetsOf } from '../routing/trunk-route.ts';
import type { Connection } from '../wire/connection.ts';

/** The way to the Edge for one request. */
export type EdgeConnection =
  | { readonly kind: 'open'; readonly connection: Connection; readonly edge: Fqdn; readonly port: number }
  | { readonly kind: 'opening'; readonly until: Promise<Result<Connection>> }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Connections from a Front End to the Edges; which Edge pool a user goes out by is the federation route of the user's site. */
export class EdgeTrunk {
  readonly #pool: TrunkPool<Connection>;

  constructor(pool: TrunkPool<Connection>) {
    this.#pool = pool;
  }

  /**
   * The connection for a call of this user; inside a dialog to the Edge that is in its path, if it is still one of ours. `opened` is what the
   * call has waited for.
   */
  find(
    configuration: Configuration,
    sender: User,
    callId: string,
    dialogEdge: string | undefined,
    opened?: Result<Connection>,
  ): EdgeConnection {
    const site = configuration.pools.get(sender.registrarPool)?.site ?? '';
    const edge = poolOf(configuration, dialogEdge) ?? configuration.sites.get(site)?.federationRoute ?? undefined;
    if (edge === undefined || !configuration.edgeServers.has(edge)) {
      return { kind: 'failed', failure: failure('NO_FEDERATION_ROUTE', { site: site || sender.registrarPool }) };
    }
    return this.#to(configuration, edge, callId, dialogEdge, opened);
  }

  /** The connection to an Edge computer by name, for requests of our own in a dialog that it is in. */
  through(configuration: Configuration, computer: string, callId: string, opened?: Result<Connection>): EdgeConnection {
    const edge = poolOf(configuration, computer);
    if (edge) return this.#to(configuration, edge, callId, computer, opened);
    return { kind: 'failed', failure: failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: computer }) };
  }

  #to(
    configuration: Configuration,
    edge: Fqdn,
    callId: string,
    dialogEdge: string | undefined,
    opened: Result<Connection> | undefined,
  ): EdgeConnection {
    const server = configuration.edgeServers.get(edge) as EdgeServer;
    const port = server.accessEdgeInternalSipPort;
    const targets = inOrder(targetsOf(server.computers, port), callId, dialogEdge);
    const route = { targets, unreachable: (cause: string, of?: Failure) => unreachableEdge(edge, cause, port, of) };
    const trunk = takeTrunk(this.#pool, route, callId, opened);
    return trunk.kind === 'open' ? { ...trunk, edge, port } : trunk;
  }

  /** Open connections. */
  get count(): number {
    return this.#pool.count;
  }

  /** An Edge with these names in its certificate is alive. */
  provedAlive(names: readonly string[]): void {
    this.#pool.provedAlive(names);
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
  return failure('EDGE_UNREACHABLE_FROM_FRONT_END', { edge, cause, port }, of);
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
