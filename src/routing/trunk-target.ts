import type { Computer } from '../model/topology.ts';
import type { TrunkTarget } from './trunk-pool.ts';

const remembered = new WeakMap<readonly Computer[], readonly TrunkTarget[]>();

/**
 * The computers of a pool, all at its one port, as targets: the same objects for each request, so that a `TrunkPool` finds their connections
 * without building names.
 */
export function targetsOf(computers: readonly Computer[], port: number): readonly TrunkTarget[] {
  let targets = remembered.get(computers);
  if (!targets) remembered.set(computers, (targets = computers.map(({ fqdn }) => ({ host: fqdn, port }))));
  return targets;
}
