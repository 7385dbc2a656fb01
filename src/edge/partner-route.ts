import { failure } from '../base/failure.ts';
import type { RoutableClass } from '../policy/domain-class.ts';
import type { TrunkRoute } from '../routing/trunk-route.ts';

const routes = new WeakMap<RoutableClass, TrunkRoute>();

/** The route to the servers that may speak for a partner's domain. */
export function partnerRouteOf(domainClass: RoutableClass): TrunkRoute {
  let route = routes.get(domainClass);
  if (!route) routes.set(domainClass, (route = routeTo(domainClass)));
  return route;
}

function routeTo({ targets }: RoutableClass): TrunkRoute {
  const target = targets[0]?.host;
  return { targets, unreachable: (reason, of) => of ?? failure('PEER_UNREACHABLE', { target, reason }) };
}
