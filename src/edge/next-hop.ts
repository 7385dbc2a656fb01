import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Pool } from '../model/kinds/pool.ts';
import type { Fqdn } from '../model/names.ts';
import { type TrunkRoute, targetsOf } from '../routing/trunk-route.ts';
import type { EdgeParts } from './edge-parts.ts';

const routes = new WeakMap<Pool, TrunkRoute>();

/** The route to the pool that the topology names as this Edge's next hop (`registrar`). Fails with NEXT_HOP_MISSING. */
export function nextHopOf(
  configuration: Configuration,
  { ownPool, fqdn: edge }: Pick<EdgeParts, 'ownPool' | 'fqdn'>,
): Result<TrunkRoute> {
  const name = ownPool.of(configuration)?.server.registrar;
  const pool = name === undefined ? undefined : configuration.pools.get(name);
  if (name === undefined || !pool) return err(failure('NEXT_HOP_MISSING', { edge }));
  let route = routes.get(pool);
  if (!route) routes.set(pool, (route = routeTo(name, pool)));
  return ok(route);
}

function routeTo(name: Fqdn, { computers, trunkPort: port }: Pool): TrunkRoute {
  return {
    targets: targetsOf(computers, port),
    unreachable: (cause, of) => failure('FRONT_END_UNREACHABLE_FROM_EDGE', { pool: name, cause, port }, of),
  };
}
