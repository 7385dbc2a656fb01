import type { Failure } from '../base/failure.ts';
import type { PipelineOwner } from '../routing/pipeline.ts';
import { answered, proceed, refuse, type Step, type StepOutcome } from '../routing/step.ts';
import type { PresenceService } from '../services/presence/presence-service.ts';
import type { ClientRequest } from './client-request.ts';
import type { NotifyPorts } from './notify-ports.ts';
import type { PermittedSubscribe } from './permitted-request.ts';
import type { PresenceHomes } from './presence-homes.ts';

/** What presence is served with. */
export interface PresenceParts {
  readonly presence: PresenceService;
  readonly notifyPorts: NotifyPorts;
  /** Where the presence of users is kept whose home is another worker; absent where there is one worker only. */
  readonly homes?: PresenceHomes | undefined;
}

/** Serves PUBLISH (rfc3903): of one's own presence, tied to the flow it comes over. `refused` refuses what another worker says no to. */
export function publishStep(parts: PresenceParts, refused: PipelineOwner<ClientRequest>['refused']): Step<ClientRequest> {
  return {
    name: 'publish',
    run(context) {
      const { request, transaction, sender, session } = context;
      if (request.method !== 'PUBLISH') return proceed;
      const flow = session.flow.id;
      const refuseLater = (why: Failure) => refused(context, why, 'publish');
      if (parts.homes?.publish({ request, transaction, user: sender, flow, refuse: refuseLater })) return answered;
      const published = parts.presence.publish(request, sender, flow);
      if (!published.ok) return refuse(published.error);
      transaction.respond(published.value);
      return answered;
    },
  };
}

/** Serves SUBSCRIBE for the presence of a user of ours (rfc3856, rfc6665); we are the notifier, endpoints are not asked. */
export function subscribeTo(parts: PresenceParts, permitted: PermittedSubscribe): StepOutcome {
  if (parts.homes?.subscribe(permitted)) return answered;
  const { request, transaction, presentity, subscriber } = permitted;
  const via = parts.notifyPorts.find(permitted.via);
  // whoever is gone already needs no answer
  if (!via) return answered;
  const subscribed = parts.presence.subscribe({ request, presentity, subscriber, via });
  if (!subscribed.ok) return refuse(subscribed.error);
  transaction.respond(subscribed.value);
  return answered;
}
