import type { Failure } from '../base/failure.ts';
import type { PipelineOwner } from '../routing/pipeline.ts';
import { answered, refuse } from '../routing/step.ts';
import type { Notifier } from '../services/events/notifier.ts';
import type { PresenceService } from '../services/presence/presence-service.ts';
import type { ClientRequest } from './client-request.ts';
import type { NotifyPorts } from './notify-ports.ts';
import type { PresenceHomes } from './presence-homes.ts';
import type { Service, UserRequest } from './services.ts';

/** What events are served with. */
export interface EventParts {
  readonly events: Notifier;
  readonly presence: PresenceService;
  readonly notifyPorts: NotifyPorts;
  /** Where the presence of users is kept whose home is another worker; absent where there is one worker only. */
  readonly homes?: PresenceHomes | undefined;
}

/** Serves PUBLISH (rfc3903): of one's own presence, tied to the flow it comes over. `refused` refuses what another worker says no to. */
export function publisherService(parts: EventParts, refused: PipelineOwner<ClientRequest>['refused']): Service<ClientRequest> {
  return {
    name: 'publish',
    claims: ({ method }) => method === 'PUBLISH',
    serve(context) {
      const { request, transaction, sender: user } = context;
      const flow = context.flow.id;
      const refuseLater = (why: Failure) => refused(context, why, 'publish');
      if (parts.homes?.publish({ request, transaction, user, flow, refuse: refuseLater })) return answered;
      const published = parts.presence.publish(request, user, flow);
      if (!published.ok) return refuse(published.error);
      transaction.respond(published.value);
      return answered;
    },
  };
}

/** Serves SUBSCRIBE to a user of ours (rfc6665): we are the notifier, endpoints are not asked. */
export function notifierService(parts: EventParts): Service<UserRequest> {
  return {
    name: 'notifier',
    claims: ({ method }) => method === 'SUBSCRIBE',
    serve(asked) {
      if (parts.homes?.subscribe(asked)) return answered;
      const { request, transaction, user, sender } = asked;
      const via = parts.notifyPorts.find(asked.via);
      // whoever is gone already needs no answer
      if (!via) return answered;
      const subscribed = parts.events.subscribe({ request, user, subscriber: sender, via });
      if (!subscribed.ok) return refuse(subscribed.error);
      transaction.respond(subscribed.value);
      return answered;
    },
  };
}
