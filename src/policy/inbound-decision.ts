import { type Failure, failure } from '../base/failure.ts';
import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { Provider } from '../model/kinds/provider.ts';
import type { SipDomain } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import { decideClass, decideRequestType, decideSwitch } from './common-decision.ts';
import { type DomainClass, isRoutable, type SourceNetwork } from './domain-class.ts';
import type { FederatedRequest } from './method-permission.ts';
import { traceStep } from './trace-steps.ts';
import { decideAnyAccess, decideNetworkAccess } from './user-access.ts';
import { type Approach, decideBlockList } from './user-block-list.ts';
import type { SourceVerification } from './verification.ts';

/** What the Edge knows of a request from outside before it looks anything up. All names canonical. */
export interface InboundRequest extends FederatedRequest {
  /** Domain of the recipient: of the request URI, or of To inside a dialog. */
  readonly targetDomain: SipDomain;
  readonly fromDomain: SipDomain;
  /** Domain of P-Asserted-Identity where there is one; where several are sent, the first that differs from From. */
  readonly assertedDomain?: SipDomain;
  /** Whether it is marked `ms-split-domain-info: ms-traffic-type=SplitIntra`. */
  readonly splitIntra: boolean;
  /** DNS names of the peer's verified certificate, from subjectAltName. */
  readonly peerNames: readonly string[];
}

/**
 * First half of the Edge's inbound decision, free of DNS: the target is ours (no transit), From and P-Asserted-Identity agree,
 * nobody outside speaks for our own domains, federation is on. Run for every request, inside dialogs too (D8).
 */
export function decideInboundSource(
  configuration: Configuration,
  request: InboundRequest,
  trace: DecisionTrace,
): Failure | undefined {
  const { targetDomain, fromDomain, assertedDomain } = request;
  const tenant = configuration.tenantByDomain.get(targetDomain);
  if (!tenant) return trace.refuse(traceStep.targetDomain, failure('NO_TRANSIT', { domain: targetDomain }), targetDomain);
  trace.pass(traceStep.targetDomain, targetDomain);
  if (assertedDomain !== undefined && assertedDomain !== fromDomain) {
    const conflict = failure('ASSERTED_DOMAIN_CONFLICT', { asserted: assertedDomain, from: fromDomain });
    return trace.refuse(traceStep.assertedDomain, conflict, fromDomain);
  }
  const sharedPeer = sharedAddressSpacePeer(tenant, request);
  if (!sharedPeer && configuration.tenantByDomain.has(fromDomain)) {
    const spoof = failure('ASSERTED_INTERNAL_DOMAIN', { domain: fromDomain, names: request.peerNames.join(', ') });
    return trace.refuse(traceStep.assertedDomain, spoof, fromDomain);
  }
  trace.pass(traceStep.assertedDomain, fromDomain);
  if (sharedPeer) trace.pass(traceStep.sharedPeer, sharedPeer);
  return decideSwitch(configuration, tenant, trace);
}

/**
 * Second half, with the class that the recipient's tenant gives the sender's domain: the class is no refusal, the peer's certificate
 * holds a name that may speak for the domain, the type of request crosses.
 */
export function decideInboundPeer(
  configuration: Configuration,
  request: InboundRequest,
  domainClass: DomainClass,
  trace: DecisionTrace,
): Failure | undefined {
  const tenant = configuration.tenantByDomain.get(request.targetDomain);
  // Whatever a peer with the shared address space asserts is taken on its word: it has asked the questions already (D33).
  if (tenant && sharedAddressSpacePeer(tenant, request)) return decideRequestType(request, trace);
  return (
    decideClass(domainClass, trace) ?? decidePeerName(domainClass, request.peerNames, trace) ?? decideRequestType(request, trace)
  );
}

