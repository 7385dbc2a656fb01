import {
  type DialogEnd,
  endpointMark,
  type FrontEndRoute,
  openFrontEndRoute,
  sealFrontEndRoute,
} from '../dialog/front-end-route.ts';
import type { RouteSeal } from '../dialog/route-seal.ts';
import type { ClientFlows } from '../flow/client-flows.ts';
import type { Flow } from '../flow/flow.ts';
import type { SentBy } from '../flow/sent-by.ts';
import type { Binding } from '../model/binding.ts';
import { type Aor, domainOfAor } from '../model/names.ts';
import { calledAddress, makesDialog, type RouteElement, readRoute, recordRouteValue } from '../routing/record-route.ts';
import type { AddressedParty, AddressedUser } from '../routing/request-address.ts';
import { isDeclaredInstance } from '../services/registrar/gruu.ts';
import type { Registrar } from '../services/registrar/registrar.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseNameAddress } from '../sip/name-address.ts';

/** What routes of dialogs are made and read with. */
export interface DialogParts {
  readonly routeSeal: RouteSeal;
  /** How we name ourselves in Record-Route. */
  readonly clientSide: SentBy;
  /** FQDN of this Front End. */
  readonly fqdn: string;
}

/** The path of a request inside a dialog, as our token in its Route tells. It chooses the hop and permits nothing. */
export interface DialogPath {
  /** The end it goes to. */
  readonly end: DialogEnd;
  /** The end it comes from. */
  readonly sender: DialogEnd;
  /** Whether that end made the dialog: what the other end sends in it, it has asked for. */
  readonly toCaller: boolean;
  /** Our token, as it came. */
  readonly token: string;
  /** The Route elements after ours. */
  readonly rest: readonly RouteElement[];
}

/** Reads the Route of a request inside a dialog; undefined when it is none of ours, or `from` is not the end that it comes from. */
export function readDialogRoute(parts: DialogParts, request: SipRequest, from: Aor): DialogPath | undefined {
  const elements = readRoute(request) ?? [];
  // rfc3261 16.4: a client that also keeps its outbound proxy in Route names us twice
  const at = elements.findIndex(({ host, token }) => token !== '' || (host !== parts.clientSide.host && host !== parts.fqdn));
  const [own, ...rest] = elements.slice(Math.max(at, 0));
  const route = own ? openFrontEndRoute(parts.routeSeal, own.token, request) : undefined;
  const ends = route && endsIn(route, request.fromTag, from);
  return ends && own ? { ...ends, token: own.token, rest } : undefined;
}

/**
 * The ends of a request with this From. The tag tells the ends apart: in a call to oneself both have one address. In a call that was
 * forwarded From of the callee is who was called; that this is no other than the callee the sender has to prove as ever.
 */
function endsIn(
  route: FrontEndRoute,
  fromTag: string | undefined,
  from: Aor,
): Pick<DialogPath, 'sender' | 'end' | 'toCaller'> | undefined {
  const { caller, callee, callerTag, calledAs } = route;
  if (fromTag === callerTag) return caller.aor === from ? { sender: caller, end: callee, toCaller: false } : undefined;
  return callee.aor === from || calledAs === from ? { sender: callee, end: caller, toCaller: true } : undefined;
}

/** Whom a request inside a dialog is for, and from: policy judges the ends it really has, whatever To and From say. */
export function partyOfEnd({ aor }: DialogEnd, said: AddressedParty): AddressedUser {
  return { ...said, aor, domain: domainOfAor(aor) };
}

/** Who registrars know of a user, and how to reach whom. */
interface EndFinder {
  readonly registrar: Pick<Registrar, 'find'>;
  readonly flows: Pick<ClientFlows, 'find'>;
}

/**
 * The flow to an end. An endpoint that has told its instance is reached over the flow that it registered last: its earlier ones may be
 * dead without a word. Any other, over the flow of the dialog while that is there.
 */
export function flowToEnd({ registrar, flows }: EndFinder, end: DialogEnd, contactUri: string): Flow | undefined {
  const binding = bindingOfEnd(registrar.find(end.aor), end, contactUri);
  const newest = binding && flows.find(binding.flow);
  return newest && end.endpoint !== '' && isDeclaredInstance(binding.instance) ? newest : (flows.find(end.flow) ?? newest);
}

/** The endpoint of an end. One that was not registered when the dialog began is found by its Contact, if no other has the same. */
function bindingOfEnd(bindings: readonly Binding[], { endpoint }: DialogEnd, contactUri: string): Binding | undefined {
  if (endpoint !== '') return bindings.find(({ instance }) => endpointMark(instance) === endpoint);
  const [binding, another] = bindings.filter(candidate => candidate.contactUri === contactUri);
  return another ? undefined : binding;
}

/** One end of a dialog that begins. */
export interface NewDialogEnd {
  readonly aor: Aor;
  /** Empty where that end is outside. */
  readonly flow: string;
  /** The endpoint, where it is known already. */
  readonly instance?: string;
}

/** Keeps us in the path of the dialog that a request may make (rfc3261 16.6 step 4). */
export function recordRoute(
  parts: DialogParts & Pick<EndFinder, 'registrar'>,
  request: SipRequest,
  caller: NewDialogEnd,
  callee: NewDialogEnd,
): readonly HeaderLine[] {
  if (!makesDialog(request) || request.fromTag === undefined) return [];
  const token = sealFrontEndRoute(parts.routeSeal, {
    callId: request.callId,
    callerTag: request.fromTag,
    caller: dialogEnd(caller, caller.instance ?? instanceOnFlow(parts.registrar, caller, request)),
    callee: dialogEnd(callee, callee.instance),
    calledAs: calledAddress(request, callee.aor) ?? '',
  });
  return [['Record-Route', recordRouteValue(parts.clientSide, token, request)]];
}

/**
 * Keeps us in the path of a subscription: its watcher takes the route from the NOTIFY, not from the answer to the SUBSCRIBE (rfc6665 4.4.1),
 * so who was in the one has to be in the other (4.3).
 */
export function recordRouteOfNotify(
  { clientSide }: DialogParts,
  request: SipRequest,
  { token }: DialogPath,
): readonly HeaderLine[] {
  return request.method === 'NOTIFY' ? [['Record-Route', recordRouteValue(clientSide, token, request)]] : [];
}

function dialogEnd({ aor, flow }: NewDialogEnd, instance: string | undefined): DialogEnd {
  return { aor, flow, endpoint: instance === undefined ? '' : endpointMark(instance) };
}

/** Which endpoint of a user sends over a flow: the one registered over it; of several the one whose Contact it gives. */
function instanceOnFlow(registrar: EndFinder['registrar'], { aor, flow }: NewDialogEnd, request: SipRequest): string | undefined {
  if (flow === '') return undefined;
  const bindings = registrar.find(aor).filter(binding => binding.flow === flow);
  if (bindings.length <= 1) return bindings[0]?.instance;
  const contact = parseNameAddress(request.list('Contact')[0] ?? '')?.uri;
  return bindings.find(({ contactUri }) => contactUri === contact)?.instance;
}
