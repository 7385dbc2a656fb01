import { RecentTexts } from '../base/recent-texts.ts';
import { scanParameters, skipSpace, tokenEnd, trimEnd, unquoted } from './parameters.ts';
import { type HostPort, splitHostPort } from './uri.ts';

/** One Via element (rfc3261 20.42). */
export interface Via {
  /** Upper case: `UDP`, `TCP`, `TLS`, `WS`, `WSS` … */
  readonly transport: string;
  /** Lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port?: number;
  readonly branch?: string;
  readonly received?: string;
  /** `''`: asked for and not filled in yet (rfc3581 3). */
  readonly rport?: string;
  /** The parameters from the first `;` on, as written. */
  readonly parameterText: string;
}

/** The magic cookie of rfc3261 branches; a branch without it comes from an older element (rfc3261 17.2.3). */
export const branchCookie = 'z9hG4bK';

/** Parses one Via element; `undefined` if malformed. A list has to be split first. */
export function parseVia(text: string): Via | undefined {
  const found = viaAt(text, 0, text.length);
  return found !== undefined && found.end === text.length ? found.via : undefined;
}

/** A Via element and where it ended: at a comma or at the end of the text. */
export interface FoundVia {
  readonly via: Via;
  readonly end: number;
}

/** Parses the Via element that begins at `start` and reaches to a comma or `end`; `undefined` if malformed. */
export function viaAt(text: string, start: number, end: number): FoundVia | undefined {
  const hostStart = sentByStart(text, start, end);
  if (hostStart < 0) return undefined;
  let hostEnd = hostStart;
  for (; hostEnd < end; hostEnd++) {
    const code = text.charCodeAt(hostEnd);
    if (code === 0x3b || code === 0x2c) break;
  }
  const sentBy = recentSentBys.of(text.slice(hostStart, trimEnd(text, hostStart, hostEnd)));
  if (sentBy === undefined) return undefined;
  const transportEnd = trimEnd(text, start, hostStart);
  const read = commonParametersAt(text, hostEnd, end) ?? anyParametersAt(text, hostEnd, end);
  if (read === undefined) return undefined;
  const via = {
    transport: transportAt(text, transportEnd),
    host: sentBy.host,
    port: sentBy.port,
    branch: read.branch,
    received: read.received,
    rport: read.rport,
    parameterText: text.slice(hostEnd, trimEnd(text, hostEnd, read.end)),
  } as Via;
  return { via, end: read.end };
}

/** The parameters of a Via that have fields of their own, and where the parameters end. */
interface ReadParameters {
  readonly branch: string | undefined;
  readonly received: string | undefined;
  readonly rport: string | undefined;
  readonly end: number;
}

/**
 * The parameters of nearly every Via: a branch that is a token, perhaps `rport` with or without its value, and what a server has noted in
 * `received`, in this order. `undefined`: something else, which is read at leisure.
 */
function commonParametersAt(text: string, start: number, end: number): ReadParameters | undefined {
  if (!text.startsWith(';branch=', start)) return undefined;
  const branchStart = start + ';branch='.length;
  const branchEnd = tokenEnd(text, branchStart, end);
  if (branchEnd === branchStart) return undefined;
  let at = branchEnd;
  let rport: string | undefined;
  if (at < end && text.startsWith(';rport', at)) {
    const valueStart = at + ';rport='.length;
    const hasValue = text.charCodeAt(valueStart - 1) === 0x3d && valueStart < end;
    at = hasValue ? tokenEnd(text, valueStart, end) : valueStart - 1;
    if (at === valueStart) return undefined;
    rport = hasValue ? text.slice(valueStart, at) : '';
  }
  let received: string | undefined;
  if (at < end && text.startsWith(';received=', at)) {
    const valueStart = at + ';received='.length;
    at = tokenEnd(text, valueStart, end);
    if (at === valueStart) return undefined;
    received = text.slice(valueStart, at);
  }
  return at === end ? { branch: text.slice(branchStart, branchEnd), received, rport, end } : undefined;
}

