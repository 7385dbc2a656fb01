import { createHash } from 'node:crypto';
import type { Aor } from '../model/names.ts';
import type { RouteSeal } from './route-seal.ts';

/** One end of a dialog as its Front End knows it; `flow` and `endpoint` are empty where that end is outside. */
export interface DialogEnd {
  readonly aor: Aor;
  readonly flow: string;
  /** `endpointMark` of the user's endpoint; empty too where none was registered over the flow. */
  readonly endpoint: string;
}

/** A short mark of an instance, enough to tell one endpoint of a user from the others: routes travel in every request of a dialog. */
export function endpointMark(instance: string): string {
  return createHash('sha256').update(instance, 'latin1').digest('base64url').slice(0, 8);
}

/** What a Front End puts into the Record-Route of a dialog: the two ends and the dialog it is for. */
export interface FrontEndRoute {
  readonly callId: string;
  readonly callerTag: string;
  readonly caller: DialogEnd;
  readonly callee: DialogEnd;
  /** Whom the caller has in To where that is not the callee, as in a forwarded call; else empty. The callee's requests bear it in From. */
  readonly calledAs: Aor | '';
}

/** What tokens of this form begin with. */
const mark = 'F';
/** COMPAT parley 0.1.0: dialogs that began then have tokens with a field more, when they end to be good. */
const formerMark = 'f';

/** Seals a Front End's route. It has no end of its own: a target refresh does not change the route set (rfc3261 12.2), so it lives as long as its dialog. */
export function sealFrontEndRoute(seal: RouteSeal, route: FrontEndRoute): string {
  const { callId, callerTag, caller, callee, calledAs } = route;
  return seal.seal([mark, callId, callerTag, ...fieldsOf(caller), ...fieldsOf(callee), calledAs]);
}

function fieldsOf({ aor, flow, endpoint }: DialogEnd): readonly string[] {
  return [aor, flow, endpoint];
}

/** Opens a token of ours; undefined when it is none or belongs to another dialog: a route of one call opens no other. */
export function openFrontEndRoute(
  seal: RouteSeal,
  token: string,
  request: { readonly callId: string; readonly fromTag: string | undefined; readonly toTag: string | undefined },
): FrontEndRoute | undefined {
  const fields = seal.open(token);
  const isOurs = (fields?.length === 10 && fields[0] === mark) || (fields?.length === 11 && fields[0] === formerMark);
  if (!fields || !isOurs) return undefined;
  const [, callId = '', callerTag = ''] = fields;
  const route: FrontEndRoute = {
    callId,
    callerTag,
    caller: endOf(fields.slice(3, 6)),
    callee: endOf(fields.slice(6, 9)),
    calledAs: fields[9] as Aor | '',
  };
  const isOfDialog =
    route.callId === request.callId && (route.callerTag === request.fromTag || route.callerTag === request.toTag);
  return isOfDialog ? route : undefined;
}

function endOf([aor = '', flow = '', endpoint = '']: readonly string[]): DialogEnd {
  return { aor: aor as Aor, flow, endpoint };
}
