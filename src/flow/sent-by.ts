import { shortToken } from '../base/random.ts';
import { branchCookie } from '../sip/via.ts';
import type { ConnectionTransport } from '../wire/connection.ts';

/** How we name ourselves in Via on one side: FQDN, with the port where it is not the transport's own. */
export interface SentBy {
  readonly transport: ConnectionTransport;
  readonly host: string;
  readonly port: number;
  /** What our branches have after the cookie, where several processes share the name. */
  readonly branchMark?: string;
}

/** The beginning of our Via up to its parameters, for requests of our own. */
export function formatSentBy({ transport, host, port }: SentBy): string {
  return `SIP/2.0/${transport} ${host}:${port}`;
}

/** A branch for a request that goes out under this name. */
export function newBranch({ branchMark }: SentBy): string {
  return branchMark === undefined ? branchCookie + shortToken() : branchCookie + branchMark + shortToken();
}

/** The same name over another transport: answers come back over the flow that the request took, whatever the port. */
export function sentByOver(side: SentBy, transport: ConnectionTransport): SentBy {
  return transport === side.transport ? side : { ...side, transport };
}
