import { quoted, quotedEnd, skipSpace, tokenEnd, unquoted } from './parameters.ts';

/**
 * A challenge or credentials: `Digest realm="…", nonce="…"` as in WWW-Authenticate, Authorization and their Proxy- forms
 * (rfc3261 25.1); NTLM, Kerberos and TLS-DSK have the same shape. One header line holds exactly one of them.
 */
export interface AuthenticationValue {
  /** As written: `Digest`, `NTLM` … Compare without case. */
  readonly scheme: string;
  /** Lower-case names; quoted values are unquoted. */
  readonly params: ReadonlyMap<string, string>;
}

/** Parses a challenge or credentials; `undefined` if malformed or a parameter appears twice. */
export function parseAuthentication(text: string): AuthenticationValue | undefined {
  const start = skipSpace(text, 0, text.length);
  const schemeEnd = tokenEnd(text, start, text.length);
  const paramsStart = skipSpace(text, schemeEnd, text.length);
  if (schemeEnd === start || (paramsStart === schemeEnd && paramsStart < text.length)) return undefined;
  const params = parseAuthParameters(text.slice(paramsStart));
  return params === undefined ? undefined : { scheme: text.slice(start, schemeEnd), params };
}

/** Parses `a=b, c="d"` (also the whole value of Authentication-Info); `undefined` if malformed or a name appears twice. */
export function parseAuthParameters(text: string): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>();
  const end = text.length;
  let i = skipSpace(text, 0, end);
  while (i < end) {
    if (text.charCodeAt(i) === 0x2c) {
      i = skipSpace(text, i + 1, end);
      continue;
    }
    const nameEnd = tokenEnd(text, i, end);
    const equals = skipSpace(text, nameEnd, end);
    if (nameEnd === i || equals === end || text.charCodeAt(equals) !== 0x3d) return undefined;
    const valueStart = skipSpace(text, equals + 1, end);
    const valueEnd = authValueEnd(text, valueStart, end);
    const name = text.slice(i, nameEnd).toLowerCase();
    if (valueEnd < 0 || params.has(name)) return undefined;
    params.set(name, unquoted(text, valueStart, valueEnd));
    i = skipSpace(text, valueEnd, end);
    if (i < end && text.charCodeAt(i) !== 0x2c) return undefined;
  }
  return params;
}

function authValueEnd(text: string, start: number, end: number): number {
  if (start < end && text.charCodeAt(start) === 0x22) return quotedEnd(text, start, end);
  let i = start;
  while (i < end && text.charCodeAt(i) !== 0x2c && text.charCodeAt(i) > 0x20 && text.charCodeAt(i) !== 0x22) i++;
  return i;
}

/** Parameters that are written without quotes whatever their value (rfc3261 25.1; `version` and `crand` as in ms-sipae 2.2). */
const unquotedAlways = new Set(['algorithm', 'stale', 'nc', 'version']);

/**
 * `scheme a="b", c=d`. `qop` is quoted in a challenge (a list) and not in credentials (a token), so the caller says which it is.
 */
export function formatAuthentication(
  kind: 'challenge' | 'credentials',
  scheme: string,
  params: Readonly<Record<string, string | undefined>>,
): string {
  const text = formatAuthParameters(params, kind === 'credentials' && scheme.toLowerCase() === 'digest');
  return text === '' ? scheme : `${scheme} ${text}`;
}

/** `a="b", c=d` in the order given; undefined values are left out. */
export function formatAuthParameters(params: Readonly<Record<string, string | undefined>>, bareQop = true): string {
  let text = '';
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    const bare = unquotedAlways.has(name) || (bareQop && name === 'qop');
    text += `${text === '' ? '' : ', '}${name}=${bare ? value : quoted(value)}`;
  }
  return text;
}
