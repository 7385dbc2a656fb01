import type { Aor, SipDomain } from '../model/names.ts';
import type { RouteSeal } from './route-seal.ts';

/** What an Edge puts into the Record-Route of a dialog that crosses it. */
export interface EdgeRoute {
  /** From which side requests with this route come. */
  readonly side: 'inside' | 'outside';
  readonly callId: string;
  readonly callerTag: string;
  /** The verified domain of the partner: in-dialog requests from outside have to come from it (D8). */
  readonly remoteDomain: SipDomain;
  /** Where To names another than the Request-URI did, as in a forwarded call: who was called, and the domain of whom the call went to. */
  readonly forwarded?: { readonly calledAs: Aor; readonly calleeDomain: SipDomain };
  /** The Record-Route values of our inner servers, nearest to the Edge first, which partners do not see (D29). */
  readonly inner: readonly string[];
}

/** What tokens of this form begin with. */
const mark = 'E';
/** COMPAT parley 0.1.0: dialogs that began then have tokens with a field more, before the inner routes. */
const formerMark = 'e';

/** Seals an Edge's route; like that of a Front End it lives as long as its dialog. */
export function sealEdgeRoute(seal: RouteSeal, route: EdgeRoute): string {
  const { side, callId, callerTag, remoteDomain, forwarded, inner } = route;
  const called = [forwarded?.calledAs ?? '', forwarded?.calleeDomain ?? ''];
  return seal.seal([mark, side, callId, callerTag, remoteDomain, ...called, ...inner]);
}

/** Opens a token of ours for requests of one side; undefined when it is none, or belongs to another side or dialog. */
export function openEdgeRoute(
  seal: RouteSeal,
  token: string,
  side: EdgeRoute['side'],
  request: { readonly callId: string; readonly fromTag: string | undefined; readonly toTag: string | undefined },
): EdgeRoute | undefined {
  const fields = seal.open(token);
  const head = fields?.[0] === formerMark ? 8 : 7;
  if (!fields || fields.length < head || (fields[0] !== mark && fields[0] !== formerMark) || fields[1] !== side) return undefined;
  const [, , callId, callerTag, remoteDomain, calledAs, calleeDomain] = fields;
  const isOfDialog = callId === request.callId && (callerTag === request.fromTag || callerTag === request.toTag);
  if (!isOfDialog) return undefined;
  return {
    side,
    callId: callId as string,
    callerTag: callerTag as string,
    remoteDomain: remoteDomain as SipDomain,
    ...(calledAs === '' ? {} : { forwarded: { calledAs: calledAs as Aor, calleeDomain: calleeDomain as SipDomain } }),
    inner: fields.slice(head),
  };
}
