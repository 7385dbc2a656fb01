import type { Clock } from '../base/clock.ts';
import type { Binding } from '../model/binding.ts';
import type { Registrar, UnbindCause } from '../services/registrar/registrar.ts';
import { readFlowName } from '../workers/flow-name.ts';
import { frameKinds, jsonPayload, readJsonPayload } from '../workers/frame.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';

/** A binding as other workers are told: their idea of the time may be another, so what is left of its life is said and not its end. */
interface SharedBinding {
  readonly binding: Binding;
  readonly leftMs: number;
}

interface Barrier {
  readonly missing: Set<number>;
  readonly known: () => void;
  readonly sinceMs: number;
}

/** A worker that takes longer than this is stuck: it is not waited for. */
const patienceMs = 1_000;

/**
 * Keeps the bindings of all workers in the registrar of each: what one holds it tells the others at once, and all of it to one that has just
 * come. What a worker held that is gone is dropped.
 */
export class BindingShare {
  readonly #mesh: WorkerMesh;
  readonly #clock: Clock;
  readonly #registrar: () => Registrar;
  /** Who has still to say that it has heard, by barrier. */
  readonly #barriers = new Map<string, Barrier>();
  #nextBarrier = 0;

  /** `registrar` is asked for when the first word comes: it reports to us, so it is made after us. */
  constructor(mesh: WorkerMesh, clock: Clock, registrar: () => Registrar) {
    this.#mesh = mesh;
    this.#clock = clock;
    this.#registrar = registrar;
    mesh.onFrame(frameKinds.bound, (_slot, _key, payload) => this.#learn(payload));
    mesh.onFrame(frameKinds.unbound, (_slot, flow, payload) => {
      const [aor, instance] = readJsonPayload<[Binding['aor'], string]>(payload);
      this.#registrar().unlearn({ aor, instance, flow });
    });
    mesh.onUp(slot => {
      for (const binding of this.#registrar().own) this.#mesh.send(slot, frameKinds.bound, '', this.#encode(binding));
    });
    mesh.onFrame(frameKinds.barrier, (slot, key) => void mesh.send(slot, frameKinds.reached, key));
    mesh.onFrame(frameKinds.reached, (slot, key) => this.#reached(slot, key));
    mesh.onDown(slot => {
      this.#registrar().nodeLost(flow => readFlowName(flow)?.slot === slot);
      for (const key of [...this.#barriers.keys()]) this.#reached(slot, key);
    });
    clock.every(patienceMs, () => this.#giveUp());
  }

  /**
   * Calls `known` when all workers know of the bindings that were told so far: who is told to be signed in is reached from then on, and who is
   * told to be signed out is not.
   */
  whenKnown(known: () => void): void {
    const missing = new Set(this.#mesh.others.filter(slot => this.#mesh.isUp(slot)));
    if (missing.size === 0) return known();
    const key = String(this.#nextBarrier++);
    this.#barriers.set(key, { missing, known, sinceMs: this.#clock.monotonic() });
    this.#mesh.sendToAll(frameKinds.barrier, key);
  }

  /** A binding of ours is new or renewed. */
  bound(binding: Binding): void {
    if (this.#registrar().isOwn(binding)) this.#mesh.sendToAll(frameKinds.bound, '', this.#encode(binding));
  }

  /** A binding is no more: the others learn it from its own node, or from the one where its user took it away. */
  unbound(binding: Binding, cause: UnbindCause): void {
    if (cause !== 'removed' && !this.#registrar().isOwn(binding)) return;
    this.#mesh.sendToAll(frameKinds.unbound, binding.flow, jsonPayload([binding.aor, binding.instance]));
  }

  #reached(slot: number, key: string): void {
    const barrier = this.#barriers.get(key);
    if (!barrier?.missing.delete(slot) || barrier.missing.size > 0) return;
    this.#barriers.delete(key);
    barrier.known();
  }

  #giveUp(): void {
    const before = this.#clock.monotonic() - patienceMs;
    for (const [key, { sinceMs, known }] of [...this.#barriers]) {
      // they are in the order of their time
      if (sinceMs > before) return;
      this.#barriers.delete(key);
      known();
    }
  }

  #encode(binding: Binding): Uint8Array {
    const shared: SharedBinding = { binding, leftMs: binding.expiresAtMs - this.#registrar().nowMs };
    return jsonPayload(shared);
  }

  #learn(payload: Uint8Array): void {
    const { binding, leftMs } = readJsonPayload<SharedBinding>(payload);
    this.#registrar().learn({ ...binding, expiresAtMs: this.#registrar().nowMs + leftMs });
  }
}
