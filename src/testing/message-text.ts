import { bytesFromLatin1, noBytes } from '../base/bytes.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { SipMessage } from '../sip/message.ts';
import { clientLimits, type ParseLimits } from '../sip/parse-limits.ts';
import { bodyTooLarge, completeMessage, type ParseError, parseHead } from '../sip/parse-message.ts';

/**
 * Parses a message whose head and body have been separated. `headText` has one character per byte and ends in the CRLF of its
 * last header line; the empty line may follow.
 */
export function parseMessage(
  headText: string,
  body: Uint8Array = noBytes,
  limits: ParseLimits = clientLimits,
): Result<SipMessage, ParseError> {
  const head = parseHead(headText.endsWith('\r\n\r\n') ? headText.slice(0, -2) : headText, limits);
  if (head.kind === 'parse-error') return err(head);
  if (body.length > limits.bodyBytes) {
    return err(bodyTooLarge(completeMessage(head, noBytes), body.length, limits.bodyBytes));
  }
  return ok(completeMessage(head, body));
}

/** Parses a whole message given as text with one character per byte. */
export function parseMessageText(text: string, limits: ParseLimits = clientLimits): Result<SipMessage, ParseError> {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return parseMessage(text, noBytes, limits);
  return parseMessage(text.slice(0, headEnd + 2), bytesFromLatin1(text.slice(headEnd + 4)), limits);
}
