import { failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Flow } from '../flow/flow.ts';
import type { AccessEdgeConfiguration } from '../model/kinds/access-edge-configuration.ts';
import { decideEdgePool } from '../policy/common-decision.ts';
import { isRoutable, networkOf, type RoutableClass } from '../policy/domain-class.ts';
import { decideOutboundEdge } from '../policy/outbound-decision.ts';
import { refuseInside } from '../policy/refusal.ts';
import { sourceTypeOf } from '../policy/verification.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import { answerRefusal, diagnosticsValue, headersOfFailure } from '../routing/answer.ts';
import { chargeSender } from '../routing/charge-sender.ts';
import { forwardRequest } from '../routing/forward.ts';
import { strippedFromAnswer, strippedFromRequest } from '../routing/header-ownership.ts';
import { relayToOne } from '../routing/relay.ts';
import { shapeStep } from '../routing/shape-step.ts';
import { answered, refuse, type Step, type StepOutcome, waitFor } from '../routing/step.ts';
import { trunkPeerStep } from '../routing/trunk-peer.ts';
import { takeTrunk, unansweredOn } from '../routing/trunk-route.ts';
import { formatTrust, trustHeader } from '../routing/trust-header.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { rewriteResponse, viaLines } from '../sip/rewrite.ts';
import { placeInsideRequest } from './dialog-placing.ts';
import { type CrossingDialog, type CrossingPath, crossingDialog, recordRouteOfNotify } from './dialog-route.ts';
import { allowedMethods, type EdgeParts } from './edge-parts.ts';
import type { InsideRequest } from './inside-request.ts';
import { partnerRouteOf } from './partner-route.ts';

/** The pipeline for requests of Front Ends: the Edge asks its own replica before it lets anything out. */
export function insideSteps(parts: EdgeParts): readonly Step<InsideRequest>[] {
  return [
    trunkPeerStep(() => parts.configuration.current.pools),
    shapeStep({ place: context => placeInsideRequest(parts, context) }),
    destinationStep(parts),
    handOutStep(parts),
  ];
}

function destinationStep(parts: EdgeParts): Step<InsideRequest> {
  return {
    name: 'destination',
    run: context => decideDestination(parts, context),
  };
}

function decideDestination(parts: EdgeParts, context: InsideRequest, heard?: SrvAnswer): StepOutcome {
  const { request, from, target, trace } = context;
  const configuration = parts.configuration.current;
  const tenant = configuration.tenantByDomain.get(from.domain);
  if (!tenant) return refuse(failure('SENDER_DOMAIN_UNKNOWN', { domain: from.domain }));
  const domainClass = parts.classifier.classify(configuration, tenant, target.domain, heard);
  if (domainClass.kind === 'PENDING') return waitFor(domainClass.lookUp(), answer => decideDestination(parts, context, answer));
  const federated = { method: request.method, event: request.get('Event'), inDialog: request.toTag !== undefined };
  const denied =
    decideEdgePool(configuration, parts.ownPool.of(configuration)?.pool, trace) ??
    decideOutboundEdge(configuration, from.domain, domainClass, federated, trace);
  if (denied) return refuse(denied);
  if (!isRoutable(domainClass)) return refuse(failure('INTERNAL_DOMAIN_AT_EDGE', { domain: target.domain }));
  context.tenant = tenant;
  context.domainClass = domainClass;
  return chargeSender(context, parts.owners.ofDestination(domainClass));
}

/** Sends the request to the partner's server, and its answers back inside. */
function handOutStep(parts: EdgeParts): Step<InsideRequest> {
  return {
    name: 'partner',
    run: context => handOut(parts, context),
  };
}

