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
