import { latin1FromBytes, noBytes } from '../base/bytes.ts';
import type { ErrorCode } from '../base/errors/registry.ts';
import { type Failure, type FailureDetails, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Aor } from '../model/names.ts';
import type { Notifier } from '../services/events/notifier.ts';
import type { PresenceService } from '../services/presence/presence-service.ts';
import type { SipRequest } from '../sip/message.ts';
import { serverLimits } from '../sip/parse-limits.ts';
import { type OutgoingMessage, serialise } from '../sip/serialise.ts';
import { readWholeMessage } from '../sip/whole-message.ts';
import { homeSlot } from '../workers/flow-name.ts';
import { messageBytes } from '../workers/remote-flows.ts';
import { type CallContent, WorkerCalls } from '../workers/worker-calls.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';
import type { DecisionParts } from './decision-parts.ts';
import type { NotifyWay } from './notify-ports.ts';
import { RemoteWatches, type RemoteWatchParts } from './remote-watches.ts';
import type { UserRequest } from './services.ts';

/** What a worker asks of the home of a user, beside the request itself. */
type HomeQuestion =
  | { readonly kind: 'publish'; readonly aor: Aor; readonly flow: string }
  | {
      readonly kind: 'subscribe';
      readonly aor: Aor;
      readonly via: NotifyWay;
      readonly subscriber: UserRequest['sender'];
    };

/** A PUBLISH of a user's own presence. */
interface PermittedPublish extends Pick<UserRequest, 'request' | 'transaction' | 'user'> {
  /** The flow that it came over, to which the publication is tied. */
  readonly flow: string;
  refuse(why: Failure): void;
}

/** A refusal on its way between workers: made anew from the registry. */
interface HomeRefusal {
  readonly code: ErrorCode;
  readonly details: FailureDetails;
}

/** What requests that other workers hand over are served with. */
export interface PresenceHomeParts extends RemoteWatchParts, Pick<DecisionParts, 'directory'> {
  readonly presence: PresenceService;
  readonly events: Notifier;
}

/**
 * Each user's presence is kept by one worker. What others get of PUBLISH and SUBSCRIBE they have judged and hand over to it; its NOTIFY requests
 * come back over the flows of their clients.
 */
export class PresenceHomes {
  readonly #mesh: WorkerMesh;
  readonly #parts: PresenceHomeParts;
  readonly #calls: WorkerCalls;
  readonly #watches: RemoteWatches;

  constructor(mesh: WorkerMesh, parts: PresenceHomeParts) {
    this.#mesh = mesh;
    this.#parts = parts;
    this.#calls = new WorkerCalls(mesh, content => this.#answer(content));
    this.#watches = new RemoteWatches(mesh, parts);
  }

  /** Hands a PUBLISH over; false where this worker is the user's home. */
  publish({ request, transaction, user, flow, refuse }: PermittedPublish): boolean {
    const slot = this.#slotOf(user.aor);
    if (slot === undefined) return false;
    this.#ask(slot, { kind: 'publish', aor: user.aor, flow }, request, answer => {
      if (answer.ok) transaction.respond(answer.value);
      else refuse(answer.error);
    });
    return true;
  }

  /** Hands a SUBSCRIBE over; false where this worker is the home of the user whom it is about. */
  subscribe(asked: UserRequest): boolean {
    const { request, transaction, user, via, sender } = asked;
    const slot = this.#slotOf(user.aor);
    if (slot === undefined) return false;
    this.#ask(slot, { kind: 'subscribe', aor: user.aor, via, subscriber: sender }, request, answer => {
      if (!answer.ok) return asked.refuse(answer.error, 'notifier');
      this.#watches.note(slot, asked, answer.value);
      transaction.respond(answer.value);
    });
    return true;
  }

  /** The home of a user, if it is another worker. */
  #slotOf(aor: Aor): number | undefined {
    const { slot, workers } = this.#mesh.place;
    const home = homeSlot(aor, workers);
    return home === slot ? undefined : home;
  }

  #ask(slot: number, question: HomeQuestion, request: SipRequest, answered: (answer: Result<OutgoingMessage>) => void): void {
    this.#calls.ask(slot, { value: question, bytes: messageBytes(request) }, answer => {
      const refusal = answer?.value as HomeRefusal | null | undefined;
      if (answer === undefined) answered(err(failure('WORKER_AWAY', { user: question.aor })));
      else if (refusal) answered(err(failure(refusal.code, refusal.details)));
      else answered(ok({ head: latin1FromBytes(answer.bytes), body: noBytes }));
    });
  }

  #answer({ value, bytes }: CallContent): CallContent {
    const answer = this.#serve(value as HomeQuestion, bytes);
    if (answer.ok) return { value: null, bytes: serialise(answer.value) };
    const { code, details } = answer.error;
    return { value: { code, details } satisfies HomeRefusal, bytes: noBytes };
  }

  #serve(question: HomeQuestion, bytes: Uint8Array): Result<OutgoingMessage> {
    const { presence, events, directory } = this.#parts;
    const framed = readWholeMessage(bytes, serverLimits);
    const user = directory.find(question.aor);
    const isRequest = framed.kind === 'message' && framed.message.kind === 'request';
    if (!isRequest || !user) return err(failure('USER_UNKNOWN', { user: question.aor }));
    const request = framed.message as SipRequest;
    if (question.kind === 'publish') return presence.publish(request, user, question.flow);
    const via = this.#parts.notifyPorts.find(question.via);
    if (!via) return err(failure('WORKER_AWAY', { user: question.aor }));
    return events.subscribe({ request, user, subscriber: question.subscriber, via });
  }
}
