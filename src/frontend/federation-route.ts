import { failure } from '../base/failure.ts';
import { hashText } from '../base/hash-text.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Configuration } from '../model/configuration.ts';
import type { EdgeServer } from '../model/kinds/edge-server.ts';
import type { Fqdn } from '../model/names.ts';
import { findPoolOf } from '../model/pool-member.ts';
import type { User } from '../model/user.ts';
import { type TrunkRoute, targetsOf } from '../routing/trunk-route.ts';

/**
 * The route to the Edge pool that a call of this user goes out by: the federation route of the user's site; inside a dialog the pool of the Edge
 * that is in its path, as long as it is one of ours. Fails with NO_FEDERATION_ROUTE.
 */
export function federationRouteOf(
  configuration: Configuration,
  sender: User,
  callId: string,
  dialogEdge?: string,
): Result<TrunkRoute> {
  const ofDialog = dialogEdge === undefined ? undefined : findPoolOf(configuration.edgeServers, [dialogEdge]);
  if (ofDialog) return ok(routeFor(ofDialog.pool, ofDialog.server, callId, dialogEdge));
  const site = configuration.pools.get(sender.registrarPool)?.site ?? '';
  const edge = configuration.sites.get(site)?.federationRoute ?? undefined;
  const server = edge === undefined ? undefined : configuration.edgeServers.get(edge);
  if (edge === undefined || !server) return err(failure('NO_FEDERATION_ROUTE', { site: site || sender.registrarPool }));
  return ok(routeFor(edge, server, callId, undefined));
}

/** The route to an Edge computer by name, for requests of our own in a dialog that it is in. Fails with EDGE_NOT_IN_TOPOLOGY. */
export function routeThrough(configuration: Configuration, computer: string, callId: string): Result<TrunkRoute> {
  const found = findPoolOf(configuration.edgeServers, [computer]);
  return found
    ? ok(routeFor(found.pool, found.server, callId, computer))
    : err(failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: computer }));
}

/** The ways to an Edge pool: for each member one that begins with it and goes on in the order of the pool. */
const routes = new WeakMap<EdgeServer, readonly [TrunkRoute, ...TrunkRoute[]]>();

/** First the member in the dialog, else the one this call belongs to; a call stays with one Edge (D11). */
function routeFor(pool: Fqdn, server: EdgeServer, callId: string, dialogEdge: string | undefined): TrunkRoute {
  let ways = routes.get(server);
  if (!ways) routes.set(server, (ways = waysTo(pool, server)));
  if (ways.length === 1) return ways[0];
  const ofDialog = dialogEdge === undefined ? undefined : ways.find(({ targets }) => targets[0]?.host === dialogEdge);
  // other bits than those that choose among the connections to one Edge
  return ofDialog ?? ways[(hashText(callId) >>> 16) % ways.length] ?? ways[0];
}

function waysTo(edge: Fqdn, { computers, accessEdgeInternalSipPort: port }: EdgeServer): readonly [TrunkRoute, ...TrunkRoute[]] {
  const members = targetsOf(computers, port);
  const unreachable: TrunkRoute['unreachable'] = (cause, of) =>
    failure('EDGE_UNREACHABLE_FROM_FRONT_END', { edge, cause, port }, of);
  const [first, ...others] = members.map((_, at) => ({ targets: [...members.slice(at), ...members.slice(0, at)], unreachable }));
  return [first ?? { targets: members, unreachable }, ...others];
}
