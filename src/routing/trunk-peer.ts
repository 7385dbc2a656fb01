import { failure } from '../base/failure.ts';
import type { Computer } from '../model/kinds/computer.ts';
import type { Fqdn } from '../model/names.ts';
import { findPoolOf } from '../model/pool-member.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';
import type { RoutedRequest } from './routed-request.ts';
import { proceed, refuse, type Step } from './step.ts';

type Pools = ReadonlyMap<Fqdn, { readonly computers: readonly Computer[] }>;

/**
 * The server on the other end has to be of one of these pools of our topology (D7); asked on every message, so that a removed one is out at once,
 * and looked for once for each topology.
 */
export function trunkPeerStep(pools: () => Pools): Step<RoutedRequest<unknown>> {
  const foundIn = new WeakMap<VerifiedPeer, Pools>();
  return {
    name: 'trunk peer',
    run({ flow: { peer }, peerNames }) {
      const now = pools();
      if (peer && foundIn.get(peer) === now) return proceed;
      if (!peer || !findPoolOf(now, peerNames)) return refuse(failure('TRUNK_PEER_UNKNOWN', { names: peerNames.join(', ') }));
      foundIn.set(peer, now);
      return proceed;
    },
  };
}
