import { type Share, SharedLimit } from '../base/shared-limit.ts';
import type { ConnectionLimits } from '../wire/connection.ts';
import type { ServerConfiguration } from './server-configuration.ts';

/** The limits of a kind of connection with what the configuration file says about them. */
export function clientConnectionLimits(limits: ServerConfiguration['limits'], standard: ConnectionLimits): ConnectionLimits {
  return {
    ...standard,
    message: { ...standard.message, headBytes: limits.headBytes },
    unauthenticatedBytes: limits.unauthenticatedBytes,
    unauthenticatedMs: limits.unauthenticatedSeconds * 1000,
  };
}

/** Connections of one server of the deployment at a time: several processes of it with a bundle each. */
export const trunksPerServer = 1000;

/** The places of all connections that come in to a process. */
export interface ConnectionPlaces {
  readonly limit: SharedLimit;
  /** For listeners that are open to everybody: a tenth is kept for the servers of the deployment. */
  readonly open: Share;
  /** For listeners where only those servers are let in. */
  readonly inside: Share;
}

/** Makes the places of one of so many processes that share the ports. */
export function connectionPlaces({ connections }: ServerConfiguration['limits'], processes = 1): ConnectionPlaces {
  const size = Math.ceil(connections / processes);
  const limit = new SharedLimit('connections', size);
  const most = Math.max(1, size - Math.ceil(size / 10));
  return { limit, open: limit.share({ most, few: most }), inside: limit.share({ most: size, few: size }) };
}
