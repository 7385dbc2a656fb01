import { detach } from '../base/detach.ts';
import { hashText } from '../base/hash-text.ts';
import { shortToken } from '../base/random.ts';
import type { SipRequest } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import { branchCookie } from '../sip/via.ts';

/** What messages are matched by: two keys are the same where everything in them is. */
export interface TransactionKey {
  /** The branch, or the ids that stand for it. */
  readonly id: string;
  readonly method: Method;
  /** Of sent-by; empty in the keys of client transactions, as is `scope`. */
  readonly host: string;
  readonly port: number | undefined;
  /** Separates peers, so that none can reach into another's transactions by guessing a branch. */
  readonly scope: string;
  readonly hash: number;
}

/** Peers choose most of a key: not knowing this, they cannot choose its hash. */
const seed = Number.parseInt(shortToken().slice(0, 8), 16);

/** True for a request of an element older than rfc3261, or of a client that leaves the branch out (Lync's do). */
export function lacksBranch(request: SipRequest): boolean {
  const { branch } = request.topVia;
  return branch === undefined || !branch.startsWith(branchCookie) || branch.length === branchCookie.length;
}

/**
 * The key of a request received (rfc3261 17.2.3): branch, sent-by and method; without a proper branch the ids that an
 * rfc2543 element repeats: Request-URI, From tag, Call-ID, CSeq number and Via. `method` is INVITE to find what an ACK or
 * CANCEL refers to. The To tag is left out, since an ACK has one where its INVITE had none.
 */
export function serverTransactionKey(request: SipRequest, method: Method, scope: string): TransactionKey {
  const { host, port } = request.topVia;
  const id = idOf(request, method);
  const text = hashText(scope, hashText(host, hashText(id, seed)));
  return { id, method, host, port, scope, hash: mixed(text ^ (port ?? 0) ^ (method.charCodeAt(0) << 16)) };
}

function idOf(request: SipRequest, method: Method): string {
  const { branch } = request.topVia;
  if (!lacksBranch(request)) {
    // an INVITE leaves its key behind for half a minute, the others are forgotten with their message where nothing is repeated
    return method === 'INVITE' ? detach(branch as string) : (branch as string);
  }
  const { callId, cseq, fromTag, requestUri } = request;
  return `${callId} ${cseq.number} ${fromTag} ${requestUri} ${branch}`;
}

/** What a response is matched by (rfc3261 17.1.3). A CANCEL has the branch of its INVITE. */
export function clientTransactionKey(branch: string, method: Method): TransactionKey {
  const kind = method === 'CANCEL' ? method : '';
  return { id: branch, method: kind, host: '', port: undefined, scope: '', hash: mixed(hashText(branch, seed) ^ kind.length) };
}

/** Whether both are the key of one transaction. */
export function isSameKey(one: TransactionKey, other: TransactionKey): boolean {
  return (
    one.hash === other.hash &&
    one.id === other.id &&
    one.method === other.method &&
    one.host === other.host &&
    one.port === other.port &&
    one.scope === other.scope
  );
}

/** Makes every character count in the low bits. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (half ^ (half >>> 13)) >>> 0;
}
