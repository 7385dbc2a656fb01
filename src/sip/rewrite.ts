import { elementEnd } from './comma-list.ts';
import { entryLineEnd, entrySize, findEntry } from './head-index.ts';
import { type HeaderLine, renderLines, safeRequestUri, safeValue } from './header-line.ts';
import { type HeaderName, headerIdOf, type KnownHeaderName, unknownHeaderId } from './header-name.ts';
import type { HeaderSelection } from './header-selection.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import type { OutgoingMessage } from './serialise.ts';

/** What to change in a head on its way through; everything else is passed on as untouched slices. */
export interface HeadChange {
  /** Rendered lines put on top, written as they are: our own Via, or what another message holds (`linesOf`). */
  readonly lead?: string;
  /** Lines put before all others but `lead`, in this order: Record-Route, Route … */
  readonly prepend?: readonly HeaderLine[];
  /** Headers taken out, all lines of each. */
  readonly remove?: HeaderSelection;
  /** New lines for these headers in the place of the first old one; at the end where there was none. */
  readonly replace?: readonly HeaderLine[];
  /** Lines put after all others. */
  readonly append?: readonly HeaderLine[];
  /** Takes the first Via element out (rfc3261 16.7 step 3), also from a comma-separated line. */
  readonly popTopVia?: boolean;
  /** Takes the first Route element out (rfc3261 16.4). */
  readonly popTopRoute?: boolean;
  readonly maxForwards?: number;
  /** Another body; its Content-Type belongs into `replace`. Content-Length always follows the body. */
  readonly body?: Uint8Array;
}

/** Changes of a request on its way through. */
export interface RequestChange extends HeadChange {
  readonly requestUri?: string;
}

/** Changes of a response on its way through. */
export interface ResponseChange extends HeadChange {
  readonly status?: number;
  readonly reason?: string;
}

const viaId = headerIdOf('Via');
const routeId = headerIdOf('Route');
const maxForwardsId = headerIdOf('Max-Forwards');
const contentLengthId = headerIdOf('Content-Length');

/** What happens to a header line, by header id; 0 = passed on. Filled for one rewrite and cleared after it. */
const actions = new Uint8Array(256);
const removed = 1;
const replaced = 2;
const firstElement = 3;
const byName = 4;
const stamped = 5;
actions[contentLengthId] = removed;

/** The request with the changes applied, ready to be sent on. */
export function rewriteRequest(request: SipRequest, change: RequestChange): OutgoingMessage {
  const startLine =
    change.requestUri === undefined ? undefined : `${request.method} ${safeRequestUri(change.requestUri)} SIP/2.0\r\n`;
  return rewrite(request, startLine, change);
}

/** The response with the changes applied, ready to be sent on. */
export function rewriteResponse(response: SipResponse, change: ResponseChange): OutgoingMessage {
  const startLine =
    change.status === undefined && change.reason === undefined
      ? undefined
      : `SIP/2.0 ${change.status ?? response.status} ${safeValue(change.reason ?? response.reason)}\r\n`;
  return rewrite(response, startLine, change);
}

/** All lines of one header as they stand in a message, to be put into another. */
export function linesOf({ index }: SipMessage, name: KnownHeaderName): string {
  const id = headerIdOf(name);
  let text = '';
  for (let entry = findEntry(index.entries, id); entry >= 0; entry = findEntry(index.entries, id, entry + entrySize)) {
    text += index.head.slice(index.entries[entry + 1], entryLineEnd(index, entry));
  }
  return text;
}

/** The Via lines of a request, with our word in the topmost one where it came from. */
export function viaLines(request: SipRequest): string {
  const { viaStamp, viaStampStart, viaStampEnd, index } = request;
  const lines = linesOf(request, 'Via');
  if (viaStamp === '') return lines;
  const start = index.entries[findEntry(index.entries, viaId) + 1] as number;
  return lines.slice(0, viaStampStart - start) + viaStamp + lines.slice(viaStampEnd - start);
}

function rewrite(message: SipMessage, startLine: string | undefined, change: HeadChange): OutgoingMessage {
  const { head, headersStart } = message.index;
  const body = change.body ?? message.body;
  let text = startLine ?? head.slice(0, headersStart);
  if (change.lead !== undefined) text += change.lead;
  if (change.prepend !== undefined) text += renderLines(change.prepend);
  try {
    setActions(change);
    if (message.kind === 'request' && message.viaStamp !== '' && actions[viaId] === 0) actions[viaId] = stamped;
    text += changedHeaders(message, change);
  } finally {
    clearActions(change);
  }
  if (change.append !== undefined) text += renderLines(change.append);
  return { head: `${text}Content-Length: ${body.length}\r\n\r\n`, body };
}

