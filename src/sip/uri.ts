import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { noParameters, type Parameters } from './parameters.ts';

/** A SIP or SIPS URI (rfc3261 19.1). */
export interface SipUri {
  readonly kind: 'sip';
  readonly scheme: 'sip' | 'sips';
  /** As written, escapes kept; see `canonicalUserPart`. Absent where the URI names a host only. */
  readonly user?: string;
  readonly password?: string;
  /** Lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port?: number;
  /** Lower-case names; a flag such as `lr`, `ob` or an opaque `gr` has the value `''`. Values as written. */
  readonly params: Parameters;
  /** Everything after `?`, as written. */
  readonly headers?: string;
}

/** A URI of another scheme: `tel:`, `im:`, `pres:`, `urn:` … */
export interface OtherUri {
  readonly kind: 'other';
  /** Lower case. */
  readonly scheme: string;
  /** Everything after the colon, as written. */
  readonly rest: string;
}

/** Any URI a header may hold. */
export type Uri = SipUri | OtherUri;

const schemePattern = /^([a-z][a-z0-9+.-]*):(.*)$/is;
const userPattern = /^(?:[^\x00-\x20"<>%@\\^`{|}\x7f:]|%[0-9a-f]{2})+$/i;
const passwordPattern = /^(?:[^\x00-\x20"<>%@\\^`{|}\x7f:]|%[0-9a-f]{2})*$/i;
const hostPattern = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]{2,45}\])$/i;
const parameterPattern = /^(?:[^\x00-\x20"<>%@;?=\x7f]|%[0-9a-f]{2})+$/i;
const headersPattern = /^(?:[^\x00-\x20"<>%@\x7f]|%[0-9a-f]{2})*$/i;

/** Parses a `sip:` or `sips:` URI without angle brackets. Fails with URI_MALFORMED, or URI_SCHEME_NOT_SUPPORTED for other schemes. */
export function parseSipUri(text: string): Result<SipUri> {
  const scheme = sipSchemeOf(text);
  if (scheme === undefined) {
    return err(
      failure(schemePattern.test(text) ? 'URI_SCHEME_NOT_SUPPORTED' : 'URI_MALFORMED', {
        uri: shown(text),
        detail: 'it has no scheme',
      }),
    );
  }
  const uri = readSipUri(text, scheme);
  return typeof uri === 'string' ? err(failure('URI_MALFORMED', { uri: shown(text), detail: uri })) : ok(uri);
}

/** Parses a URI of any scheme; only `sip:` and `sips:` are looked into. Fails with URI_MALFORMED. */
export function parseUri(text: string): Result<Uri> {
  if (sipSchemeOf(text) !== undefined) return parseSipUri(text);
  const match = schemePattern.exec(text);
  if (match === null || /[\x00-\x20<>"\x7f]/.test(text))
    return err(failure('URI_MALFORMED', { uri: shown(text), detail: 'it is not a URI' }));
  return ok({ kind: 'other', scheme: (match[1] as string).toLowerCase(), rest: match[2] as string });
}

/** The text for a failure: long ones are cut. */
function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** The scheme if it is `sip:` or `sips:`, in any case. */
function sipSchemeOf(text: string): 'sip' | 'sips' | undefined {
  if (text.startsWith('sip:')) return 'sip';
  if (text.startsWith('sips:')) return 'sips';
  const colon = text.indexOf(':');
  if (colon !== 3 && colon !== 4) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  return scheme === 'sip' || scheme === 'sips' ? scheme : undefined;
}

/** The URI after its scheme, or what is wrong with it. */
function readSipUri(text: string, scheme: 'sip' | 'sips'): SipUri | string {
  let position = scheme.length + 1;
  let user: string | undefined;
  let password: string | undefined;
  // The user part may hold `;` and `?` (rfc3261 25.1), so the first `@` is looked for in the whole text.
  const at = text.indexOf('@', position);
  if (at >= 0) {
    const colon = text.indexOf(':', position);
    const userEnd = colon >= 0 && colon < at ? colon : at;
    user = text.slice(position, userEnd);
    if (!userPattern.test(user)) return 'the user part is not valid';
    if (userEnd < at) {
      password = text.slice(userEnd + 1, at);
      if (!passwordPattern.test(password)) return 'the password is not valid';
    }
    position = at + 1;
  }
  const question = text.indexOf('?', position);
  const addressEnd = question < 0 ? text.length : question;
  const semicolon = text.indexOf(';', position);
  const hostEnd = semicolon < 0 || semicolon > addressEnd ? addressEnd : semicolon;
  const hostPort = splitHostPort(text.slice(position, hostEnd));
  if (hostPort === undefined) return 'the host or port is not valid';
  const params = hostEnd === addressEnd ? noParameters : readUriParameters(text.slice(hostEnd + 1, addressEnd));
  if (params === undefined) return 'a parameter is not valid or appears twice';
  const headers = question < 0 ? undefined : text.slice(question + 1);
  if (headers !== undefined && !headersPattern.test(headers)) return 'the header part is not valid';
  return {
    kind: 'sip',
    scheme,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    host: hostPort.host,
    ...(hostPort.port === undefined ? {} : { port: hostPort.port }),
    params,
    ...(headers === undefined ? {} : { headers }),
  };
}

/** A host and an optional port as they stand in URIs, Via and elsewhere. */
export interface HostPort {
  /** Lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port?: number;
}

/** Parses `host[:port]`; IPv6 addresses stand in brackets. `undefined` if malformed. */
export function splitHostPort(text: string): HostPort | undefined {
  const colon = text.indexOf(':', text.charCodeAt(0) === 0x5b ? text.indexOf(']') + 1 : 0);
  const host = colon < 0 ? text : text.slice(0, colon);
  if (!hostPattern.test(host)) return undefined;
  if (colon < 0) return { host: host.toLowerCase() };
  const port = readPort(text.slice(colon + 1));
  return port === undefined ? undefined : { host: host.toLowerCase(), port };
}

/** A port number 1–65535 in decimal digits. */
export function readPort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Parameters of a URI. Two of one name are refused: which one counts would be anybody's guess (rfc3261 19.1.1). */
function readUriParameters(text: string): Parameters | undefined {
  const params = new Map<string, string>();
  for (const parameter of text.split(';')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const name = equals < 0 ? parameter : parameter.slice(0, equals);
    const value = equals < 0 ? '' : parameter.slice(equals + 1);
    if (!parameterPattern.test(name) || (value !== '' && !parameterPattern.test(value))) return undefined;
    const lowerName = name.toLowerCase();
    if (params.has(lowerName)) return undefined;
    params.set(lowerName, value);
  }
  return params;
}

/** The URI as text. */
export function serialiseSipUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.user !== undefined) text += uri.password === undefined ? `${uri.user}@` : `${uri.user}:${uri.password}@`;
  text += uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  for (const [name, value] of uri.params) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}
