import { noBytes } from '../base/bytes.ts';
import { shortToken } from '../base/random.ts';
import { entryLineEnd, entrySize } from './head-index.ts';
import { type HeaderLine, renderLines, safeRequestUri, safeValue } from './header-line.ts';
import { headerIdOf } from './header-name.ts';
import type { SipRequest } from './message.ts';
import { trimEnd } from './parameters.ts';
import type { OutgoingMessage } from './serialise.ts';
import { statusReason } from './status-reason.ts';

/** What a new request is made of; values are complete header values. */
export interface RequestFields {
  readonly method: string;
  readonly requestUri: string;
  /** Our Via, from `formatVia`; may be left to a later rewrite by the transaction layer. */
  readonly via?: string;
  /** With its tag. */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  /** 70 if not given (rfc3261 8.1.1.6). */
  readonly maxForwards?: number;
  /** Route set, first hop first; one line each. */
  readonly route?: readonly string[];
  /** Further headers in order. */
  readonly headers?: readonly HeaderLine[];
  readonly contentType?: string;
  readonly body?: Uint8Array;
}

/** A new request (rfc3261 8.1.1). */
export function createRequest(fields: RequestFields): OutgoingMessage {
  const body = fields.body ?? noBytes;
  let head = `${safeValue(fields.method)} ${safeRequestUri(fields.requestUri)} SIP/2.0\r\n`;
  if (fields.via !== undefined) head += `Via: ${safeValue(fields.via)}\r\n`;
  for (const route of fields.route ?? []) head += `Route: ${safeValue(route)}\r\n`;
  head += `Max-Forwards: ${fields.maxForwards ?? 70}\r\nFrom: ${safeValue(fields.from)}\r\nTo: ${safeValue(fields.to)}\r\n`;
  head += `Call-ID: ${safeValue(fields.callId)}\r\nCSeq: ${fields.cseq} ${safeValue(fields.method)}\r\n`;
  if (fields.headers !== undefined) head += renderLines(fields.headers);
  if (fields.contentType !== undefined) head += `Content-Type: ${safeValue(fields.contentType)}\r\n`;
  return { head: `${head}Content-Length: ${body.length}\r\n\r\n`, body };
}

/** What a response may say beyond its status. */
export interface ResponseFields {
  /** The customary phrase if not given. */
  readonly reason?: string;
  /** Tag of ours for a To without one; a random one if not given. Never added to 100 (rfc3261 8.2.6.2). */
  readonly toTag?: string;
  /** Copy Record-Route (rfc3261 12.1.1); if not given: in 101–299 to a request that can make a dialog. */
  readonly recordRoute?: boolean;
  readonly headers?: readonly HeaderLine[];
  readonly contentType?: string;
  readonly body?: Uint8Array;
}

const toId = headerIdOf('To');
const timestampId = headerIdOf('Timestamp');
const recordRouteId = headerIdOf('Record-Route');
const copied = new Uint8Array(256);
for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) copied[headerIdOf(name)] = 1;
const dialogMethods: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/**
 * A response to the request: Via, From, To, Call-ID and CSeq are copied as they stand (rfc3261 8.2.6.2), with our word in the topmost Via
 * where the request came from (`noteSource`).
 */
export function createResponse(request: SipRequest, status: number, fields: ResponseFields = {}): OutgoingMessage {
  const { head, entries } = request.index;
  const body = fields.body ?? noBytes;
  const recordRoute = fields.recordRoute ?? (status > 100 && status < 300 && dialogMethods.has(request.method));
  const tagged = status !== 100 && request.toTag === undefined;
  let text = `SIP/2.0 ${status} ${safeValue(fields.reason ?? statusReason(status))}\r\n`;
  const { viaStamp, viaStampStart, viaStampEnd } = request;
  for (let entry = 0; entry < entries.length; entry += entrySize) {
    const id = entries[entry] as number;
    const wanted = copied[id] === 1 || (id === recordRouteId && recordRoute) || (id === timestampId && status === 100);
    if (!wanted) continue;
    const start = entries[entry + 1] as number;
    const end = entryLineEnd(request.index, entry);
    if (id === toId && tagged)
      text += `${head.slice(start, parametersEnd(head, end - 2))};tag=${safeValue(fields.toTag ?? shortToken())}\r\n`;
    else if (viaStamp !== '' && start < viaStampStart && viaStampEnd < end) {
      text += head.slice(start, viaStampStart) + viaStamp + head.slice(viaStampEnd, end);
    } else text += head.slice(start, end);
  }
  if (fields.headers !== undefined) text += renderLines(fields.headers);
  if (fields.contentType !== undefined) text += `Content-Type: ${safeValue(fields.contentType)}\r\n`;
  return { head: `${text}Content-Length: ${body.length}\r\n\r\n`, body };
}

/** Where a parameter can be appended: before the `;` that may stand behind the last one. */
function parametersEnd(head: string, lineEnd: number): number {
  const end = trimEnd(head, 0, lineEnd);
  return head.charCodeAt(end - 1) === 0x3b ? trimEnd(head, 0, end - 1) : end;
}
