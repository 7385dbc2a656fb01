import { type EdgeRoute, openEdgeRoute, sealEdgeRoute } from '../dialog/edge-route.ts';
import type { SipDomain } from '../model/names.ts';
import { calledAddress, makesDialog, type RouteElement, readRoute, recordRouteValue } from '../routing/record-route.ts';
import type { AddressedParty, AddressedUser } from '../routing/request-address.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { EdgeParts } from './edge-parts.ts';

/** What routes of dialogs are made and read with. */
export type DialogParts = Pick<EdgeParts, 'routeSeal' | 'insideSide' | 'outsideSide'>;

/** The path of a request inside a dialog that crosses the Edge. */
export interface CrossingPath {
  readonly route: EdgeRoute;
  /** The Route elements after ours. */
  readonly rest: readonly RouteElement[];
}

/** Reads the topmost Route of a request of one side; undefined when it is none of ours. */
export function readDialogRoute(parts: DialogParts, request: SipRequest, side: EdgeRoute['side']): CrossingPath | undefined {
  const [own, ...rest] = readRoute(request) ?? [];
  const route = own ? openEdgeRoute(parts.routeSeal, own.token, side, request) : undefined;
  return route ? { route, rest } : undefined;
}

/** Who sends to whom, as far as an Edge asks. */
interface Parties {
  readonly from: AddressedUser;
  readonly target: AddressedParty;
}

/**
 * Who sends to whom inside a dialog. In a forwarded call From of the callee, and To of the caller, name who was called; what counts is the
 * domain of whom the call has gone to. Only that very address is understood so, and the peer has to speak for that domain as ever (D8).
 */
export function partiesInDialog({ route }: CrossingPath, request: SipRequest, { from, target }: Parties): Parties {
  const { forwarded, callerTag } = route;
  if (!forwarded) return { from, target };
  const { calledAs, calleeDomain: domain } = forwarded;
  if (request.fromTag === callerTag) return target.aor === calledAs ? { from, target: { ...target, domain } } : { from, target };
  return from.aor === calledAs ? { from: { ...from, domain }, target } : { from, target };
}

/** The domains of a dialog that begins. */
export interface DialogDomains {
  /** The partner's. */
  readonly remoteDomain: SipDomain;
  /** Whom the Request-URI names. */
  readonly callee: AddressedParty;
}

/** Keeps the Edge in the path of one dialog: what it writes into Record-Route on each of its two sides (D29). */
export interface CrossingDialog {
  /** Record-Route lines for the request as it goes on. */
  readonly forward: readonly HeaderLine[];
  /** Record-Route lines for an answer as it goes back: the sender's side must not see the other's. */
  backward(response: SipResponse): readonly HeaderLine[];
}

/** The part of the Edge in a dialog that a request may make; undefined when it makes none. */
export function crossingDialog(
  parts: DialogParts,
  request: SipRequest,
  from: EdgeRoute['side'],
  { remoteDomain, callee }: DialogDomains,
): CrossingDialog | undefined {
  if (!makesDialog(request) || request.fromTag === undefined) return undefined;
  const calledAs = calledAddress(request, callee.aor);
  const base = {
    callId: request.callId,
    callerTag: request.fromTag,
    remoteDomain,
    ...(calledAs === undefined ? {} : { forwarded: { calledAs, calleeDomain: callee.domain } }),
  };
  const value: Value = (side, inner) => elementOf(parts, { ...base, side, inner }, request);
  return from === 'inside' ? outbound(request, value) : inbound(request, value);
}

/**
 * Keeps the Edge in the path of a subscription: its watcher takes the route from the NOTIFY, not from the answer to the SUBSCRIBE
 * (rfc6665 4.4.1), so who was in the one has to be in the other (4.3). What is written is what the watcher's side has had in the answer.
 */
export function recordRouteOfNotify(parts: DialogParts, request: SipRequest, { route }: CrossingPath): readonly HeaderLine[] {
  if (request.method !== 'NOTIFY') return [];
  const before = request.list('Record-Route');
  return route.side === 'inside'
    ? lines([elementOf(parts, { ...route, side: 'outside', inner: before }, request)])
    : lines([elementOf(parts, { ...route, side: 'inside', inner: [] }, request), ...before]);
}

/** Our Record-Route value for the side that sends with this route. */
function elementOf(parts: DialogParts, route: EdgeRoute, request: SipRequest): string {
  const side = route.side === 'inside' ? parts.insideSide : parts.outsideSide;
  return recordRouteValue(side, sealEdgeRoute(parts.routeSeal, route), request);
}

type Value = (side: EdgeRoute['side'], inner: readonly string[]) => string;

/** From inside: our servers' routes stay sealed in ours; the answer gives them back, with the partner's routes beyond us. */
function outbound(request: SipRequest, value: Value): CrossingDialog {
  const inner = request.list('Record-Route');
  const ours = value('outside', inner);
  return {
    forward: [['Record-Route', ours]],
    backward(response) {
      const [beyond] = around(response, ours);
      if (beyond === undefined) return [];
      return lines([...beyond, value('inside', []), ...inner]);
    },
  };
}

/** From outside: the partner's routes pass, ours goes on top; the answer's routes of our servers are sealed into one. */
function inbound(request: SipRequest, value: Value): CrossingDialog {
  const ours = value('inside', []);
  return {
    forward: [['Record-Route', ours], ...lines(request.list('Record-Route'))],
    backward(response) {
      const [inner, beyond] = around(response, ours);
      if (inner === undefined || beyond === undefined) return [];
      // an answer lists the server nearest to its sender first, a Route begins with the one nearest to us
      return lines([value('outside', inner.toReversed()), ...beyond]);
    },
  };
}

/** The Record-Route values of an answer above and below ours; nothing when the other side has not kept ours. */
function around(response: SipResponse, ours: string): [readonly string[], readonly string[]] | [] {
  const values = response.list('Record-Route');
  // endpoints may write the value in another form: the token is what is ours alone
  const token = ours.slice(ours.indexOf(':') + 1, ours.indexOf('@') + 1);
  const at = values.findIndex(value => value.includes(token));
  return at < 0 ? [] : [values.slice(0, at), values.slice(at + 1)];
}

function lines(values: readonly string[]): readonly HeaderLine[] {
  return values.map((value): HeaderLine => ['Record-Route', value]);
}
