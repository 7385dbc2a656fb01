import { failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { mayBringAudioVideo } from '../body/session-offer.ts';
import type { Flow } from '../flow/flow.ts';
import type { User } from '../model/user.ts';
import { isRoutable, type TenantClass } from '../policy/domain-class.ts';
import type { FederatedRequest } from '../policy/method-permission.ts';
import { decideOutboundUser, decideSender } from '../policy/outbound-decision.ts';
import { decideBlockList } from '../policy/user-block-list.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import { chargeSender } from '../routing/charge-sender.ts';
import type { HeaderBorder } from '../routing/header-ownership.ts';
import type { PipelineOwner } from '../routing/pipeline.ts';
import { shapeStep } from '../routing/shape-step.ts';
import { answered, proceed, refuse, type Step, type StepOutcome, waitFor } from '../routing/step.ts';
import { takeTrunk } from '../routing/trunk-route.ts';
import { type AuthenticationParts, authenticationStep } from './client-authentication.ts';
import type { ClientRequest } from './client-request.ts';
import type { DecisionParts } from './decision-parts.ts';
import { type Delivery, deliver, recipientInside } from './delivery.ts';
import { blockListScope, placeInDialog } from './dialog-placing.ts';
import { type EventParts, notifierService, publisherService } from './event-services.ts';
import { federationRouteOf } from './federation-route.ts';
import { answerOptions } from './options-answer.ts';
import { type RegistrarParts, registrarService } from './registrar-service.ts';
import { registrarExtensions } from './registration-answer.ts';
import type { FrontEndOwners } from './request-owners.ts';
import { type SendOutsideParts, sendOutside } from './send-outside.ts';
import { servedMethods } from './served-methods.ts';
import { type Service, serviceFor, serviceStep, type UserRequest } from './services.ts';
import { tenantAnswers } from './tenant-answers.ts';
import { decideTenantCrossing } from './tenant-decision.ts';

/** What the steps for clients work with. */
export interface ClientParts extends DecisionParts, AuthenticationParts, RegistrarParts, EventParts, SendOutsideParts {
  readonly owners: FrontEndOwners;
  /** Refuses a request that its steps are done with. */
  readonly refused: PipelineOwner<ClientRequest>['refused'];
}

/** What the last step works with. */
interface DestinationParts extends ClientParts {
  /** What is done here for users instead of passing a request on. */
  readonly userServices: readonly Service<UserRequest>[];
}

/** A REGISTER is answered here, whoever sends it. */
const clientExtensions: ReadonlyMap<string, ReadonlySet<string>> = new Map([['REGISTER', registrarExtensions]]);

/** The pipeline for requests of clients, in the order of D9. */
export function clientSteps(parts: ClientParts): readonly Step<ClientRequest>[] {
  return [
    shapeStep({ methods: servedMethods, extensions: clientExtensions, place: context => placeInDialog(parts, context) }),
    ownAddressStep(parts),
    senderDomainStep(parts),
    authenticationStep(parts),
    shareStep(parts),
    serviceStep(registrarService(parts)),
    serviceStep(publisherService(parts, parts.refused)),
    destinationStep({ ...parts, userServices: [notifierService(parts)] }),
  ];
}

/** A request to the server itself, not to a user: OPTIONS says what we can to anybody, anything but REGISTER has nobody to go to. */
function ownAddressStep(parts: ClientParts): Step<ClientRequest> {
  return {
    name: 'own address',
    run({ target, request, transaction }) {
      if (target.aor !== undefined || request.method === 'REGISTER' || request.toTag !== undefined) return proceed;
      const isOurs = target.domain === parts.fqdn || parts.configuration.current.tenantByDomain.has(target.domain);
      if (!isOurs || request.method !== 'OPTIONS') return refuse(failure('USER_UNKNOWN', { user: target.domain }));
      const answer = answerOptions(request, 'client', parts.events);
      if (!answer.ok) return refuse(answer.error);
      transaction.respond(answer.value);
      return answered;
    },
  };
}

/** Clients send as users of ours: there is no password of anybody else to ask for. */
function senderDomainStep(parts: ClientParts): Step<ClientRequest> {
  return {
    name: 'sender domain',
    run: ({ from }) =>
      parts.configuration.current.tenantByDomain.has(from.domain)
        ? proceed
        : refuse(failure('FROM_NOT_AUTHENTICATED', { from: from.aor })),
  };
}

/** What one account has under way leaves others served, whatever its connections. */
function shareStep(parts: ClientParts): Step<ClientRequest> {
  return { name: 'share', run: context => chargeSender(context, parts.owners.ofAccount(context.sender)) };
}

/** Classifies the recipient's domain and sends the request there: inside, to another tenant, or out by the Edge. */
function destinationStep(parts: DestinationParts): Step<ClientRequest> {
  return {
    name: 'destination',
    run: context => decideDestination(parts, context, nothingHeard),
  };
}

/** What a request has waited for on its way to its destination. */
interface Heard {
  readonly srv?: SrvAnswer;
  readonly trunk?: Result<Flow>;
}

const nothingHeard: Heard = {};

/** Decided anew after each wait: the configuration may be another by then. */
function decideDestination(parts: DestinationParts, context: ClientRequest, heard: Heard): StepOutcome {
  const { trace, tenant, sender, target, request, dialog } = context;
  const configuration = parts.configuration.current;
  trace.reset();
  context.crossing = undefined;
  const domainClass = parts.classifier.classify(configuration, tenant, target.domain, heard.srv);
  const from = { configuration, tenant, sender };
  if (domainClass.kind === 'PENDING') {
    // nobody without permission makes us ask DNS
    const denied = decideSender(from, trace);
    return denied ? refuse(denied) : waitFor(domainClass.lookUp(), srv => decideDestination(parts, context, { ...heard, srv }));
  }
  const federated = federatedRequest(context);
  const denied = decideOutboundUser(from, domainClass, federated, trace);
  if (denied) return refuse(denied);
  if (domainClass.kind === 'INTERNAL') return deliverInside(parts, context);
  if (domainClass.kind === 'TENANT') return deliverToTenant(parts, context, domainClass, federated);
  if (!isRoutable(domainClass)) return refuse(failure('NO_TRANSIT', { domain: target.domain }));
  const route = federationRouteOf(configuration, sender, request.callId, dialog?.rest[0]?.host);
  if (!route.ok) return refuse(route.error);
  const trunk = takeTrunk(parts.edges, route.value, request.callId, heard.trunk);
  if (trunk.kind === 'failed') return refuse(trunk.failure);
  if (trunk.kind === 'opening') {
    return waitFor(trunk.until, opened => decideDestination(parts, context, { ...heard, trunk: opened }));
  }
  return sendOutside(parts, context, { domainClass, route: route.value, flow: trunk.flow });
}

function federatedRequest({ request }: ClientRequest): FederatedRequest {
  return {
    method: request.method,
    event: request.get('Event'),
    inDialog: request.toTag !== undefined,
    offersAudioVideo: mayBringAudioVideo(request),
  };
}

function deliverInside(parts: DestinationParts, context: ClientRequest): StepOutcome {
  const user = recipientInside(parts, context.target);
  if (!user.ok) return refuse(user.error);
  const approach = { blockList: blockListScope(context), sender: context.sender.aor };
  const blocked = decideBlockList(user.value, approach, context.trace);
  if (blocked) return refuse(blocked);
  const service = serviceOf(parts, context);
  return service
    ? service.serve(userRequest(parts, context, user.value, 'inside'))
    : deliver(parts, delivery(context), user.value);
}

/** The service of ours that it is for; what a dialog's route takes elsewhere is for none. */
function serviceOf({ userServices }: DestinationParts, { request, dialog }: ClientRequest): Service<UserRequest> | undefined {
  return dialog === undefined ? serviceFor(userServices, request) : undefined;
}

function userRequest(parts: ClientParts, context: ClientRequest, user: User, kind: 'inside' | 'federated'): UserRequest {
  const { request, transaction, sender, flow } = context;
  const { aor, tenant, displayName } = sender;
  return {
    request,
    transaction,
    user,
    sender: { aor, kind, tenant, displayName },
    via: { flow: flow.id },
    refuse: (why, service) => parts.refused(context, why, service),
  };
}

/** A client's request as a delivery: to the other end of its dialog, or to all endpoints. */
function delivery({ request, transaction, sender, flow, dialog, crossing }: ClientRequest): Delivery {
  const from = { aor: sender.aor, flow: flow.id };
  const border: HeaderBorder = crossing ? 'client → tenant' : 'client → client';
  const base = { request, transaction, border, sender, from };
  return dialog ? { ...base, dialog } : base;
}

/** To another tenant of the deployment, without an Edge between. */
function deliverToTenant(
  parts: DestinationParts,
  context: ClientRequest,
  to: TenantClass,
  federated: FederatedRequest,
): StepOutcome {
  const { sender, target, from, trace, request, dialog } = context;
  context.crossing = to;
  const crossing = {
    to,
    sender: { aor: sender.aor, domain: from.domain },
    recipient: target.aor,
    request: federated,
    isKnownSender: dialog?.toCaller ?? false,
    blockList: blockListScope(context),
  };
  const verdict = decideTenantCrossing(parts, crossing, trace);
  if (verdict.kind === 'refused') return refuse(verdict.failure);
  const { recipient } = verdict;
  const service = serviceOf(parts, context);
  return service
    ? service.serve(userRequest(parts, context, recipient, 'federated'))
    : deliver(parts, { ...delivery(context), answers: tenantAnswers(parts.fqdn, request, to) }, recipient);
}
