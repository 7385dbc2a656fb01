import { newBranch, type SentBy } from '../flow/sent-by.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { HeaderSelection } from '../sip/header-selection.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { type RequestChange, rewriteRequest, rewriteResponse } from '../sip/rewrite.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { formatVia } from '../sip/via.ts';
import type { OutgoingRequest } from '../transaction/transaction-user.ts';

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
