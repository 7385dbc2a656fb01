import {
  type DialogEnd,
  type FrontEndRoute,
  openFrontEndRoute,
  routeLifeMs,
  sealFrontEndRoute,
} from '../dialog/front-end-route.ts';
import { makesDialog, type RouteElement, readRoute, recordRouteValue } from '../routing/record-route.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ClientSession } from './client-session.ts';
import type { FrontEndParts } from './front-end-parts.ts';

/** The path of a request inside a dialog, as our token in its topmost Route tells. It chooses the hop and permits nothing. */
export interface DialogRoute {
  readonly route: FrontEndRoute;
  /** The Route elements after ours. */
  readonly rest: readonly RouteElement[];
}

/** Reads the topmost Route of a request inside a dialog; undefined when it is none of ours. */
export function readDialogRoute(parts: FrontEndParts, request: SipRequest): DialogRoute | undefined {
  const [own, ...rest] = readRoute(request) ?? [];
  const route = own ? openFrontEndRoute(parts.routeSeal, own.token, request, parts.clock.now()) : undefined;
  return route ? { route, rest } : undefined;
}

/** The end that a request of `from` goes to; undefined when `from` is no end of this dialog that is homed here. */
export function otherEnd(route: FrontEndRoute, from: DialogEnd): DialogEnd | undefined {
  const { caller, callee } = route;
  const isCaller = caller.aor === from.aor && caller.flow !== '';
  const isCallee = callee.aor === from.aor && callee.flow !== '';
  // in a call to oneself only the flow tells the ends apart
  if (isCaller && isCallee) return from.flow === callee.flow ? caller : callee;
  return isCaller ? callee : isCallee ? caller : undefined;
}

/** The end that is homed here and has the given address; undefined when there is none. */
export function endAt(route: FrontEndRoute, aor: string | undefined): DialogEnd | undefined {
  return [route.callee, route.caller].find(end => end.aor === aor && end.flow !== '');
}

/** The session of an end: its flow, or the one its endpoint has come back with since. */
export function sessionOfEnd(parts: FrontEndParts, end: DialogEnd, contactUri: string): ClientSession | undefined {
  const session = parts.sessions.find(end.flow);
  if (session) return session;
  const binding = parts.registrar.find(end.aor).find(candidate => candidate.contactUri === contactUri);
  return binding && parts.sessions.find(binding.flow);
}

/** Keeps us in the path of the dialog that a request may make (rfc3261 16.6 step 4). */
export function recordRoute(
  parts: FrontEndParts,
  request: SipRequest,
  caller: DialogEnd,
  callee: DialogEnd,
): readonly HeaderLine[] {
  if (!makesDialog(request) || request.fromTag === undefined) return [];
  const token = sealFrontEndRoute(parts.routeSeal, {
    callId: request.callId,
    callerTag: request.fromTag,
    caller,
    callee,
    expiresAtMs: parts.clock.now() + routeLifeMs,
  });
  return [['Record-Route', recordRouteValue(parts.clientSide, token)]];
}