function handOut(parts: EdgeParts, context: InsideRequest, opened?: Result<Flow>): StepOutcome {
  const { request, transaction, domainClass } = context;
  const route = partnerRouteOf(domainClass);
  const trunk = takeTrunk(parts.partners, route, request.callId, opened);
  if (trunk.kind === 'failed') return refuse(trunk.failure);
  if (trunk.kind === 'opening') return waitFor(trunk.until, result => handOut(parts, context, result));
  const { flow } = trunk;
  parts.classifier.established(domainClass);
  const crossing = crossingDialog(parts, request, 'inside', { remoteDomain: context.target.domain, callee: context.target });
  const forwarded = forwardRequest(request, flow.side, {
    remove: strippedFromRequest('inside → outside', request),
    prepend: crossing?.forward ?? outerRoute(parts, request, context.dialog),
    append: statements(parts),
  });
  const peer = flow.peer?.names[0] ?? '';
  const relaying = relayToOne(
    parts.layer,
    transaction,
    { flow, request: forwarded },
    {
      backward: response => partnerAnswer(parts, request, response, { domainClass, peer, crossing }),
      unanswered: why => {
        const lost = unansweredOn(route, why, domainClass.domain);
        parts.log.refused(request, lost, 'partner', [peer]);
        return answerRefusal(request, refuseInside(lost), parts.fqdn, headersOfFailure(lost, allowedMethods));
      },
    },
  );
  if (request.method === 'INVITE') parts.relays.set(transaction, relaying);
  return answered;
}

/** The rest of the way, which the partner's servers have told. */
function outerRoute(parts: EdgeParts, request: SipRequest, dialog: CrossingPath | undefined): readonly HeaderLine[] | undefined {
  if (dialog === undefined) return undefined;
  const rest = dialog.rest.map(({ text }): HeaderLine => ['Route', text]);
  return [...rest, ...recordRouteOfNotify(parts, request, dialog)];
}

const stated = new WeakMap<AccessEdgeConfiguration, readonly HeaderLine[]>();

/** What we state to partners about our senders: every one of them has signed in here. */
function statements({ configuration: { current } }: EdgeParts): readonly HeaderLine[] {
  const { accessEdge } = current;
  let lines = stated.get(accessEdge);
  if (!lines) stated.set(accessEdge, (lines = statementsOf(accessEdge)));
  return lines;
}

function statementsOf(accessEdge: AccessEdgeConfiguration): readonly HeaderLine[] {
  const lines: HeaderLine[] = [];
  if (accessEdge.markSourceVerifiableOnOutgoingMessages) {
    lines.push(['ms-asserted-verification-level', 'ms-source-verified-user=verified']);
  }
  if (accessEdge.enableArchivingDisclaimer) lines.push(['ms-archiving', 'TRUE']);
  return lines;
}

/** Who answers, and the dialog the answer may make. */
interface Partner {
  readonly domainClass: RoutableClass;
  readonly peer: string;
  readonly crossing: CrossingDialog | undefined;
}

/** A partner's answer as our servers get it: with the Vias they know, our word about who answered, and a reason where the partner gave none. */
function partnerAnswer(parts: EdgeParts, request: SipRequest, response: SipResponse, { domainClass, peer, crossing }: Partner) {
  const trust = formatTrust({
    sourceType: sourceTypeOf(domainClass) ?? 'AutoFederation',
    edgeFqdn: parts.fqdn,
    verification: 'unverified',
    network: networkOf(domainClass),
    remoteFqdn: peer,
  });
  const append: HeaderLine[] = [[trustHeader, trust]];
  if (response.status >= 400 && !response.has('ms-diagnostics-public')) {
    const silent = failure('PEER_GAVE_NO_DIAGNOSTICS', { domain: domainClass.domain, status: response.status });
    const { diagnostics } = refuseInside(silent);
    if (diagnostics) {
      const value = `${diagnosticsValue(diagnostics, parts.fqdn)};Domain="${domainClass.domain}";PeerServer="${peer}"`;
      append.push(['ms-diagnostics', value]);
    }
    parts.log.refused(request, silent, 'partner', [peer]);
  }
  const lead = viaLines(request);
  const remove = strippedFromAnswer('outside → inside', response, domainClass.domain);
  return rewriteResponse(response, { lead, prepend: crossing?.backward(response), remove, append });
}
