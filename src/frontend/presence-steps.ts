import type { Failure } from '../base/failure.ts';
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
    run(context) {
      const { request, transaction, sender, session } = context;
      if (request.method !== 'PUBLISH') return proceed;
      if (parts.homes?.publish(context)) return answered;
      const published = parts.presence.publish(request, sender, session.flow.id);
      if (!published.ok) return refuse(published.error);
      transaction.respond(published.value);
      return answered;
    },
  };
}

/** The way back to a watcher: a client's flow, or the Edge computer of that name. */
export type NotifyWay = { readonly flow: string } | { readonly edge: string };

/** A SUBSCRIBE that policy lets through to a user of ours. */
export interface PermittedSubscribe {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction<Connection>;
  readonly presentity: User;
  readonly via: NotifyWay;
  readonly subscriber: {
    readonly aor: Aor;
    readonly kind: 'inside' | 'federated';
    readonly tenant?: TenantId;
    readonly displayName?: string;
  };
  /** Refuses it after all: for a reason that is found out later. */
  refuse(why: Failure): void;
}

/** Serves SUBSCRIBE for the presence of a user of ours (rfc3856, rfc6665); we are the notifier, endpoints are not asked. */
export function subscribeTo(parts: FrontEndParts, permitted: PermittedSubscribe): StepOutcome {
  if (parts.homes?.subscribe(permitted)) return answered;
  const { request, transaction, presentity, subscriber } = permitted;
  const via = portOf(parts, permitted.via);
  // whoever is gone already needs no answer
  if (!via) return answered;
  const subscribed = parts.presence.subscribe({ request, presentity, subscriber, via });
  if (!subscribed.ok) return refuse(subscribed.error);
  transaction.respond(subscribed.value);
  return answered;
}

/** The way to a watcher as the notifier uses it; undefined where the flow is no more. */
export function portOf({ notifyPorts, sessions }: FrontEndParts, way: NotifyWay): NotifyPort | undefined {
  if ('edge' in way) return notifyPorts.ofEdge(way.edge);
  const session = sessions.find(way.flow);
  return session && notifyPorts.ofClient(session);
}