/** The enabled provider with shared address space that the peer of a SplitIntra request is; from anybody else the mark means nothing. */
export function sharedAddressSpacePeer(tenant: TenantConfiguration, request: InboundRequest): Provider | undefined {
  if (!request.splitIntra) return undefined;
  for (const name of request.peerNames) {
    const provider = tenant.providersByProxy.get(name as Provider['proxyFqdn']);
    if (provider?.kind === 'hosting' && provider.enabled && provider.enabledSharedAddressSpace) return provider;
  }
  return undefined;
}

function decidePeerName(domainClass: DomainClass, peerNames: readonly string[], trace: DecisionTrace): Failure | undefined {
  // Another tenant's users never come from outside; without expected names nobody may speak for a domain.
  const expected = isRoutable(domainClass) ? domainClass.expected : [];
  for (const name of expected) {
    if (peerNames.includes(name)) {
      trace.pass(traceStep.peerName, name);
      return undefined;
    }
  }
  const mismatch = failure('PEER_CERTIFICATE_MISMATCH', {
    domain: domainClass.domain,
    expected: expected.join(' or ') || 'inside this deployment',
    names: peerNames.join(', ') || 'no DNS name',
  });
  return trace.refuse(traceStep.peerName, mismatch, domainClass);
}

/**
 * What stands for the Edge between two tenants of one deployment (D16): the recipient's switches, the class that the recipient's tenant
 * gives the sender's domain, the type of request. The recipient's own decision follows as for any other partner.
 */
export function decideInboundTenant(
  configuration: Configuration,
  recipientTenant: TenantConfiguration,
  domainClass: DomainClass,
  request: FederatedRequest,
  trace: DecisionTrace,
): Failure | undefined {
  return (
    decideSwitch(configuration, recipientTenant, trace) ?? decideClass(domainClass, trace) ?? decideRequestType(request, trace)
  );
}

/** What the Front End knows when something from outside wants to reach a user. */
export interface InboundDelivery extends Approach {
  /** The address asked for, for the admin's trace. */
  readonly recipient: string;
  /** The user of that address; undefined where there is none. */
  readonly user: User | undefined;
  readonly senderDomain: string;
  readonly network: SourceNetwork;
  readonly verification: SourceVerification;
  /** Whether the user has the sender as a contact or has allowed the sender. */
  readonly isKnownSender: boolean;
  readonly offersAudioVideo?: boolean;
}

/**
 * The Front End's inbound decision: the user exists and is not suspended (the same from outside), the user's policy, the user's
 * own block list, and that an unverified sender is known. Undefined = deliver; a user homed at a provider is left to the provider's policy.
 */
export function decideInboundUser(
  configuration: Configuration,
  delivery: InboundDelivery,
  trace: DecisionTrace,
): Failure | undefined {
  const { user } = delivery;
  if (!user) return trace.refuse(traceStep.recipient, failure('USER_UNKNOWN', { user: delivery.recipient }));
  if (!user.enabled) return trace.refuse(traceStep.recipient, failure('RECIPIENT_SUSPENDED', { user: user.aor }), user);
  trace.pass(traceStep.recipient, user);
  trace.pass(traceStep.home, user);
  if (user.hostingProviderProxyFqdn !== 'SRV:') return undefined;
  const denied =
    decideAnyAccess(configuration, user, trace) ??
    decideNetworkAccess(configuration, user, delivery.network, delivery.offersAudioVideo === true, trace);
  if (denied) return denied;
  return decideBlockList(user, delivery, trace) ?? decideAcquaintance(delivery, user, trace);
}

function decideAcquaintance(delivery: InboundDelivery, user: User, trace: DecisionTrace): Failure | undefined {
  if (delivery.verification === 'unverified' && !delivery.isKnownSender) {
    const stranger = failure('SENDER_UNVERIFIED', { sender: delivery.sender, domain: delivery.senderDomain, user: user.aor });
    return trace.refuse(traceStep.acquaintance, stranger, delivery.verification);
  }
  trace.pass(traceStep.acquaintance, delivery.verification === 'verified' ? 'verified' : 'known');
  return undefined;
}
