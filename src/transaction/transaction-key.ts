import type { SipRequest } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import { branchCookie } from '../sip/via.ts';

/** True for a request of an element older than rfc3261, or of a client that leaves the branch out (Lync's do). */
export function lacksBranch(request: SipRequest): boolean {
  const { branch } = request.topVia;
  return branch === undefined || !branch.startsWith(branchCookie) || branch.length === branchCookie.length;
}

/**
 * What a request is matched by (rfc3261 17.2.3): branch, sent-by and method; without a proper branch the ids that an
 * rfc2543 element repeats: Request-URI, From tag, Call-ID, CSeq number and Via. `method` is INVITE to find what an ACK or
 * CANCEL refers to. The To tag is left out, since an ACK has one where its INVITE had none. `scope` separates peers, so that none
 * can reach into another's transactions by guessing a branch.
 */
export function serverTransactionKey(request: SipRequest, method: Method, scope: string): string {
  const { branch, host, port } = request.topVia;
  if (!lacksBranch(request)) return `${scope} ${branch} ${host}:${port} ${method}`;
  const { callId, cseq, fromTag, requestUri } = request;
  return `${scope} ${callId} ${cseq.number} ${fromTag} ${requestUri} ${host}:${port} ${branch} ${method}`;
}

/** What a response is matched by (rfc3261 17.1.3). A CANCEL has the branch of its INVITE. */
export function clientTransactionKey(branch: string, method: Method): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch;
}
