import { type Failure, failure } from '../base/failure.ts';
import type { SipRequest } from '../sip/message.ts';

/** Text of an Unsupported header that a refusal may have. */
const longestList = 500;

/**
 * What the request requires of whoever answers it, beyond the extensions `known` there (lower case): EXTENSION_NOT_SUPPORTED with all of it
 * (rfc3261 8.2.2.3). A proxy has no opinion on it.
 */
export function checkRequire(request: SipRequest, known: ReadonlySet<string> = new Set()): Failure | undefined {
  return request.has('Require') ? refusalOf(request.list('Require').filter(tag => !known.has(tag.toLowerCase()))) : undefined;
}

/** What the request requires of the proxies on its way: we know no extension of proxies (rfc3261 16.3 step 5). */
export function checkProxyRequire(request: SipRequest): Failure | undefined {
  return request.has('Proxy-Require') ? refusalOf(request.list('Proxy-Require')) : undefined;
}

function refusalOf(unknown: readonly string[]): Failure | undefined {
  if (unknown.length === 0) return undefined;
  return failure('EXTENSION_NOT_SUPPORTED', { extension: unknown.join(', ').slice(0, longestList) });
}
