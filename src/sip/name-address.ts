import {
  noParameters,
  type Parameters,
  parseParameters,
  quoted,
  quotedEnd,
  scanParameters,
  skipSpace,
  trimEnd,
  unquoted,
} from './parameters.ts';

/** A From, To, Contact, Route, Record-Route, Path, Refer-To, P-Asserted-Identity … value (rfc3261 20.10). */
export interface NameAddress {
  /** Unquoted, one character per byte as received (`utf8FromLatin1` makes it text for people); absent where there is none. */
  readonly displayName?: string;
  /** The URI as written, without brackets. */
  readonly uri: string;
  /** Parameters of the header, not of the URI. */
  readonly params: Parameters;
}

/** Where the parts of a name-address stand in a text. */
export interface NameAddressBounds {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly uriStart: number;
  readonly uriEnd: number;
  readonly paramsStart: number;
}

/** Parses one name-address; `undefined` if malformed or followed by something else. A list has to be split first. */
export function parseNameAddress(text: string): NameAddress | undefined {
  const bounds = nameAddressAt(text, 0, text.length);
  if (bounds === undefined) return undefined;
  const params = bounds.paramsStart === text.length ? noParameters : parseParameters(text.slice(bounds.paramsStart));
  if (params === undefined) return undefined;
  const uri = text.slice(bounds.uriStart, bounds.uriEnd);
  if (bounds.nameEnd === bounds.nameStart) return { uri, params };
  return { displayName: unquoted(text, bounds.nameStart, bounds.nameEnd), uri, params };
}

/**
 * Finds the parts of a name-address at `start`…`end`. Without angle brackets a `;` begins header parameters, so the URI has
 * neither parameters nor headers nor commas (rfc3261 20.10). `undefined` if malformed.
 */
export function nameAddressAt(text: string, start: number, end: number): NameAddressBounds | undefined {
  const nameStart = skipSpace(text, start, end);
  let i = nameStart;
  if (i < end && text.charCodeAt(i) === 0x22) {
    const nameEnd = quotedEnd(text, i, end);
    if (nameEnd < 0) return undefined;
    i = skipSpace(text, nameEnd, end);
    return text.charCodeAt(i) === 0x3c && i < end ? bracketed(text, nameStart, nameEnd, i, end) : undefined;
  }
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3c) return bracketed(text, nameStart, trimEnd(text, nameStart, i), i, end);
    if (code === 0x3b) break;
    if (code === 0x2c || code === 0x22 || code === 0x3e) return undefined;
  }
  const uriEnd = trimEnd(text, nameStart, i);
  if (!isBareUri(text, nameStart, uriEnd)) return undefined;
  return { nameStart, nameEnd: nameStart, uriStart: nameStart, uriEnd, paramsStart: i };
}

function bracketed(text: string, nameStart: number, nameEnd: number, open: number, end: number): NameAddressBounds | undefined {
  const close = text.indexOf('>', open + 1);
  if (close < 0 || close >= end || close === open + 1) return undefined;
  for (let i = open + 1; i < close; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x3c || code === 0x22) return undefined;
  }
  return { nameStart, nameEnd, uriStart: open + 1, uriEnd: close, paramsStart: skipSpace(text, close + 1, end) };
}

/** A URI without brackets has a scheme, no white space and no `?` (rfc3261 20.10). */
function isBareUri(text: string, start: number, end: number): boolean {
  let hasColon = false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) hasColon = true;
    else if (code === 0x20 || code === 0x09 || code === 0x3f) return false;
  }
  return hasColon;
}

/** What `tagAt` returns for a malformed value. */
export const malformedTag: unique symbol = Symbol('malformed');

/** The tag of the From or To value at `start`…`end`, `undefined` if it has none, `malformedTag` if it is no name-address. */
export function tagAt(text: string, start: number, end: number): string | undefined | typeof malformedTag {
  const bounds = nameAddressAt(text, start, end);
  if (bounds === undefined) return malformedTag;
  const params = bounds.paramsStart;
  if (params === end) return undefined;
  // Nearly always the tag stands alone, as `;tag=token`.
  if (text.startsWith(';tag=', params)) {
    let i = params + 5;
    for (; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x21 || code === 0x22 || code === 0x2c || code === 0x3b || code === 0x3c || code === 0x3e) break;
    }
    if (i === end && i > params + 5) return text.slice(params + 5, end);
  }
  let tag: string | undefined;
  const stopped = scanParameters(text, params, end, (nameStart, nameEnd, valueStart, valueEnd) => {
    if (tag !== undefined || nameEnd - nameStart !== 3 || text.slice(nameStart, nameEnd).toLowerCase() !== 'tag') return;
    if (valueEnd > valueStart) tag = text.slice(valueStart, valueEnd);
  });
  return stopped === end ? tag : malformedTag;
}

/** A name-address as text, always with angle brackets. `params` begins with `;` where it is given as text. */
export function formatNameAddress(address: { displayName?: string; uri: string; params?: Parameters | string }): string {
  const name = address.displayName === undefined || address.displayName === '' ? '' : `${quoted(address.displayName)} `;
  let text = `${name}<${address.uri}>`;
  if (typeof address.params === 'string') return text + address.params;
  for (const [key, value] of address.params ?? noParameters) {
    text += value === '' ? `;${key}` : `;${key}=${/^[\w\-.!%*+`'~:[\]]+$/.test(value) ? value : quoted(value)}`;
  }
  return text;
}
