import { type Failure, failure } from '../base/failure.ts';
import { type CSeq, cseqAt } from './cseq.ts';
import { entryLineEnd, findEntry, type HeadIndex, indexHead } from './head-index.ts';
import { headerIdOf, headerNameOf, lowerTokenCodes } from './header-name.ts';
import { type MessageCore, type SipMessage, SipRequest, SipResponse } from './message.ts';
import { type Method, methodAt } from './methods.ts';
import { malformedTag, tagAt } from './name-address.ts';
import { normaliseHead } from './normalise-head.ts';
import { type ParseLimits } from './parse-limits.ts';
import { salvageRequest } from './salvage-request.ts';
import { type FoundVia, viaAt } from './via.ts';

/** A message that cannot be accepted. */
export interface ParseError {
  readonly kind: 'parse-error';
  /** MESSAGE_MALFORMED, MESSAGE_HEAD_TOO_LARGE, MESSAGE_BODY_TOO_LARGE or VERSION_NOT_SUPPORTED; its `sip` mapping has the status. */
  readonly failure: Failure;
  /** As much of a request as is needed to answer it; absent for responses and where too little could be read. */
  readonly request: SipRequest | undefined;
  /** How many bytes of body follow, where that could be read without doubt; absent if the end of the message is unknown. */
  readonly contentLength: number | undefined;
}

/** A head that has been accepted; `complete` makes the message of it once the body is there. */
export interface ParsedHead {
  readonly kind: 'parsed-head';
  readonly core: MessageCore;
  readonly startLine: StartLine;
  readonly maxForwards: number | undefined;
  /** Absent without Content-Length. */
  readonly contentLength: number | undefined;
}

type StartLine =
  | { readonly kind: 'request'; readonly method: Method; readonly requestUri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

const fromId = headerIdOf('From');
const toId = headerIdOf('To');
const callIdId = headerIdOf('Call-ID');
const cseqId = headerIdOf('CSeq');
const viaId = headerIdOf('Via');
const maxForwardsId = headerIdOf('Max-Forwards');
const contentLengthId = headerIdOf('Content-Length');

/** The message of an accepted head and its body. */
export function completeMessage(head: ParsedHead, body: Uint8Array): SipMessage {
  const { startLine } = head;
  if (startLine.kind === 'request') {
    return new SipRequest(head.core, body, startLine.method, startLine.requestUri, head.maxForwards);
  }
  return new SipResponse(head.core, body, startLine.status, startLine.reason);
}

/** Why a message with too large a body is refused; `message` has no body. */
export function bodyTooLarge(message: SipMessage, length: number, limit: number): ParseError {
  return {
    kind: 'parse-error',
    failure: failure('MESSAGE_BODY_TOO_LARGE', { length, limit }),
    request: message.kind === 'request' ? message : undefined,
    contentLength: undefined,
  };
}

/**
 * Parses a head that ends in the CRLF of its last header line. Everything but the body is decided here. `bytes` from `start` on are the
 * head as received, where they are at hand.
 */
export function parseHead(headText: string, limits: ParseLimits, bytes?: Uint8Array, start?: number): ParsedHead | ParseError {
  if (headText.length > limits.headBytes) return headTooLarge(headText, limits);
  if (!headText.endsWith('\r\n')) return malformed(headText, 'its head does not end in CRLF');
  let index = indexHead(headText, limits.maxHeaders, bytes, start);
  const canonical = index.kind !== 'not-canonical';
  if (index.kind === 'not-canonical') {
    const rendered = normaliseHead(headText);
    if (rendered === undefined) return malformed(headText, 'a header line has no name');
    index = indexHead(rendered, limits.maxHeaders);
  }
  if (index.kind === 'index') return readHead(index, canonical);
  if (index.kind === 'too-many-headers') return headTooLarge(headText, limits);
  return malformed(headText, index.kind === 'malformed' ? index.detail : 'a header line is not valid');
}

function readHead(index: HeadIndex, canonical: boolean): ParsedHead | ParseError {
  const { head } = index;
  const contentLength = decimalOf(index, contentLengthId, Number.MAX_SAFE_INTEGER);
  if (contentLength === -1 || index.duplicate === contentLengthId) {
    return malformed(head, 'Content-Length is not one number');
  }
  const startLine = startLineAt(head, index.headersStart - 2);
  if (typeof startLine === 'string') return malformed(head, startLine);
  if (startLine === undefined) return versionNotSupported(head, contentLength);
  if (index.duplicate >= 0) return malformed(head, `${headerNameOf(index.duplicate)} appears twice`, contentLength);
  const core = readCore(index, canonical, startLine);
  if (typeof core === 'string') return malformed(head, core, contentLength);
  const maxForwards = decimalOf(index, maxForwardsId, 255);
  if (maxForwards === -1) return malformed(head, 'Max-Forwards is not a number up to 255', contentLength);
  return { kind: 'parsed-head', core, startLine, maxForwards, contentLength };
}

/** The headers every message has (rfc3261 8.1.1), or what is wrong with them. */
function readCore(index: HeadIndex, canonical: boolean, startLine: StartLine): MessageCore | string {
  const fromTag = tagOf(index, fromId);
  if (fromTag === malformedTag) return 'From is missing or not valid';
  const toTag = tagOf(index, toId);
  if (toTag === malformedTag) return 'To is missing or not valid';
  const callId = callIdOf(index);
  if (callId === undefined) return 'Call-ID is missing or not valid';
  const cseq = cseqOf(index);
  if (cseq === undefined) return 'CSeq is missing or not valid';
  if (startLine.kind === 'request' && cseq.method !== startLine.method) return 'the method in CSeq is another one';
  const via = topViaOf(index);
  if (via === undefined) return 'Via is missing or not valid';
  return { index, canonical, callId, cseq, fromTag, toTag, topVia: via.via, topViaEnd: via.end };
}

function tagOf(index: HeadIndex, id: number): string | undefined | typeof malformedTag {
  const entry = findEntry(index.entries, id);
  if (entry < 0) return malformedTag;
  return tagAt(index.head, (index.entries[entry + 2] as number) + 2, entryLineEnd(index, entry) - 2);
}

function callIdOf(index: HeadIndex): string | undefined {
  const entry = findEntry(index.entries, callIdId);
  if (entry < 0) return undefined;
  const callId = index.head.slice((index.entries[entry + 2] as number) + 2, entryLineEnd(index, entry) - 2);
  return callId === '' || callId.indexOf(' ') >= 0 || callId.indexOf('\t') >= 0 ? undefined : callId;
}

function cseqOf(index: HeadIndex): CSeq | undefined {
  const entry = findEntry(index.entries, cseqId);
  if (entry < 0) return undefined;
  return cseqAt(index.head, (index.entries[entry + 2] as number) + 2, entryLineEnd(index, entry) - 2);
}

function topViaOf(index: HeadIndex): FoundVia | undefined {
  const entry = findEntry(index.entries, viaId);
  if (entry < 0) return undefined;
  return viaAt(index.head, (index.entries[entry + 2] as number) + 2, entryLineEnd(index, entry) - 2);
}

/** The number a header holds: `undefined` without the header, -1 if it is not a decimal number up to `max`. */
function decimalOf(index: HeadIndex, id: number, max: number): number | undefined {
  if ((index.singles & (1 << id)) === 0) return undefined;
  const { head, entries } = index;
  const entry = findEntry(entries, id);
  const end = entryLineEnd(index, entry) - 2;
  let i = (entries[entry + 2] as number) + 2;
  while (i < end && (head.charCodeAt(i) === 0x20 || head.charCodeAt(i) === 0x09)) i++;
  if (i === end) return -1;
  let value = 0;
  for (; i < end; i++) {
    const digit = head.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > max) return -1;
  }
  return value;
}