/** Any parameters; `undefined` if malformed. */
function anyParametersAt(text: string, start: number, end: number): ReadParameters | undefined {
  let branch: string | undefined;
  let received: string | undefined;
  let rport: string | undefined;
  const stopped = scanParameters(text, start, end, (nameStart, nameEnd, valueStart, valueEnd) => {
    const length = nameEnd - nameStart;
    if (length < 5 || length > 8 || length === 7) return;
    const name = text.slice(nameStart, nameEnd).toLowerCase();
    const value = valueStart < 0 ? '' : unquoted(text, valueStart, valueEnd);
    if (name === 'branch') branch ??= value;
    else if (name === 'received') received ??= value;
    else if (name === 'rport') rport ??= value;
  });
  return stopped < 0 ? undefined : { branch, received, rport, end: stopped };
}

/** Where sent-by begins, after `SIP/2.0/transport` and white space; -1 if that is malformed. White space around `/` is allowed. */
function sentByStart(text: string, start: number, end: number): number {
  let i = skipSpace(text, start, end);
  if (text.startsWith('SIP/2.0/', i)) i += 8;
  else {
    const protocol = /SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*/iy;
    protocol.lastIndex = i;
    if (!protocol.test(text) || protocol.lastIndex > end) return -1;
    i = protocol.lastIndex;
  }
  const transportEnd = tokenEnd(text, i, end);
  const hostStart = skipSpace(text, transportEnd, end);
  return transportEnd === i || hostStart === transportEnd ? -1 : hostStart;
}

const commonTransports = ['TLS', 'TCP', 'WSS', 'WS', 'UDP'] as const;

function transportAt(text: string, end: number): string {
  for (const transport of commonTransports) {
    if (text.endsWith(transport, end) && text.charCodeAt(end - transport.length - 1) === 0x2f) return transport;
  }
  let start = end;
  while (start > 0 && tokenEnd(text, start - 1, start) === start) start--;
  return text.slice(start, end).toUpperCase();
}

/** The names that servers and clients give themselves. */
const recentSentBys = new RecentTexts<HostPort, undefined>(2048, parseSentBy, sentBy => sentBy !== undefined);

/** `host[:port]`, white space around the colon allowed (rfc3261 25.1). */
function parseSentBy(text: string): HostPort | undefined {
  if (text.indexOf(' ') < 0 && text.indexOf('\t') < 0) return splitHostPort(text);
  return splitHostPort(
    text
      .split(':', 10)
      .map(part => part.trim())
      .join(':'),
  );
}

/** What `formatVia` needs. `host` may carry a port. */
export interface ViaFields {
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly branch: string;
  /** Asks for the source port in the response (rfc3581). */
  readonly rport?: boolean;
  /** Further parameters with their `;`, for example `;alias`. */
  readonly extra?: string;
}

/** A Via value of our own. */
export function formatVia(fields: ViaFields): string {
  const sentBy = fields.port === undefined ? fields.host : `${fields.host}:${fields.port}`;
  return `SIP/2.0/${fields.transport} ${sentBy};branch=${fields.branch}${fields.rport === true ? ';rport' : ''}${fields.extra ?? ''}`;
}

/**
 * The Via element as the server that received the request passes it on: `received` where the source address differs from
 * sent-by or `rport` was asked for, and `rport` filled in (rfc3261 18.2.1, rfc3581 4). A peer's own `received` is replaced.
 */
export function stampReceived(via: Via, sourceAddress: string, sourcePort: number): string {
  const sentBy = via.port === undefined ? via.host : `${via.host}:${via.port}`;
  let text = `SIP/2.0/${via.transport} ${sentBy}`;
  const bareHost = via.host.startsWith('[') ? via.host.slice(1, -1) : via.host;
  const parameters = parseParameterTexts(via.parameterText);
  for (const parameter of parameters) {
    const name = parameter.slice(0, tokenEnd(parameter, 0, parameter.length)).toLowerCase();
    if (name === 'received') continue;
    text += name === 'rport' ? `;rport=${sourcePort}` : `;${parameter}`;
  }
  if (bareHost !== sourceAddress.toLowerCase() || via.rport !== undefined) text += `;received=${sourceAddress}`;
  return text;
}

/** The parameters one by one, as written, without their `;`. */
function parseParameterTexts(text: string): string[] {
  const parameters: string[] = [];
  scanParameters(text, 0, text.length, (nameStart, nameEnd, valueStart, valueEnd) => {
    const name = text.slice(nameStart, nameEnd);
    parameters.push(valueStart < 0 ? name : `${name}=${text.slice(valueStart, valueEnd)}`);
  });
  return parameters;
}
