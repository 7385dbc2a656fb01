import { canonicalName } from '../model/names.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseNameAddress } from '../sip/name-address.ts';
import { serverLimits } from '../sip/parse-limits.ts';
import { completeMessage, parseHead } from '../sip/parse-message.ts';
import { rewriteRequest } from '../sip/rewrite.ts';
import { parseSipUri } from '../sip/uri.ts';

/**
 * A request within a dialog as a loose router would have sent it. A strict router puts our own Record-Route into the Request-URI and the real
 * target behind all of Route (rfc3261 16.4); any other request is given back as it is. Whether the route is good the token in it decides, as
 * ever.
 */
export function looselyRouted(request: SipRequest, ownHosts: readonly string[]): SipRequest {
  const { requestUri, toTag, body } = request;
  if (toTag === undefined || !requestUri.includes(';lr') || !isRouteOf(requestUri, ownHosts)) return request;
  const route = request.list('Route');
  const target = parseNameAddress(route.at(-1) ?? '');
  if (target === undefined) return request;
  const lines = [`<${requestUri}>`, ...route.slice(0, -1)].map((value): HeaderLine => ['Route', value]);
  const { head } = rewriteRequest(request, { requestUri: target.uri, replace: lines });
  const parsed = parseHead(head.slice(0, -2), serverLimits);
  const message = parsed.kind === 'parsed-head' ? completeMessage(parsed, body) : request;
  return message.kind === 'request' ? message : request;
}

function isRouteOf(uriText: string, ownHosts: readonly string[]): boolean {
  const uri = parseSipUri(uriText);
  if (!uri.ok || uri.value.user === undefined || !uri.value.params.has('lr')) return false;
  return ownHosts.includes(canonicalName(uri.value.host));
}
