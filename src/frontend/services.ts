import type { Failure } from '../base/failure.ts';
import type { Flow } from '../flow/flow.ts';
import type { User } from '../model/user.ts';
import { proceed, type Step, type StepOutcome } from '../routing/step.ts';
import type { Subscriber } from '../services/events/subscriber.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { NotifyWay } from './notify-ports.ts';

/** Something the Front End does itself instead of passing a request on: which requests are for it, and what it does with them. */
export interface Service<C> {
  /** For the log. */
  readonly name: string;
  claims(request: SipRequest): boolean;
  serve(context: C): StepOutcome;
}

/** A request about a user of ours that policy lets through. */
export interface UserRequest {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction<Flow>;
  /** Whom it is about. */
  readonly user: User;
  readonly sender: Subscriber;
  /** The way back to the sender. */
  readonly via: NotifyWay;
  /** Refuses it after all: for a reason that is found out later. `service` is for the log. */
  refuse(why: Failure, service: string): void;
}

/** The service that a request is for; undefined where it is to be passed on. */
export function serviceFor<C>(services: readonly Service<C>[], request: SipRequest): Service<C> | undefined {
  for (const service of services) if (service.claims(request)) return service;
  return undefined;
}

/** A step that serves the requests of one service. */
export function serviceStep<C extends { readonly request: SipRequest }>(service: Service<C>): Step<C> {
  return {
    name: service.name,
    run: context => (service.claims(context.request) ? service.serve(context) : proceed),
  };
}
