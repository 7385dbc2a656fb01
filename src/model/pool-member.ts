import type { Computer } from './kinds/computer.ts';
import type { Fqdn } from './names.ts';

/** The pool that goes by one of these names, or has a computer that does; undefined when none is in the topology. */
export function findPoolOf<P extends { readonly computers: readonly Computer[] }>(
  pools: ReadonlyMap<Fqdn, P>,
  names: readonly string[],
): { readonly pool: Fqdn; readonly server: P } | undefined {
  for (const [pool, server] of pools) {
    if (names.includes(pool) || server.computers.some(computer => names.includes(computer.fqdn))) return { pool, server };
  }
  return undefined;
}
