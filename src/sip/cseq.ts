import { type Method, methodAt } from './methods.ts';
import { skipSpace, tokenEnd, trimEnd } from './parameters.ts';

/** A CSeq value (rfc3261 20.16). */
export interface CSeq {
  readonly number: number;
  readonly method: Method;
}

/** Largest sequence number: below 2^31 (rfc3261 8.1.1.5). */
export const maxCSeqNumber = 2 ** 31 - 1;

/** Parses `4711 INVITE`; `undefined` if malformed or the number is out of range. */
export function parseCSeq(text: string): CSeq | undefined {
  return cseqAt(text, 0, text.length);
}

/** As `parseCSeq`, in place. */
export function cseqAt(text: string, start: number, end: number): CSeq | undefined {
  let i = skipSpace(text, start, end);
  const digits = i;
  let number = 0;
  for (; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
    if (number > maxCSeqNumber) return undefined;
  }
  const methodStart = skipSpace(text, i, end);
  if (i === digits || methodStart === i) return undefined;
  const methodEnd = tokenEnd(text, methodStart, end);
  if (methodEnd === methodStart || methodEnd !== trimEnd(text, methodEnd, end)) return undefined;
  return { number, method: methodAt(text, methodStart, methodEnd) };
}
