import { hash } from 'node:crypto';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { SentBy } from '../flow/sent-by.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import { incomingBreadth, shareBreadth } from '../sip/max-breadth.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseVia } from '../sip/via.ts';

/** What the request of one branch of a fork has that it would not have alone. */
export interface ForkBranch {
  readonly replace: readonly HeaderLine[];
  readonly branchEnd: string;
}

/**
 * What each branch gets of a request that goes to several places at once: its share of Max-Breadth, and a mark by which a loop is found
 * (rfc5393 4.2, 5.3.3.3). Fails with LOOP_DETECTED or MAX_BREADTH_EXCEEDED; a request for one place needs none of this.
 */
export function planFork(
  request: SipRequest,
  server: SentBy,
  { user, branches }: { readonly user: string; readonly branches: number },
): Result<readonly ForkBranch[]> {
  const mark = forkMark(request);
  if (isForkLoop(request, server, mark)) return err(failure('LOOP_DETECTED', { method: request.method, user }));
  const breadth = incomingBreadth(request);
  const shares = shareBreadth(breadth, branches);
  if (shares === undefined) return err(failure('MAX_BREADTH_EXCEEDED', { branches, user, breadth }));
  return ok(shares.map(share => ({ replace: [['Max-Breadth', String(share)]], branchEnd: mark })));
}

/** A mark of what decides where a request goes (rfc5393 4.2.2): the same request that comes back for the same user has the same. */
function forkMark({ requestUri, callId, fromTag = '', toTag = '', cseq }: SipRequest): string {
  const decisive = `${requestUri}\n${callId}\n${fromTag}\n${toTag}\n${cseq.number}`;
  return `.${hash('sha256', decisive, 'base64url').slice(0, 12)}`;
}

/** Whether the request was forked here before and came back unchanged: forked again, it would multiply each time (rfc5393 4.2.1). */
function isForkLoop(request: SipRequest, { host }: SentBy, mark: string): boolean {
  return request.list('Via').some(text => {
    const via = text.includes(mark) ? parseVia(text) : undefined;
    return via?.host === host && via.branch?.endsWith(mark) === true;
  });
}
