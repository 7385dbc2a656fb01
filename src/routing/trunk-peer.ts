import { failure } from '../base/failure.ts';
import type { Computer } from '../model/kinds/computer.ts';
import type { Fqdn } from '../model/names.ts';
import { findPoolOf } from '../model/pool-member.ts';
import type { RoutedRequest } from './routed-request.ts';
import { proceed, refuse, type Step } from './step.ts';

/**
 * The server on the other end has to be of one of these pools of our topology (D7); looked at on every message, so that a removed one is out
 * at once.
 */
export function trunkPeerStep(
  pools: () => ReadonlyMap<Fqdn, { readonly computers: readonly Computer[] }>,
): Step<RoutedRequest<unknown>> {
  return {
    name: 'trunk peer',
    run({ peerNames }) {
      if (findPoolOf(pools(), peerNames)) return proceed;
      return refuse(failure('TRUNK_PEER_UNKNOWN', { names: peerNames.join(', ') }));
    },
  };
}
