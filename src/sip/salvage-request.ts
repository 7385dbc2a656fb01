import { noBytes } from '../base/bytes.ts';
import { parseCSeq } from './cseq.ts';
import { indexHead } from './head-index.ts';
import { canonicalHeaderName, headerIdOf, isSingleHeader } from './header-name.ts';
import { SipRequest } from './message.ts';
import { malformedTag, tagAt } from './name-address.ts';
import { normaliseHead } from './normalise-head.ts';
import { viaAt } from './via.ts';

const answerHeaders: ReadonlySet<string> = new Set(['Via', 'From', 'To', 'Call-ID', 'CSeq']);
const maxSalvagedLines = 64;

/**
 * Takes from a malformed request what an answer needs: method, Via, From, To, Call-ID and CSeq, the first of each where only
 * one is allowed. Nothing else of it is kept, so it can be answered and not forwarded. `undefined` for anything that is no
 * request or has no Via.
 */
export function salvageRequest(headText: string): SipRequest | undefined {
  const startLine = splitRequestLine(headText);
  if (startLine === undefined) return undefined;
  const { method, requestUri } = startLine;
  const rendered = normaliseHead(`${keptLines(headText.slice(startLine.end)).join('\r\n')}\r\n`);
  if (rendered === undefined) return undefined;
  const found = new Map<string, string>();
  const lines: string[] = [`${method} sip:salvaged.invalid SIP/2.0`];
  for (const line of rendered.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!answerHeaders.has(name) || (found.has(name) && isSingleHeader(headerIdOf(name)))) continue;
    if (!found.has(name)) found.set(name, line.slice(colon + 2));
    lines.push(line);
  }
  return requestFrom(`${lines.join('\r\n')}\r\n`, method, requestUri, found);
}

/** Method, whatever stands as Request-URI, and where the line ends; any number of spaces and any SIP version are accepted. */
function splitRequestLine(headText: string): { method: string; requestUri: string; end: number } | undefined {
  const end = headText.indexOf('\r\n') + 2;
  if (end < 2) return undefined;
  const line = headText.slice(0, end - 2).trimEnd();
  const method = /^[\w\-.!%*+`'~]+(?= )/.exec(line)?.[0];
  const lastSpace = line.lastIndexOf(' ');
  if (method === undefined || !/^SIP\/\d+\.\d+$/i.test(line.slice(lastSpace + 1))) return undefined;
  const requestUri = line.slice(method.length, lastSpace).trim();
  return requestUri === '' ? undefined : { method, requestUri, end };
}

/** Header lines without bare CR, LF or NUL that have a name, each with its continuation lines; an empty line stands first. */
function keptLines(headers: string): string[] {
  const kept: string[] = [''];
  let keeping = false;
  for (const line of headers.split('\r\n', maxSalvagedLines)) {
    if (/[\0\r\n]/.test(line)) keeping = false;
    else if (/^[ \t]/.test(line)) {
      if (keeping) kept.push(line);
    } else {
      const name = /^([\w\-.!%*+`'~]+)[ \t]*:/.exec(line)?.[1];
      keeping = name !== undefined && answerHeaders.has(canonicalHeaderName(name));
      if (keeping) kept.push(line);
    }
  }
  return kept;
}

function requestFrom(
  head: string,
  method: string,
  requestUri: string,
  found: ReadonlyMap<string, string>,
): SipRequest | undefined {
  const index = indexHead(head, maxSalvagedLines);
  // An answer in our version goes to a sender of another one too (rfc3261 21.5.7).
  const viaText = (found.get('Via') ?? '').replace(/^SIP[ \t]*\/[ \t]*\d+\.\d+/i, 'SIP/2.0');
  const via = viaAt(viaText, 0, viaText.length) ?? viaAt(viaText, 0, Math.max(0, viaText.search(/[;,]/)));
  if (index.kind !== 'index' || via === undefined) return undefined;
  const core = {
    index,
    canonical: false,
    callId: found.get('Call-ID') ?? '',
    cseq: { number: parseCSeq(found.get('CSeq') ?? '')?.number ?? 0, method },
    fromTag: tagIn(found.get('From') ?? ''),
    toTag: tagIn(found.get('To') ?? ''),
    topVia: via.via,
    topViaEnd: 0,
  };
  return new SipRequest(core, noBytes, method, requestUri, undefined);
}

function tagIn(value: string): string | undefined {
  const tag = tagAt(value, 0, value.length);
  return tag === malformedTag ? undefined : tag;
}
