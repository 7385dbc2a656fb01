import type { Aor } from '../model/names.ts';
import type { RouteSeal } from './route-seal.ts';

/** One end of a dialog as its Front End knows it; `flow` is empty where that end is outside. */
export interface DialogEnd {
  readonly aor: Aor;
  readonly flow: string;
}

/** What a Front End puts into the Record-Route of a dialog: the two ends and the dialog it is for. */
export interface FrontEndRoute {
  readonly callId: string;
  readonly callerTag: string;
  readonly caller: DialogEnd;
  readonly callee: DialogEnd;
  readonly expiresAtMs: number;
}

/** A token is good this long; a refresh of the dialog does not need a new one before. */
export const routeLifeMs = 7 * 24 * 3_600_000;

/** Seals a Front End's route. */
export function sealFrontEndRoute(seal: RouteSeal, route: FrontEndRoute): string {
  const { callId, callerTag, caller, callee, expiresAtMs } = route;
  return seal.seal(['f', callId, callerTag, caller.aor, caller.flow, callee.aor, callee.flow, String(expiresAtMs)]);
}

/** Opens a token of ours; undefined when it is none, has expired or belongs to another dialog: a route of one call opens no other. */
export function openFrontEndRoute(
  seal: RouteSeal,
  token: string,
  request: { readonly callId: string; readonly fromTag: string | undefined; readonly toTag: string | undefined },
  nowMs: number,
): FrontEndRoute | undefined {
  const fields = seal.open(token);
  if (fields?.length !== 8 || fields[0] !== 'f') return undefined;
  const [, callId, callerTag, callerAor, callerFlow, calleeAor, calleeFlow, expires] = fields as [string, ...string[]];
  const route: FrontEndRoute = {
    callId: callId as string,
    callerTag: callerTag as string,
    caller: { aor: callerAor as Aor, flow: callerFlow as string },
    callee: { aor: calleeAor as Aor, flow: calleeFlow as string },
    expiresAtMs: Number(expires),
  };
  const isOfDialog =
    route.callId === request.callId && (route.callerTag === request.fromTag || route.callerTag === request.toTag);
  return isOfDialog && route.expiresAtMs > nowMs ? route : undefined;
}
