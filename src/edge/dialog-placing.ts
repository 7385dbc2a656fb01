import { type Failure, failure } from '../base/failure.ts';
import { assertedDomains, readParty } from '../routing/request-address.ts';
import type { SipRequest } from '../sip/message.ts';
import { type DialogParts, partiesInDialog, readDialogRoute } from './dialog-route.ts';
import type { InsideRequest } from './inside-request.ts';
import type { OutsideRequest } from './outside-request.ts';

/** Puts a Front End's request into its dialog, which needs our route. */
export function placeInsideRequest(parts: DialogParts, context: InsideRequest): Failure | undefined {
  if (!context.inDialog) return undefined;
  const { request } = context;
  context.dialog = readDialogRoute(parts, request, 'inside');
  if (!context.dialog) return failure('DIALOG_UNKNOWN', { method: request.method });
  context.from = partiesInDialog(context.dialog, request, context).from;
  // the dialog is with this partner, whatever To says
  context.target = { ...context.target, domain: context.dialog.route.remoteDomain };
  return undefined;
}

/** Puts a partner's request into its dialog, and sums up what policy is asked about it. */
export function placeOutsideRequest(parts: DialogParts, context: OutsideRequest): Failure | undefined {
  const { request } = context;
  const asserted = assertedDomains(request);
  if (!asserted.ok) return asserted.error;
  context.dialog = context.inDialog ? readDialogRoute(parts, request, 'outside') : undefined;
  const { from, target } = context.dialog ? partiesInDialog(context.dialog, request, context) : context;
  context.target = target;
  if (!context.dialog && hasForeignRoute(request, parts.outsideSide.host)) {
    return failure('NO_TRANSIT', { domain: target.domain });
  }
  const remote = context.dialog?.route.remoteDomain;
  if (remote !== undefined && remote !== from.domain) {
    return failure('ASSERTED_DOMAIN_CONFLICT', { asserted: from.domain, from: remote });
  }
  context.inbound = {
    method: request.method,
    event: request.get('Event'),
    inDialog: context.inDialog,
    targetDomain: target.domain,
    fromDomain: from.domain,
    assertedDomain: asserted.value.find(domain => domain !== from.domain) ?? asserted.value[0],
    splitIntra: false,
    peerNames: context.peerNames,
  };
  return undefined;
}

/** A route set by somebody outside would let us relay for strangers; one that names us is ours and taken off. */
function hasForeignRoute(request: SipRequest, ownHost: string): boolean {
  if (!request.has('Route')) return false;
  return request.list('Route').some(value => {
    const party = readParty(/<([^>]*)>/.exec(value)?.[1] ?? value);
    return !party.ok || party.value.domain !== ownHost;
  });
}
