import type { Flow } from '../flow/flow.ts';
import type { RoutableClass } from '../policy/domain-class.ts';
import { refuseInside } from '../policy/refusal.ts';
import { answerRefusal } from '../routing/answer.ts';
import { backwardResponse, forwardRequest } from '../routing/forward.ts';
import { type HeaderBorder, strippedFromAnswer, strippedFromRequest } from '../routing/header-ownership.ts';
import { relayToOne } from '../routing/relay.ts';
import type { RoleLog } from '../routing/role-log.ts';
import { answered, type StepOutcome } from '../routing/step.ts';
import type { TrunkPool } from '../routing/trunk-pool.ts';
import { type TrunkRoute, unansweredOn } from '../routing/trunk-route.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { clientLimits } from '../sip/parse-limits.ts';
import type { ClientRequest } from './client-request.ts';
import type { DecisionParts } from './decision-parts.ts';
import { type DeliveryParts, identityLines } from './delivery.ts';
import { type DialogPath, recordRoute, recordRouteOfNotify } from './dialog-route.ts';

const border: HeaderBorder = 'client → Edge';

/** What requests to the outside work with. */
export interface SendOutsideParts extends DeliveryParts, Pick<DecisionParts, 'configuration' | 'classifier'> {
  /** The connections to Edges. */
  readonly edges: TrunkPool<Flow>;
  readonly log: RoleLog;
}

/** Where a request leaves us. */
export interface WayOutside {
  readonly domainClass: RoutableClass;
  readonly route: TrunkRoute;
  /** To one of the route's servers. */
  readonly flow: Flow;
}

/** Sends a client's request over the trunk to the Edge of the sender's site, which finds the partner. */
export function sendOutside(
  parts: SendOutsideParts,
  context: ClientRequest,
  { domainClass, route, flow }: WayOutside,
): StepOutcome {
  const { request, transaction, sender, dialog, target } = context;
  const forwarded = forwardRequest(request, flow.side, {
    remove: strippedFromRequest(border, request),
    prepend: dialog ? routeLines(parts, request, dialog) : recordOutside(parts, context),
    append: identityLines(border, request, sender),
  });
  const relaying = relayToOne(
    parts.layer,
    transaction,
    { flow, request: forwarded, longestAnswer: clientLimits.bodyBytes },
    {
      backward: response => {
        // the Edge has met a server that may speak for the domain
        if (response.status < 300) parts.classifier.established(domainClass);
        return backwardResponse(response, strippedFromAnswer('Edge → client', response, target.domain));
      },
      unanswered: why => {
        const lost = unansweredOn(route, why, target.domain);
        parts.log.refused(request, lost, 'edge');
        return answerRefusal(request, refuseInside(lost), parts.fqdn);
      },
    },
  );
  if (request.method === 'INVITE') parts.relays.set(transaction, relaying);
  return answered;
}

/** The rest of the way, which the servers after us have told. */
function routeLines(parts: SendOutsideParts, request: SipRequest, dialog: DialogPath): readonly HeaderLine[] {
  const rest = dialog.rest.map(({ text }): HeaderLine => ['Route', text]);
  return [...rest, ...recordRouteOfNotify(parts, request, dialog)];
}

function recordOutside(parts: SendOutsideParts, { request, sender, flow, target }: ClientRequest): readonly HeaderLine[] {
  const callee = { aor: target.aor ?? sender.aor, flow: '' };
  return recordRoute(parts, request, { aor: sender.aor, flow: flow.id }, callee);
}
