import { latin1FromBytes, noBytes } from '../base/bytes.ts';
import { failure } from '../base/failure.ts';
import { clientLimits, type ParseLimits } from './parse-limits.ts';
import { bodyTooLarge, completeMessage, type ParseError, parseHead } from './parse-message.ts';
import { type Framed, findHeadEnd } from './stream-framer.ts';

/**
 * Reads a datagram or a WebSocket message, which holds exactly one SIP message (rfc3261 18.3, rfc7118 5) or a keep-alive.
 * Without Content-Length the body reaches to the end; with one, what follows the body is ignored and too short a body is
 * refused. Never returns `need-more`; a `bad` one is never fatal, as the next datagram begins anew.
 */
export function readWholeMessage(bytes: Uint8Array, limits: ParseLimits = clientLimits): Framed {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 13 || bytes[start] === 10)) start++;
  if (start === bytes.length) return { kind: 'keep-alive', form: start >= 4 ? 'ping' : 'pong' };
  const headEnd = findHeadEnd(bytes, start, Math.min(bytes.length, start + limits.headBytes + 2));
  // Without an empty line this is a head without an end, or one that is too long: the parser says which.
  const end = headEnd < 0 ? Math.min(bytes.length, start + limits.headBytes + 1) : headEnd;
  const head = parseHead(latin1FromBytes(bytes, start, end), limits, bytes, start);
  if (head.kind === 'parse-error') return refused(head);
  const available = headEnd < 0 ? 0 : bytes.length - headEnd - 2;
  const length = head.contentLength ?? available;
  if (length > limits.bodyBytes) return refused(bodyTooLarge(completeMessage(head, noBytes), length, limits.bodyBytes));
  const message = completeMessage(head, length === 0 ? noBytes : bytes.subarray(headEnd + 2, headEnd + 2 + length));
  if (headEnd >= 0 && length <= available) return { kind: 'message', message };
  const detail = headEnd < 0 ? 'no empty line ends its head' : 'it is shorter than its Content-Length';
  const request = message.kind === 'request' ? message : undefined;
  return { kind: 'bad', failure: failure('MESSAGE_MALFORMED', { detail }), request, fatal: false };
}

function refused(error: ParseError): Framed {
  return { kind: 'bad', failure: error.failure, request: error.request, fatal: false };
}
