import { failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Flow } from '../flow/flow.ts';
import type { TenantConfiguration } from '../model/configuration.ts';
import { decideEdgePool } from '../policy/common-decision.ts';
import { isAllowedPartner, networkOf } from '../policy/domain-class.ts';
import { decideInboundPeer, decideInboundSource } from '../policy/inbound-decision.ts';
import { refuseOutside } from '../policy/refusal.ts';
import { type SourceVerification, sourceTypeOf, verificationOf } from '../policy/verification.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import { answerRefusal } from '../routing/answer.ts';
import { chargeSender } from '../routing/charge-sender.ts';
import { backwardResponse, forwardRequest } from '../routing/forward.ts';
import { strippedFromAnswer, strippedFromRequest } from '../routing/header-ownership.ts';
import { relayToOne } from '../routing/relay.ts';
import { shapeStep } from '../routing/shape-step.ts';
import { answered, proceed, refuse, type Step, type StepOutcome, waitFor } from '../routing/step.ts';
import { takeTrunk, unansweredOn } from '../routing/trunk-route.ts';
import { formatTrust, trustHeader } from '../routing/trust-header.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { parseParameters } from '../sip/parameters.ts';
import { placeOutsideRequest } from './dialog-placing.ts';
import { type CrossingPath, crossingDialog, recordRouteOfNotify } from './dialog-route.ts';
import type { EdgeParts } from './edge-parts.ts';
import { nextHopOf } from './next-hop.ts';
import type { OutsideRequest } from './outside-request.ts';

/** The pipeline for requests of partners, in the order of D9: nothing is looked up for a stranger before all that needs no look-up. */
export function outsideSteps(parts: EdgeParts): readonly Step<OutsideRequest>[] {
  return [
    shapeStep({ place: context => placeOutsideRequest(parts, context) }),
    organisationStep(parts),
    senderDomainStep(parts),
    peerStep(parts),
    handInStep(parts),
  ];
}

function organisationStep(parts: EdgeParts): Step<OutsideRequest> {
  return {
    name: "recipient's organisation",
    run(context) {
      const configuration = parts.configuration.current;
      const denied =
        decideInboundSource(configuration, context.inbound, context.trace) ??
        decideEdgePool(configuration, parts.ownPool.of(configuration)?.pool, context.trace);
      if (denied) return refuse(denied);
      context.tenant = configuration.tenantByDomain.get(context.inbound.targetDomain) as TenantConfiguration;
      return proceed;
    },
  };
}

/** Many of a partner's users write at once; a stranger is kept waiting with few requests only (D31). */
const partnerWaits = 500;

function senderDomainStep(parts: EdgeParts): Step<OutsideRequest> {
  return {
    name: "sender's domain",
    run: context => classifySender(parts, context),
  };
}

function classifySender(parts: EdgeParts, context: OutsideRequest, heard?: SrvAnswer): StepOutcome {
  const { flow, tenant } = context;
  const domain = context.inbound.fromDomain;
  const domainClass = parts.classifier.classify(parts.configuration.current, tenant, domain, heard);
  if (domainClass.kind !== 'PENDING') {
    context.domainClass = domainClass;
    return proceed;
  }
  // a domain that an admin has listed is no stranger's invention
  if (!domainClass.listed && !parts.newDomains.allows(domain, flow.peer?.fingerprint ?? '', flow.remoteAddress)) {
    return refuse(failure('TOO_MANY_NEW_DOMAINS', { names: context.peerNames.join(', ') || flow.remoteAddress }));
  }
  const isKnown = domainClass.listed || parts.newDomains.hasAccepted(domain);
  return waitFor(domainClass.lookUp(), answer => classifySender(parts, context, answer), isKnown ? partnerWaits : undefined);
}

/** The peer's certificate has to hold a name that may speak for the sender's domain; checked on every message (D8). */
function peerStep(parts: EdgeParts): Step<OutsideRequest> {
  return {
    name: 'peer',
    run(context) {
      const { inbound, domainClass, trace } = context;
      const denied = decideInboundPeer(parts.configuration.current, inbound, domainClass, trace);
      if (denied) return refuse(denied);
      if (isAllowedPartner(domainClass)) context.audience = 'allowed-partner';
      context.flow.markProven();
      parts.newDomains.accept(inbound.fromDomain, context.flow.peer?.fingerprint ?? '');
      parts.classifier.established(domainClass);
      return chargeSender(context, parts.owners.ofDomain(domainClass));
    },
  };
}

/** Stamps what we vouch for and hands the request to the next hop inside. */
function handInStep(parts: EdgeParts): Step<OutsideRequest> {
  return {
    name: 'next hop',
    run: context => handIn(parts, context),
  };
}

function handIn(parts: EdgeParts, context: OutsideRequest, opened?: Result<Flow>): StepOutcome {
  const { request, transaction, domainClass, tenant } = context;
  const configuration = parts.configuration.current;
  const route = nextHopOf(configuration, parts);
  if (!route.ok) return refuse(route.error);
  const trunk = takeTrunk(parts.frontEnds, route.value, request.callId, opened);
  if (trunk.kind === 'failed') return refuse(trunk.failure);
  // that our own connection opens is nothing the partner has caused
  if (trunk.kind === 'opening') return waitFor(trunk.until, result => handIn(parts, context, result), partnerWaits);
  const trust = formatTrust({
    sourceType: sourceTypeOf(domainClass) ?? 'AutoFederation',
    edgeFqdn: parts.fqdn,
    verification: verificationOf(configuration, tenant, domainClass, statedVerification(request)),
    network: networkOf(domainClass),
    remoteFqdn: 'expected' in domainClass ? (domainClass.expected.find(name => context.peerNames.includes(name)) ?? '') : '',
  });
  const crossing = crossingDialog(parts, request, 'outside', {
    remoteDomain: context.inbound.fromDomain,
    callee: context.target,
  });
  const forwarded = forwardRequest(request, trunk.flow.side, {
    remove: strippedFromRequest('outside → inside', request, context.inbound.assertedDomain),
    prepend: crossing?.forward ?? innerRoute(parts, request, context.dialog),
    append: [[trustHeader, trust]],
  });
  const relaying = relayToOne(
    parts.layer,
    transaction,
    { flow: trunk.flow, request: forwarded },
    {
      speaksForUs: true,
      backward: response =>
        backwardResponse(response, strippedFromAnswer('inside → outside', response), crossing?.backward(response)),
      unanswered: why => {
        const lost = unansweredOn(route.value, why, context.inbound.targetDomain);
        parts.log.refused(request, lost, 'next hop', context.peerNames);
        return answerRefusal(request, refuseOutside(lost, context.audience), parts.fqdn);
      },
    },
  );
  if (request.method === 'INVITE') parts.relays.set(transaction, relaying);
  return answered;
}

/** The way through our own servers that the dialog's token has kept. */
function innerRoute(parts: EdgeParts, request: SipRequest, dialog: CrossingPath | undefined): readonly HeaderLine[] | undefined {
  if (dialog === undefined) return undefined;
  const inner = dialog.route.inner.map((value): HeaderLine => ['Route', value]);
  return [...inner, ...recordRouteOfNotify(parts, request, dialog)];
}

/** The partner's own statement about the sender; a missing one counts as unverified. */
function statedVerification(request: SipRequest): SourceVerification | undefined {
  const value = request.get('ms-asserted-verification-level');
  const stated = value === undefined ? undefined : parseParameters(`;${value}`)?.get('ms-source-verified-user');
  return stated === 'verified' || stated === 'unverified' ? stated : undefined;
}
