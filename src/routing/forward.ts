import { shortToken } from '../base/random.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { HeaderSelection } from '../sip/header-selection.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { type RequestChange, rewriteRequest, rewriteResponse } from '../sip/rewrite.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { branchCookie, formatVia } from '../sip/via.ts';
import type { OutgoingRequest } from '../transaction/transaction-user.ts';
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

/** Max-Forwards of requests that come without one (rfc3261 16.6 step 3). */
const defaultMaxForwards = 70;

/** What becomes other on the way to the next hop, beside our Via and the hops left. */
export interface ForwardChange extends Pick<RequestChange, 'requestUri' | 'prepend' | 'remove' | 'replace' | 'append'> {
  /** What our branch ends in. */
  readonly branchEnd?: string;
}

/** The request as it goes on to the next hop: our Via on top, one hop less, and the given changes (rfc3261 16.6). */
export function forwardRequest(request: SipRequest, sentBy: SentBy, change: ForwardChange): OutgoingRequest {
  const branch = change.branchEnd === undefined ? newBranch(sentBy) : newBranch(sentBy) + change.branchEnd;
  // not a spread: whatever was given, the rewrite sees objects of one shape
  const message = rewriteRequest(request, {
    requestUri: change.requestUri,
    lead: `Via: ${formatVia({ transport: sentBy.transport, host: sentBy.host, port: sentBy.port, branch })}\r\n`,
    prepend: change.prepend,
    remove: change.remove,
    replace: change.replace,
    append: change.append,
    maxForwards: (request.maxForwards ?? defaultMaxForwards) - 1,
  });
  return { method: request.method, branch, message };
}

/** The response as it goes back: our Via taken off (rfc3261 16.7 step 3), the named headers removed, lines appended. */
export function backwardResponse(
  response: SipResponse,
  remove: HeaderSelection,
  append?: readonly HeaderLine[],
): OutgoingMessage {
  return rewriteResponse(response, { popTopVia: true, remove, append });
}
