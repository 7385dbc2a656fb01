import { lowerTokenCodes } from './header-name.ts';

/**
 * Parameters of a header value or URI: lower-case name → value. A flag (`;lr`) has the value `''`. Values are as written,
 * except that quoted ones are unquoted. Order is the order of appearance; of two with one name the first counts.
 */
export type Parameters = ReadonlyMap<string, string>;

/** No parameters. */
export const noParameters: Parameters = new Map();

const semicolon = 0x3b;
const equals = 0x3d;
const quote = 0x22;
const backslash = 0x5c;

/** First position at or after `i` that is no white space. */
export function skipSpace(text: string, i: number, end: number): number {
  while (i < end) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09) break;
    i++;
  }
  return i;
}

/** Position after the last character before `end` that is no white space. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start) {
    const code = text.charCodeAt(end - 1);
    if (code !== 0x20 && code !== 0x09) break;
    end--;
  }
  return end;
}

/** Position after the closing quote of the quoted string that opens at `start`, or -1 if it never closes (rfc3261 25.1). */
export function quotedEnd(text: string, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quote) return i + 1;
  }
  return -1;
}

/** Position after the token at `start`; `start` itself if there is none. */
export function tokenEnd(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && (lowerTokenCodes[text.charCodeAt(i)] ?? 0) !== 0) i++;
  return i;
}

/** What a parameter scan calls for each parameter; value bounds are -1, -1 for a flag and include the quotes of a quoted value. */
export type ParameterVisitor = (nameStart: number, nameEnd: number, valueStart: number, valueEnd: number) => void;

/**
 * Where the value of a parameter that starts at `start` ends: after the closing quote, or before the next `;`, white space or
 * (unless `commas` are plain characters) `,`. -1 if malformed.
 */
export function parameterValueEnd(text: string, start: number, end: number): number {
  if (start < end && text.charCodeAt(start) === quote) return quotedEnd(text, start, end);
  let i = start;
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === semicolon || code === 0x20 || code === 0x09 || code === 0x2c) break;
    if (code === quote || code === 0x3c || code === 0x3e) return -1;
  }
  return i;
}

/**
 * Scans `*(SEMI name [EQUAL value])` from `start`, stopping at `end` or a comma. Returns where it stopped, or -1 if malformed.
 * White space around `;` and `=` and one trailing `;` are accepted.
 */
export function scanParameters(text: string, start: number, end: number, visit: ParameterVisitor): number {
  let i = skipSpace(text, start, end);
  while (i < end) {
    const code = text.charCodeAt(i);
    if (code === 0x2c) return i;
    if (code !== semicolon) return -1;
    const nameStart = skipSpace(text, i + 1, end);
    const nameEnd = tokenEnd(text, nameStart, end);
    i = skipSpace(text, nameEnd, end);
    if (nameEnd === nameStart) {
      if (i < end) return -1;
      continue;
    }
    if (i < end && text.charCodeAt(i) === equals) {
      const valueStart = skipSpace(text, i + 1, end);
      const valueEnd = parameterValueEnd(text, valueStart, end);
      if (valueEnd < 0) return -1;
      visit(nameStart, nameEnd, valueStart, valueEnd);
      i = skipSpace(text, valueEnd, end);
    } else visit(nameStart, nameEnd, -1, -1);
  }
  return end;
}

/** Parses `;a=b;c="q";flag`, spaces allowed; `undefined` if malformed or something other follows. */
export function parseParameters(text: string): Parameters | undefined {
  if (text === '') return noParameters;
  const parameters = new Map<string, string>();
  const stopped = scanParameters(text, 0, text.length, (nameStart, nameEnd, valueStart, valueEnd) => {
    const name = text.slice(nameStart, nameEnd).toLowerCase();
    if (!parameters.has(name)) parameters.set(name, valueStart < 0 ? '' : unquoted(text, valueStart, valueEnd));
  });
  return stopped === text.length ? parameters : undefined;
}

/** The text at `start`…`end`, with quotes and backslash escapes removed if it is a quoted string. */
export function unquoted(text: string, start: number, end: number): string {
  if (end - start < 2 || text.charCodeAt(start) !== quote) return text.slice(start, end);
  const inner = text.slice(start + 1, end - 1);
  return inner.indexOf('\\') < 0 ? inner : inner.replace(/\\([\s\S])/g, '$1');
}

/** The text as a quoted string (rfc3261 25.1). */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
