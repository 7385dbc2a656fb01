import { type Failure, failure } from '../base/failure.ts';
import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { SipDomain } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import { decideClass, decideEdgePool, decideRequestType, decideSwitch } from './common-decision.ts';
import { type DomainClass, networkOf } from './domain-class.ts';
import type { FederatedRequest } from './method-permission.ts';
import { federationRouteOf, traceStep } from './trace-steps.ts';
import { decideAnyAccess, decideNetworkAccess } from './user-access.ts';

/** Who sends out of which configuration. */
export interface OutboundSender {
  readonly configuration: Configuration;
  readonly tenant: TenantConfiguration;
  readonly sender: User;
}

/**
 * First half of the Front End's outbound decision, free of DNS: the switches, and whether the sender may meet anybody outside.
 * A caller that has to wait for the class of the recipient's domain asks this first, so that nobody without permission causes look-ups.
 */
export function decideSender(from: OutboundSender, trace: DecisionTrace): Failure | undefined {
  return decideSwitch(from.configuration, from.tenant, trace) ?? decideAnyAccess(from.configuration, from.sender, trace);
}

/** Second half: the policy bit the recipient's network needs, the class of the domain, the type of request, the federation route. */
export function decideDestination(
  from: OutboundSender,
  domainClass: DomainClass,
  request: FederatedRequest,
  trace: DecisionTrace,
): Failure | undefined {
  return (
    decideNetworkAccess(from.configuration, from.sender, networkOf(domainClass), request.offersAudioVideo === true, trace) ??
    decideClass(domainClass, trace) ??
    decideRequestType(request, trace) ??
    (domainClass.kind === 'TENANT' ? undefined : decideRoute(from, trace))
  );
}

/**
 * The Front End's outbound decision for an authenticated sender: undefined = send it on, to the Edge, or inside the deployment where the
 * class is TENANT. A recipient of the sender's own organisation passes with nothing decided.
 */
export function decideOutboundUser(
  from: OutboundSender,
  domainClass: DomainClass,
  request: FederatedRequest,
  trace: DecisionTrace,
): Failure | undefined {
  if (domainClass.kind === 'INTERNAL') return decideClass(domainClass, trace);
  return decideSender(from, trace) ?? decideDestination(from, domainClass, request, trace);
}

/**
 * The Edge's own check of what a Front End sends, from its own replica: the sender's domain is ours, the switches, the class of the
 * recipient's domain, the type of request. Undefined = connect to `domainClass.targets`.
 */
export function decideOutboundEdge(
  configuration: Configuration,
  senderDomain: SipDomain,
  domainClass: DomainClass,
  request: FederatedRequest,
  trace: DecisionTrace,
): Failure | undefined {
  const tenant = configuration.tenantByDomain.get(senderDomain);
  if (!tenant) {
    return trace.refuse(traceStep.senderDomain, failure('SENDER_DOMAIN_UNKNOWN', { domain: senderDomain }), senderDomain);
  }
  trace.pass(traceStep.senderDomain, senderDomain);
  return (
    decideSwitch(configuration, tenant, trace) ??
    decideLeaves(domainClass, trace) ??
    decideClass(domainClass, trace) ??
    decideRequestType(request, trace)
  );
}

/** A domain of the deployment itself is never looked for outside: it would only come back. */
function decideLeaves(domainClass: DomainClass, trace: DecisionTrace): Failure | undefined {
  if (domainClass.kind !== 'INTERNAL' && domainClass.kind !== 'TENANT') return undefined;
  return trace.refuse(traceStep.domainClass, failure('INTERNAL_DOMAIN_AT_EDGE', { domain: domainClass.domain }), domainClass);
}

/** Whether the sender's site has a way out: a federation route, to an Edge pool that is published for federation. */
export function decideRoute(from: OutboundSender, trace: DecisionTrace): Failure | undefined {
  const route = federationRouteOf(from.configuration, from.sender);
  if (route === undefined) {
    const site = from.configuration.pools.get(from.sender.registrarPool)?.site ?? from.sender.registrarPool;
    return trace.refuse(traceStep.route, failure('NO_FEDERATION_ROUTE', { site }));
  }
  trace.pass(traceStep.route, route);
  return decideEdgePool(from.configuration, route, trace);
}