/** The start line at 0…`end`; a text says what is wrong with it, `undefined` means another protocol version. */
function startLineAt(head: string, end: number): StartLine | string | undefined {
  if (head.startsWith('SIP/')) return statusLineAt(head, end);
  const methodEnd = head.indexOf(' ');
  const uriEnd = head.lastIndexOf(' ', end);
  if (methodEnd <= 0 || uriEnd <= methodEnd + 1 || uriEnd >= end) return 'the request line is not valid';
  for (let i = 0; i < methodEnd; i++) {
    if (!((lowerTokenCodes[head.charCodeAt(i)] as number) > 0)) return 'the method is not a token';
  }
  const requestUri = head.slice(methodEnd + 1, uriEnd);
  if (!/^[a-z][a-z0-9+.-]*:[^\x00-\x20<>"\x7f]+$/i.test(requestUri)) return 'the Request-URI is not valid';
  if (!head.startsWith('SIP/2.0\r', uriEnd + 1)) {
    const version = head.slice(uriEnd + 1, end);
    if (!/^SIP\/\d+\.\d+$/i.test(version)) return 'the request line is not valid';
    if (version.toUpperCase() !== 'SIP/2.0') return undefined;
  }
  return { kind: 'request', method: methodAt(head, 0, methodEnd), requestUri };
}

function statusLineAt(head: string, end: number): StartLine | string | undefined {
  if (!head.startsWith('SIP/2.0 ')) return /^SIP\/\d+\.\d+ /.test(head) ? undefined : 'the status line is not valid';
  const hundreds = head.charCodeAt(8) - 48;
  const tens = head.charCodeAt(9) - 48;
  const ones = head.charCodeAt(10) - 48;
  const isStatus = end >= 11 && hundreds >= 1 && hundreds <= 6 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
  if (!isStatus || (end > 11 && head.charCodeAt(11) !== 0x20)) return 'the status line is not valid';
  return { kind: 'response', status: hundreds * 100 + tens * 10 + ones, reason: head.slice(12, Math.max(12, end)) };
}

function malformed(headText: string, detail: string, contentLength?: number): ParseError {
  return {
    kind: 'parse-error',
    failure: failure('MESSAGE_MALFORMED', { detail }),
    request: salvageRequest(headText),
    contentLength,
  };
}

function versionNotSupported(headText: string, contentLength: number | undefined): ParseError {
  const version = /SIP\/[\d.]{1,20}/i.exec(headText.slice(0, headText.indexOf('\r')))?.[0] ?? '';
  return {
    kind: 'parse-error',
    failure: failure('VERSION_NOT_SUPPORTED', { version }),
    request: salvageRequest(headText),
    contentLength,
  };
}

/** Why a head that is too long, or has too many headers, is refused; also for the first part of one that has no end yet. */
export function headTooLarge(headText: string, limits: ParseLimits): ParseError {
  return {
    kind: 'parse-error',
    failure: failure('MESSAGE_HEAD_TOO_LARGE', { limit: limits.headBytes, maxHeaders: limits.maxHeaders }),
    request: salvageRequest(headText.slice(0, limits.headBytes)),
    contentLength: undefined,
  };
}
