import { Owners } from '../base/owners.ts';
import { type Share, SharedLimit } from '../base/shared-limit.ts';
import type { StreamRoom } from '../sip/stream-framer.ts';
import { sourceOf } from './admission.ts';
import type { VerifiedPeer } from './peer-verifier.ts';

/** Memory for messages that have not come in whole, bytes. */
export interface InboundBufferLimits {
  /** For all together. */
  readonly total: number;
  /** For one certificate, whatever its connections. */
  readonly perPeer: number;
  /** For one source address. */
  readonly perSource: number;
}

/** Three messages of the largest size for one partner, and as much for a hundred others. */
export const defaultInboundBufferLimits: InboundBufferLimits = {
  total: 256 * 1024 * 1024,
  perPeer: 16 * 1024 * 1024,
  perSource: 64 * 1024 * 1024,
};

/** What one may hold of the last quarter: a body of a client, or the heads of a few connections. */
const fewBytes = 256 * 1024;

/** What is held of messages that have begun and are not complete: for each certificate, for each source, and in all. */
export class InboundBuffers {
  readonly #byPeer: SharedLimit;
  readonly #bySource: SharedLimit;
  readonly #peers: Owners<Share>;
  readonly #sources: Owners<Share>;

  constructor({ total, perPeer, perSource }: InboundBufferLimits = defaultInboundBufferLimits) {
    this.#byPeer = new SharedLimit('incomplete_bytes_by_partner', total);
    this.#bySource = new SharedLimit('incomplete_bytes_by_source', total);
    this.#peers = new Owners(() => this.#byPeer.share({ most: perPeer, few: Math.min(perPeer, fewBytes) }));
    this.#sources = new Owners(() => this.#bySource.share({ most: perSource, few: Math.min(perSource, fewBytes) }));
  }

  /** For metrics. */
  get limits(): readonly SharedLimit[] {
    return [this.#byPeer, this.#bySource];
  }

  /** The room of one connection. */
  roomFor(remoteAddress: string, peer: VerifiedPeer | undefined): StreamRoom {
    const source = sourceOf(remoteAddress);
    const owner = peer && ownerOf(peer);
    // looked up where it is needed: hardly any message comes in parts
    const shares = () => (owner === undefined ? [this.#sources.of(source)] : [this.#sources.of(source), this.#peers.of(owner)]);
    let held: readonly Share[] = [];
    return {
      take(bytes) {
        if (held.length === 0 || held.some(share => share.isRetired)) held = shares();
        const [first, second] = held;
        if (!first?.enter(bytes)) return false;
        if (second === undefined || second.enter(bytes)) return true;
        first.leave(bytes);
        return false;
      },
      giveBack(bytes) {
        for (const share of held) share.leave(bytes);
      },
    };
  }
}

/** What connections and bytes of a peer with a certificate are counted for: the names in it, so that a renewed one is the same peer. */
export function ownerOf({ names, fingerprint }: VerifiedPeer): string {
  return names.length === 0 ? fingerprint : names.toSorted().join(' ');
}
