import type { SipUri } from './uri.ts';
import { unescapeBytes } from './user-part.ts';

/** Parameters that make two URIs differ when only one of them has it (rfc3261 19.1.4; `gr` as it names another instance). */
const decidingParameters = ['user', 'ttl', 'method', 'maddr', 'transport', 'gr'] as const;

/** Whether two SIP URIs are the same by rfc3261 19.1.4: no DNS, no default port, `sip` and `sips` never equal. */
export function equalSipUris(left: SipUri, right: SipUri): boolean {
  if (left === right) return true;
  if (left.scheme !== right.scheme || left.host !== right.host || left.port !== right.port) return false;
  if (normalEscapes(left.user) !== normalEscapes(right.user)) return false;
  if (normalEscapes(left.password) !== normalEscapes(right.password)) return false;
  for (const name of decidingParameters) {
    if (left.params.has(name) !== right.params.has(name)) return false;
  }
  for (const [name, value] of left.params) {
    const other = right.params.get(name);
    if (other !== undefined && comparable(other) !== comparable(value)) return false;
  }
  return comparableHeaders(left.headers) === comparableHeaders(right.headers);
}

/** Case-sensitive parts: escapes resolved, so that `%61lice` is `alice` (rfc3261 19.1.4). An absent part differs from an empty one. */
function normalEscapes(text: string | undefined): string | undefined {
  return text === undefined ? undefined : unescapeBytes(text);
}

function comparable(value: string): string {
  return unescapeBytes(value).toLowerCase();
}

/** Headers in any order, names and values compared without case. */
function comparableHeaders(headers: string | undefined): string {
  if (headers === undefined || headers === '') return '';
  return headers.split('&').map(comparable).sort().join('&');
}
