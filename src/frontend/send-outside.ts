import { failure } from '../base/failure.ts';
import type { RoutableClass } from '../policy/domain-class.ts';
import { refuseInside } from '../policy/refusal.ts';
import { answerRefusal } from '../routing/answer.ts';
import { backwardResponse, forwardRequest, type SentBy } from '../routing/forward.ts';
import { relayToOne } from '../routing/relay.ts';
import type { RoleLog } from '../routing/role-log.ts';
import { answered, type StepOutcome } from '../routing/step.ts';
import { trustHeader } from '../routing/trust-header.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import { selectHeaders } from '../sip/header-selection.ts';
import type { ClientRequest } from './client-request.ts';
import type { DecisionParts } from './decision-parts.ts';
import { assertIdentity, type DeliveryParts, strippedHeaders } from './delivery.ts';
import { type DialogRoute, recordRoute } from './dialog-route.ts';
import { type EdgeConnection, type EdgeTrunk, unreachableEdge } from './edge-trunk.ts';

/** What the Edge tells us about an answer from outside is not for clients. */
const strippedFromEdgeAnswers = selectHeaders([trustHeader]);

/** What requests to the outside work with. */
export interface SendOutsideParts extends DeliveryParts, Pick<DecisionParts, 'configuration' | 'classifier'> {
  readonly edges: EdgeTrunk;
  /** How we name ourselves in Via towards servers. */
  readonly trunkSide: SentBy;
  readonly log: RoleLog;
}

/** Sends a client's request over the trunk to the Edge of the sender's site, which finds the partner. */
export function sendOutside(
  parts: SendOutsideParts,
  context: ClientRequest,
  domainClass: RoutableClass,
  trunk: EdgeConnection & { readonly kind: 'open' },
): StepOutcome {
  const { request, transaction, sender, dialog } = context;
  const forwarded = forwardRequest(request, parts.trunkSide, {
    remove: strippedHeaders(sender),
    prepend: dialog ? routeLines(dialog) : recordOutside(parts, context),
    append: [assertIdentity(sender)],
  });
  const relaying = relayToOne(
    parts.layer,
    transaction,
    { connection: trunk.connection, request: forwarded },
    {
      backward: response => {
        // the Edge has met a server that may speak for the domain
        if (response.status < 300) parts.classifier.established(domainClass);
        return backwardResponse(response, strippedFromEdgeAnswers);
      },
      unanswered: why => {
        const lost =
          why === 'timeout'
            ? failure('RECIPIENT_SILENT', { domain: context.target.domain })
            : unreachableEdge(trunk.edge, 'the connection broke', trunk.port);
        parts.log.refused(request, lost, 'edge');
        return answerRefusal(request, refuseInside(lost), parts.fqdn);
      },
    },
  );
  if (request.method === 'INVITE') parts.relays.set(transaction, relaying);
  return answered;
}

/** The rest of the way, which the servers after us have told. */
function routeLines(dialog: DialogRoute): readonly HeaderLine[] {
  return dialog.rest.map(({ text }): HeaderLine => ['Route', text]);
}

function recordOutside(parts: SendOutsideParts, { request, sender, session, target }: ClientRequest): readonly HeaderLine[] {
  const callee = { aor: target.aor ?? sender.aor, flow: '' };
  return recordRoute(parts, request, { aor: sender.aor, flow: session.flow.id }, callee);
}
