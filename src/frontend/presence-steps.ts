import type { Aor, TenantId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { answered, proceed, refuse, type Step, type StepOutcome } from '../routing/step.ts';
import type { NotifyPort } from '../services/presence/notify-port.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import type { ClientRequest } from './client-request.ts';
import type { FrontEndParts } from './front-end-parts.ts';

/** Serves PUBLISH (rfc3903): of one's own presence, tied to the flow it comes over. */
export function publishStep(parts: FrontEndParts): Step<ClientRequest> {
  return {
    name: 'publish',
    run({ request, transaction, sender, session }) {
      if (request.method !== 'PUBLISH') return proceed;
      const published = parts.presence.publish(request, sender, session.flow.id);
      if (!published.ok) return refuse(published.error);
      transaction.respond(published.value);
      return answered;
    },
  };
}

/** A SUBSCRIBE that policy lets through to a user of ours. */
export interface PermittedSubscribe {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction<Connection>;
  readonly presentity: User;
  readonly via: NotifyPort;
  readonly subscriber: {
    readonly aor: Aor;
    readonly kind: 'inside' | 'federated';
    readonly tenant?: TenantId;
    readonly displayName?: string;
  };
}

/** Serves SUBSCRIBE for the presence of a user of ours (rfc3856, rfc6665); we are the notifier, endpoints are not asked. */
export function subscribeTo(parts: FrontEndParts, { request, transaction, ...rest }: PermittedSubscribe): StepOutcome {
  const subscribed = parts.presence.subscribe({ request, ...rest });
  if (!subscribed.ok) return refuse(subscribed.error);
  transaction.respond(subscribed.value);
  return answered;
}
