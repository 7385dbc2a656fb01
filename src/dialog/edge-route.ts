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
  readonly expiresAtMs: number;
}

/** Seals an Edge's route. */
export function sealEdgeRoute(seal: RouteSeal, route: EdgeRoute): string {
  const { side, callId, callerTag, remoteDomain, forwarded, inner, expiresAtMs } = route;
  const called = [forwarded?.calledAs ?? '', forwarded?.calleeDomain ?? ''];
  return seal.seal(['e', side, callId, callerTag, remoteDomain, ...called, String(expiresAtMs), ...inner]);
}

/** Opens a token of ours for requests of one side; undefined when it is none, has expired, or belongs to another side or dialog. */
export function openEdgeRoute(
  seal: RouteSeal,
  token: string,
  side: EdgeRoute['side'],
  request: { readonly callId: string; readonly fromTag: string | undefined; readonly toTag: string | undefined },
  nowMs: number,
): EdgeRoute | undefined {
  const fields = seal.open(token);
  if (!fields || fields.length < 8 || fields[0] !== 'e' || fields[1] !== side) return undefined;
  const [, , callId, callerTag, remoteDomain, calledAs, calleeDomain, expires, ...inner] = fields;
  const isOfDialog = callId === request.callId && (callerTag === request.fromTag || callerTag === request.toTag);
  const expiresAtMs = Number(expires);
  if (!isOfDialog || expiresAtMs <= nowMs) return undefined;
  return {
    side,
    callId: callId as string,
    callerTag: callerTag as string,
    remoteDomain: remoteDomain as SipDomain,
    ...(calledAs === '' ? {} : { forwarded: { calledAs: calledAs as Aor, calleeDomain: calleeDomain as SipDomain } }),
    inner,
    expiresAtMs,
  };
}
