import type { SentBy } from '../flow/sent-by.ts';
import { type Aor, canonicalName } from '../model/names.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseNameAddress } from '../sip/name-address.ts';
import { parseUri } from '../sip/uri.ts';
import { readTo } from './request-address.ts';

/** Requests that make a dialog when they are answered: the servers they pass stay in its path (rfc3261 16.6 step 4). */
const dialogMakers: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** Whether a request may make a dialog. */
export function makesDialog(request: SipRequest): boolean {
  return request.toTag === undefined && dialogMakers.has(request.method);
}

/**
 * Whom the caller of a dialog that begins has in To, where that is another than `callee`, to whom it goes: the call was forwarded. Within
 * the dialog it stands in To of the caller and in From of the callee (rfc3261 12.1.1), whoever the callee is.
 */
export function calledAddress(request: SipRequest, callee: Aor | undefined): Aor | undefined {
  const to = readTo(request);
  return to.ok && to.value.aor !== callee ? to.value.aor : undefined;
}

/**
 * A Record-Route value that brings later requests of the dialog back here, with a sealed token (D29). Where the request that makes the dialog
 * is for a SIPS URI it is one too (rfc3261 16.6 step 4); that names no transport, TLS is what it means.
 */
export function recordRouteValue({ host, port, transport }: SentBy, token: string, { requestUri }: SipRequest): string {
  return requestUri.startsWith('sips:')
    ? `<sips:${token}@${host}:${port};lr>`
    : `<sip:${token}@${host}:${port};transport=${transport.toLowerCase()};lr>`;
}

/** A Route element as far as it chooses a hop. */
export interface RouteElement {
  readonly host: string;
  /** The user part: the token, where it is one of ours. */
  readonly token: string;
  readonly text: string;
}

/** The Route elements of a request, in order; undefined when one cannot be read. */
export function readRoute(request: SipRequest): readonly RouteElement[] | undefined {
  return request.has('Route') ? readElements(request, 'Route') : [];
}

/** The Record-Route elements of a request, the latest server first; none when one cannot be read. */
export function readRecordRoute(request: SipRequest): readonly RouteElement[] {
  return readElements(request, 'Record-Route') ?? [];
}

function readElements(request: SipRequest, header: 'Route' | 'Record-Route'): readonly RouteElement[] | undefined {
  const elements: RouteElement[] = [];
  for (const text of request.list(header)) {
    const address = parseNameAddress(text);
    const uri = address ? parseUri(address.uri) : undefined;
    if (!uri?.ok || uri.value.kind !== 'sip') return undefined;
    elements.push({ host: canonicalName(uri.value.host), token: uri.value.user ?? '', text });
  }
  return elements;
}
