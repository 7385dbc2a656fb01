import { failure } from '../base/failure.ts';
import { mayBringAudioVideo } from '../body/session-offer.ts';
import type { User } from '../model/user.ts';
import { findListEntry } from '../policy/classify-domain.ts';
import { decideInboundUser } from '../policy/inbound-decision.ts';
import type { OutsidePeer } from '../policy/refusal.ts';
import { chargeSender } from '../routing/charge-sender.ts';
import type { PipelineOwner } from '../routing/pipeline.ts';
import { readRecordRoute } from '../routing/record-route.ts';
import { assertedAddresses } from '../routing/request-address.ts';
import { shapeStep } from '../routing/shape-step.ts';
import { answered, refuse, type Step } from '../routing/step.ts';
import { trunkPeerStep } from '../routing/trunk-peer.ts';
import { readTrust } from '../routing/trust-header.ts';
import type { DecisionParts } from './decision-parts.ts';
import { type DeliveryParts, deliver } from './delivery.ts';
import { blockListScope, placeInDialog } from './dialog-placing.ts';
import { type EventParts, notifierService } from './event-services.ts';
import { answerOptions } from './options-answer.ts';
import type { FrontEndOwners } from './request-owners.ts';
import { servedOutside } from './served-methods.ts';
import { type Service, serviceFor, type UserRequest } from './services.ts';
import type { TrunkRequest } from './trunk-request.ts';

/** What the steps for Edges work with. */
export interface TrunkParts extends DeliveryParts, EventParts, Pick<DecisionParts, 'configuration' | 'directory'> {
  readonly owners: FrontEndOwners;
  /** Refuses a request that its steps are done with. */
  readonly refused: PipelineOwner<TrunkRequest>['refused'];
}

/** The pipeline for requests that an Edge hands in. The Edge has vouched for the peer; the user's side is decided here. */
export function trunkSteps(parts: TrunkParts): readonly Step<TrunkRequest>[] {
  return [
    shapeStep({ methods: servedOutside, place: context => placeInDialog(parts, context) }),
    trunkPeerStep(() => parts.configuration.current.edgeServers),
    sourceStep(parts),
    recipientStep(parts, [notifierService(parts)]),
  ];
}

/** An Edge speaks for outsiders only: without its trust header, or with one of our own addresses in From, it says nothing (D7). */
function sourceStep(parts: TrunkParts): Step<TrunkRequest> {
  return {
    name: 'source',
    run(context) {
      const trust = readTrust(context.request);
      if (!trust) return refuse(failure('TRUST_HEADER_MISSING', { names: context.peerNames.join(', ') }));
      const { tenantByDomain } = parts.configuration.current;
      if (tenantByDomain.has(context.from.domain)) {
        return refuse(failure('ASSERTED_INTERNAL_DOMAIN', { domain: context.from.domain, names: context.peerNames.join(', ') }));
      }
      context.trust = trust;
      context.tenant = tenantByDomain.get(context.target.domain);
      return chargeSender(context, parts.owners.ofPartner(trust));
    },
  };
}

function recipientStep(parts: TrunkParts, userServices: readonly Service<UserRequest>[]): Step<TrunkRequest> {
  return {
    name: 'recipient',
    run(context) {
      const { target, from, trust, trace, request, transaction } = context;
      const configuration = parts.configuration.current;
      if (!context.tenant) return refuse(failure('NO_TRANSIT', { domain: target.domain }));
      if (target.aor === undefined && request.method === 'OPTIONS') {
        const answer = answerOptions(request, 'outside', parts.events);
        if (!answer.ok) return refuse(answer.error);
        transaction.respond(answer.value);
        return answered;
      }
      const user = target.aor === undefined ? undefined : parts.directory.find(target.aor);
      const denied = decideInboundUser(
        configuration,
        {
          recipient: target.aor ?? target.domain,
          user,
          sender: from.aor,
          senderDomain: from.domain,
          network: trust.network,
          verification: trust.verification,
          // an unverified partner may answer whom our user has called or watches: to end the call, to notify
          isKnownSender: context.dialog?.toCaller ?? false,
          offersAudioVideo: mayBringAudioVideo(request),
          blockList: blockListScope(context),
          assertedSenders: user?.blockedSenders && assertedAddresses(request),
        },
        trace,
      );
      if (denied || !user) return refuse(denied ?? failure('USER_UNKNOWN', { user: target.domain }));
      const service = context.dialog ? undefined : serviceFor(userServices, request);
      if (service) return service.serve(userRequest(parts, context, user));
      const delivery = { request, transaction, border: 'Edge → client', from: { aor: from.aor, flow: '' } } as const;
      return deliver(parts, context.dialog ? { ...delivery, dialog: context.dialog } : delivery, user);
    },
  };
}

/** What a partner's user asks of a user of ours; what is told later goes back through the Edge that is in the path of the dialog. */
function userRequest(parts: TrunkParts, context: TrunkRequest, user: User): UserRequest {
  const { request, transaction, from } = context;
  const edge = readRecordRoute(request)[0]?.host ?? context.peerNames[0] ?? '';
  return {
    request,
    transaction,
    user,
    sender: { aor: from.aor, kind: 'federated' },
    via: { edge },
    refuse: (why, service) => parts.refused(context, why, service),
  };
}

/** How much the sender's organisation may learn from a refusal: reasons are for domains on the recipient's allowed list (D13). */
export function audienceOf(context: TrunkRequest): OutsidePeer {
  const listed = context.tenant ? findListEntry(context.tenant, context.from.domain) : undefined;
  return listed?.list === 'allowed' ? 'allowed-partner' : 'stranger';
}
