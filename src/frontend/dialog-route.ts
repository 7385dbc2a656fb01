import {
  type DialogEnd,
  type FrontEndRoute,
  openFrontEndRoute,
  routeLifeMs,
  sealFrontEndRoute,
} from '../dialog/front-end-route.ts';
import { type Aor, domainOfAor } from '../model/names.ts';
import { makesDialog, type RouteElement, readRoute, recordRouteValue } from '../routing/record-route.ts';
import type { AddressedParty } from '../routing/request-address.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ClientSession } from './client-session.ts';
import type { FrontEndParts } from './front-end-parts.ts';

/** What routes of dialogs are made and read with. */
type DialogParts = Pick<FrontEndParts, 'routeSeal' | 'clock' | 'clientSide' | 'fqdn'>;

/** The path of a request inside a dialog, as our token in its Route tells. It chooses the hop and permits nothing. */
export interface DialogRoute {
  /** The end it goes to. */
  readonly end: DialogEnd;
  /** The Route elements after ours. */
  readonly rest: readonly RouteElement[];
}

/** Reads the Route of a request inside a dialog; undefined when it is none of ours, or `from` is not the end that it comes from. */
export function readDialogRoute(parts: DialogParts, request: SipRequest, from: Aor): DialogRoute | undefined {
  const elements = readRoute(request) ?? [];
  // rfc3261 16.4: a client that also keeps its outbound proxy in Route names us twice
  const at = elements.findIndex(({ host, token }) => token !== '' || (host !== parts.clientSide.host && host !== parts.fqdn));
  const [own, ...rest] = elements.slice(Math.max(at, 0));
  const route = own ? openFrontEndRoute(parts.routeSeal, own.token, request, parts.clock.now()) : undefined;
  const end = route && otherEnd(route, request.fromTag, from);
  return end && { end, rest };
}

/** The end that a request with this From goes to. The tag tells the ends apart: in a call to oneself both have one address. */
function otherEnd({ caller, callee, callerTag }: FrontEndRoute, fromTag: string | undefined, from: Aor): DialogEnd | undefined {
  const [near, far] = fromTag === callerTag ? [caller, callee] : [callee, caller];
  return near.aor === from ? far : undefined;
}

/** Whom a request inside a dialog is for: policy judges the end it really goes to, whatever To says. */
export function partyOfEnd({ aor }: DialogEnd, target: AddressedParty): AddressedParty {
  return { ...target, aor, domain: domainOfAor(aor) };
}

/** The session of an end: its flow, or the one its endpoint has come back with since. */
export function sessionOfEnd(
  parts: Pick<FrontEndParts, 'sessions' | 'registrar'>,
  end: DialogEnd,
  contactUri: string,
): ClientSession | undefined {
  const session = parts.sessions.find(end.flow);
  if (session) return session;
  const binding = parts.registrar.find(end.aor).find(candidate => candidate.contactUri === contactUri);
  return binding && parts.sessions.find(binding.flow);
}

/** Keeps us in the path of the dialog that a request may make (rfc3261 16.6 step 4). */
export function recordRoute(
  parts: DialogParts,
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
