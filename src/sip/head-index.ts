import { bytesFromLatin1 } from '../base/bytes.ts';
import { type HeaderId, headerIdAt, headerIdOf, isSingleHeader, lowerTokenCodes } from './header-name.ts';

/** Numbers per header in `HeadIndex.entries`: header id, start of the line, position of the colon. */
export const entrySize = 3;

const contentLengthId = headerIdOf('Content-Length');
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/**
 * Where the headers of a head stand. The head is canonical: every line is `Name: value CRLF` with a full name, no folding, no
 * other white space around the value (Content-Length alone may be padded).
 */
export interface HeadIndex {
  readonly kind: 'index';
  /** Start line and header lines, each with its CRLF, without the empty line that ends a head. */
  readonly head: string;
  /** `entrySize` numbers per header, in order; the value is from two after the colon to two before the next line. */
  readonly entries: readonly number[];
  /** Position of the first header line. */
  readonly headersStart: number;
  /** Bit per single-instance header present. */
  readonly singles: number;
  /** Id of a single-instance header that appears twice, or -1. */
  readonly duplicate: HeaderId;
}

/** Why a head has no index. */
export type IndexFailure =
  | { readonly kind: 'not-canonical' }
  | { readonly kind: 'too-many-headers' }
  | { readonly kind: 'malformed'; readonly detail: string };

const notCanonical: IndexFailure = { kind: 'not-canonical' };
const tooManyHeaders: IndexFailure = { kind: 'too-many-headers' };
const badLine = 'a line does not end in CRLF, or holds a NUL';
const scratch: number[] = Array.from({ length: 256 * entrySize }, () => 0);

function malformed(detail: string): IndexFailure {
  return { kind: 'malformed', detail };
}

/**
 * Finds the headers of a head that ends in CRLF (without the empty line). One pass, no string is made.
 * `not-canonical` means: acceptable so far, but it has to be rendered anew first (`normaliseHead`).
 * `bytes` from `start` on are the head as received, where they are at hand: to look at them is cheaper than to look into a string.
 */
export function indexHead(head: string, maxHeaders: number, bytes = bytesFromLatin1(head), start = 0): HeadIndex | IndexFailure {
  const stop = start + head.length;
  const startLineEnd = lineEndAt(bytes, start, stop);
  if (startLineEnd <= start) return malformed(badLine);
  let size = 0;
  let singles = 0;
  let duplicate = -1;
  let canonical = true;
  for (let position = startLineEnd + 2; position < stop; ) {
    let colon = position;
    while ((lowerTokenCodes[bytes[colon] as number] as number) > 0) colon++;
    const lineEnd = lineEndAt(bytes, colon, stop);
    if (lineEnd < 0) return malformed(badLine);
    const separator = bytes[colon];
    if (separator !== 0x3a || colon === position) {
      if (separator !== 0x20 && separator !== 0x09) return malformed('a header line has no name and colon');
      canonical = false;
    } else if (canonical) {
      const id = headerIdAt(bytes, position, colon);
      if (!isCanonicalLine(bytes, position, colon, lineEnd, id)) canonical = false;
      if (isSingleHeader(id)) {
        const bit = 1 << id;
        if ((singles & bit) !== 0) duplicate = id;
        singles |= bit;
      }
      scratch[size] = id;
      scratch[size + 1] = position - start;
      scratch[size + 2] = colon - start;
    }
    size += entrySize;
    if (size > maxHeaders * entrySize) return tooManyHeaders;
    position = lineEnd + 2;
  }
  if (!canonical) return notCanonical;
  return { kind: 'index', head, entries: scratch.slice(0, size), headersStart: startLineEnd + 2 - start, singles, duplicate };
}

/** Where the CRLF stands that ends the line; -1 where a CR, an LF or a NUL comes before it. */
function lineEndAt(bytes: Uint8Array, start: number, stop: number): number {
  for (let i = start; i < stop; i++) {
    const code = bytes[i] as number;
    if (code > carriageReturn || (code !== carriageReturn && code !== lineFeed && code !== 0)) continue;
    return code === carriageReturn && i + 1 < stop && bytes[i + 1] === lineFeed ? i : -1;
  }
  return -1;
}

function isCanonicalLine(bytes: Uint8Array, start: number, colon: number, lineEnd: number, id: HeaderId): boolean {
  if (colon === start + 1 && id !== 255) return false;
  if (bytes[colon + 1] !== 0x20) return false;
  if (colon + 2 === lineEnd) return true;
  if (isSpace(bytes[lineEnd - 1] as number)) return false;
  return id === contentLengthId || !isSpace(bytes[colon + 2] as number);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Position of the entry with `id` at or after entry position `from`, or -1. */
export function findEntry(entries: readonly number[], id: HeaderId, from = 0): number {
  for (let i = from; i < entries.length; i += entrySize) if (entries[i] === id) return i;
  return -1;
}

/** Where the line of the entry ends (after its CRLF). */
export function entryLineEnd(index: { readonly head: string; readonly entries: readonly number[] }, entry: number): number {
  return index.entries[entry + entrySize + 1] ?? index.head.length;
}