/** The header lines of the message with the actions applied: runs of untouched lines are one slice each. */
function changedHeaders(message: SipMessage, change: HeadChange): string {
  const { head, entries, headersStart } = message.index;
  let text = '';
  let runStart = headersStart;
  for (let entry = 0; entry < entries.length; entry += entrySize) {
    const id = entries[entry] as number;
    const action = actions[id] as number;
    if (action === 0) continue;
    const lineStart = entries[entry + 1] as number;
    const colon = entries[entry + 2] as number;
    const name = action === byName ? head.slice(lineStart, colon).toLowerCase() : '';
    if (action === byName && !concernsName(change, name)) continue;
    if (action === stamped) {
      const { viaStampStart, viaStampEnd, viaStamp } = message as SipRequest;
      text += head.slice(runStart, viaStampStart) + viaStamp;
      runStart = viaStampEnd;
      actions[id] = 0;
      continue;
    }
    const lineEnd = entryLineEnd(message.index, entry);
    if (runStart < lineStart) text += head.slice(runStart, lineStart);
    runStart = lineEnd;
    if (action === firstElement) {
      text += restOfList(head, id, colon + 2, lineEnd - 2);
      actions[id] = 0;
    } else if (action === replaced) {
      text += replacement(change, id, '');
      actions[id] = removed;
    } else if (action === byName && !hasEarlierLine(message, entry, name)) text += replacement(change, id, name);
  }
  if (runStart < head.length) text += head.slice(runStart);
  return text + missingReplacements(message, change);
}

function setActions(change: HeadChange): void {
  if (change.remove !== undefined) {
    for (const id of change.remove.ids) actions[id] = removed;
    if (change.remove.others.length > 0) actions[unknownHeaderId] = byName;
  }
  if (change.replace !== undefined) for (const line of change.replace) setAction(line[0], replaced);
  if (change.maxForwards !== undefined) actions[maxForwardsId] = replaced;
  if (change.popTopVia === true && actions[viaId] === 0) actions[viaId] = firstElement;
  if (change.popTopRoute === true && actions[routeId] === 0) actions[routeId] = firstElement;
}

function setAction(name: HeaderName, action: number): void {
  const id = headerIdOf(name);
  actions[id] = id === unknownHeaderId ? byName : action;
}

function clearActions(change: HeadChange): void {
  if (change.remove !== undefined) {
    for (const id of change.remove.ids) actions[id] = 0;
    actions[unknownHeaderId] = 0;
  }
  if (change.replace !== undefined) for (const line of change.replace) actions[headerIdOf(line[0])] = 0;
  actions[maxForwardsId] = 0;
  actions[viaId] = 0;
  actions[routeId] = 0;
  actions[contentLengthId] = removed;
}

/** The first line of a list header without its first element. */
function restOfList(head: string, id: number, start: number, end: number): string {
  const elementStop = elementEnd(head, start, end);
  const rest = elementStop < end ? head.slice(elementStop + 1, end).trim() : '';
  return rest === '' ? '' : `${id === viaId ? 'Via' : 'Route'}: ${rest}\r\n`;
}

/** The new lines of one header. */
function replacement(change: HeadChange, id: number, lowerName: string): string {
  let text = '';
  if (id === maxForwardsId && change.maxForwards !== undefined) return `Max-Forwards: ${change.maxForwards}\r\n`;
  for (const line of change.replace ?? []) {
    const lineId = headerIdOf(line[0]);
    if (lineId === id && (id !== unknownHeaderId || line[0].toLowerCase() === lowerName)) text += renderLines([line]);
  }
  return text;
}

/** New lines of headers that the message did not have. */
function missingReplacements(message: SipMessage, change: HeadChange): string {
  let text = '';
  if (actions[maxForwardsId] === replaced) text += replacement(change, maxForwardsId, '');
  for (const line of change.replace ?? []) {
    const id = headerIdOf(line[0]);
    const missing = id === unknownHeaderId ? !message.has(line[0]) : actions[id] === replaced;
    if (missing && id !== maxForwardsId) text += renderLines([line]);
  }
  return text;
}

function concernsName(change: HeadChange, lowerName: string): boolean {
  if (change.remove?.others.includes(lowerName)) return true;
  for (const line of change.replace ?? []) if (line[0].toLowerCase() === lowerName) return true;
  return false;
}

/** True if a line of this unknown name stands before the entry. */
function hasEarlierLine(message: SipMessage, before: number, lowerName: string): boolean {
  const { entries, head } = message.index;
  for (let entry = 0; entry < before; entry += entrySize) {
    if (entries[entry] !== unknownHeaderId) continue;
    if (head.slice(entries[entry + 1], entries[entry + 2]).toLowerCase() === lowerName) return true;
  }
  return false;
}
