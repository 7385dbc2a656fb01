import type { LoadOrder, LoadSite } from '../generator/load-order.ts';
import type { Pinning } from '../machine/pinned-process.ts';
import type { TimedOutcome } from '../timed-outcome.ts';

/** Servers that can be asked for. */
export const peerNames = ['parley', 'kamailio', 'relay'] as const;
/** Those, and Parley at another commit. */
export type PeerName = (typeof peerNames)[number] | 'other';

/** How large the deployments are in which a measurement takes place; all peers get the same. */
export interface Scale {
  /** Users in each organisation. */
  readonly users: number;
  /** Allowed domains beside the partner's. */
  readonly domains: number;
  /** Presence too, where that has to be switched on. */
  readonly presence: boolean;
  /** Processes that share the client port of a Front End; only Parley knows that. */
  readonly workers: number;
}

/** A server that can be started again and again. */
export interface StartTrial {
  /** Starts it, waits until its client port accepts, ends it. */
  run(): Promise<TimedOutcome>;
}

/** What a peer needs to be started. */
export interface PeerStart {
  readonly scale: Scale;
  readonly pinning: Pinning;
  /** A folder of its own, for all it writes. */
  readonly folder: string;
}

/** Two organisations that federate, running. */
export interface RunningPeer {
  /** Where the clients of the first and of the second organisation sign in. */
  readonly sites: readonly [LoadSite, LoadSite];
  readonly greeting: LoadOrder['greeting'];
  /** Root processes of the first organisation, or of both. */
  pids(organisations: 1 | 2): readonly number[];
  /** Changes the configuration and waits until the change is applied; absent where there is nothing of the kind. */
  change?(): Promise<TimedOutcome>;
  stop(): Promise<void>;
}

/** A server that can be measured. */
export interface Peer {
  readonly name: PeerName;
  /** For tables. */
  readonly title: string;
  /** Set where it is started anew for each window: the load before that one, seconds. */
  readonly freshWarmSeconds?: number;
  /** Why it cannot run here, or not at that scale; undefined if it can. */
  obstacle(scale?: Scale): string | undefined;
  /** Starts both organisations; throws when they do not come up. */
  start(options: PeerStart): Promise<RunningPeer>;
  /** Prepares the first organisation's server for being started; absent where that means nothing. */
  prepareStart?(options: PeerStart): Promise<StartTrial>;
}
