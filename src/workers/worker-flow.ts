import type { Clock } from '../base/clock.ts';
import { ClientProofs } from '../flow/client-proofs.ts';
import type { Flow } from '../flow/flow.ts';
import type { SentBy } from '../flow/sent-by.ts';
import { type OutgoingMessage, serialise } from '../sip/serialise.ts';
import { trunkConnectionLimits } from '../wire/connection.ts';
import { frameKinds } from './frame.ts';
import type { WorkerMesh } from './worker-mesh.ts';

/**
 * The flow of a client that another worker holds: what is sent arrives there unread and is written to the client. Who the client is has been
 * proven to that worker.
 */
export class WorkerFlow implements Flow {
  readonly kind = 'client of another process';
  readonly id: string;
  /** The worker that holds it. */
  readonly slot: number;
  readonly reliable = true;
  readonly side: SentBy;
  readonly remoteAddress: string;
  readonly peer = undefined;
  readonly proofs: ClientProofs;
  /** Signed where the keys are: by its holder. */
  readonly security = undefined;
  readonly #mesh: WorkerMesh;
  readonly #onEnd: () => void;
  #closing = false;

  /** `onEnd` is called, later, after `end`. */
  constructor(mesh: WorkerMesh, slot: number, id: string, side: SentBy, clock: Clock, onEnd: () => void) {
    this.#mesh = mesh;
    this.slot = slot;
    this.id = id;
    this.side = side;
    this.remoteAddress = `worker ${slot}`;
    this.proofs = new ClientProofs(clock);
    this.#onEnd = onEnd;
  }

  get closing(): boolean {
    return this.#closing;
  }

  send(message: OutgoingMessage): boolean {
    if (this.#closing || this.#mesh.queuedBytes(this.slot) > trunkConnectionLimits.maxQueuedBytes) return false;
    this.#mesh.sendSoon(this.slot, frameKinds.toFlow, this.id, serialise(message));
    return true;
  }

  markAuthenticated(): boolean {
    return true;
  }

  markProven(): void {}

  end(): void {
    this.#closing = true;
    process.nextTick(this.#onEnd);
  }

  /** Nothing can be sent any more. */
  markEnded(): void {
    this.#closing = true;
  }
}
