import { type HeaderId, headerIdAt, headerIdOf, isSingleHeader, lowerTokenCodes } from './header-name.ts';

/** Numbers per header in `HeadIndex.entries`: header id, start of the line, position of the colon. */
export const entrySize = 3;

const contentLengthId = headerIdOf('Content-Length');
const nul = String.fromCharCode(0);

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
const scratch: number[] = Array.from({ length: 256 * entrySize }, () => 0);

function malformed(detail: string): IndexFailure {
  return { kind: 'malformed', detail };
}

/**
 * Finds the headers of a head that ends in CRLF (without the empty line). One pass, no string is made.
 * `not-canonical` means: acceptable so far, but it has to be rendered anew first (`normaliseHead`).
 */
export function indexHead(head: string, maxHeaders: number): HeadIndex | IndexFailure {
  const length = head.length;
  if (head.indexOf(nul) >= 0) return malformed('it holds a NUL');
  const headersStart = head.indexOf('\n') + 1;
  if (headersStart < 2 || head.indexOf('\r') !== headersStart - 2) return malformed('a line does not end in CRLF');
  let size = 0;
  let singles = 0;
  let duplicate = -1;
  let canonical = true;
  let position = headersStart;
  while (position < length) {
    let colon = position;
    while ((lowerTokenCodes[head.charCodeAt(colon)] as number) > 0) colon++;
    const carriageReturn = head.indexOf('\r', colon);
    const next = head.indexOf('\n', colon) + 1;
    if (carriageReturn < 0 || next !== carriageReturn + 2) return malformed('a line does not end in CRLF');
    const separator = head.charCodeAt(colon);
    if (separator !== 0x3a || colon === position) {
      if (separator !== 0x20 && separator !== 0x09) return malformed('a header line has no name and colon');
      canonical = false;
    } else if (canonical) {
      const id = headerIdAt(head, position, colon);
      if (!isCanonicalLine(head, position, colon, carriageReturn, id)) canonical = false;
      if (isSingleHeader(id)) {
        const bit = 1 << id;
        if ((singles & bit) !== 0) duplicate = id;
        singles |= bit;
      }
      scratch[size] = id;
      scratch[size + 1] = position;
      scratch[size + 2] = colon;
    }
    size += entrySize;
    if (size > maxHeaders * entrySize) return tooManyHeaders;
    position = next;
  }
  if (!canonical) return notCanonical;
  return { kind: 'index', head, entries: scratch.slice(0, size), headersStart, singles, duplicate };
}

function isCanonicalLine(head: string, start: number, colon: number, carriageReturn: number, id: HeaderId): boolean {
  if (colon === start + 1 && id !== 255) return false;
  if (head.charCodeAt(colon + 1) !== 0x20) return false;
  if (colon + 2 === carriageReturn) return true;
  if (isSpace(head.charCodeAt(carriageReturn - 1))) return false;
  return id === contentLengthId || !isSpace(head.charCodeAt(colon + 2));
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
