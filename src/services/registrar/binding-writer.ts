import type { Clock, Timer } from '../../base/clock.ts';
import type { Failure } from '../../base/failure.ts';
import type { Binding } from '../../model/binding.ts';
import type { BindingKey, BindingStore } from '../../store/store.ts';

/** Bindings wait this long for others to be written with. */
const batchMs = 100;
/** After a failure the same batch is tried again, later each time. */
const longestRetryMs = 30_000;

/**
 * Writes what happens to bindings behind the registrar's back: batched, and not awaited by any REGISTER (D22). Only the last
 * state of an endpoint is written; while the store is away the changes wait here, one per endpoint.
 */
export class BindingWriter {
  readonly #store: BindingStore;
  readonly #clock: Clock;
  readonly #failed: (failure: Failure) => void;
  #upserts = new Map<string, Binding>();
  #removals = new Map<string, BindingKey>();
  /** The flow of each endpoint that the store may have a row of. */
  readonly #stored = new Map<string, string>();
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #retryMs = 0;
  #isEnded = false;

  /** `failed` is told of each batch that could not be written (it is kept and tried again). */
  constructor(store: BindingStore, clock: Clock, failed: (failure: Failure) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Queues a new or renewed binding. */
  bound(binding: Binding): void {
    if (this.#isEnded) return;
    this.#upserts.set(keyOf(binding), binding);
    this.#schedule();
  }

  /** Queues the removal of a binding. One that has come and gone while it waited needs none, but that of its flow which it renewed may be there. */
  unbound(binding: Binding): void {
    if (this.#isEnded) return;
    const key = keyOf(binding);
    if (this.#upserts.get(key) === binding) {
      this.#upserts.delete(key);
      if (this.#stored.get(key) !== binding.flow) return;
    }
    this.#removals.set(`${key} ${binding.flow}`, binding);
    this.#schedule();
  }

  /** Writes what waits and nothing more: who is signed in when the server stops is expected back by the next start. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.flush();
  }

  /** Writes everything that waits, for the end of the process. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  #schedule(): void {
    if (this.#timer || this.#writing) return;
    this.#timer = this.#clock.after(Math.max(batchMs, this.#retryMs), () => {
      this.#timer = undefined;
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        if (this.#upserts.size + this.#removals.size > 0) this.#schedule();
      });
    });
  }

  async #write(): Promise<void> {
    if (this.#upserts.size + this.#removals.size === 0) return;
    const upserts = this.#upserts;
    const removals = this.#removals;
    this.#upserts = new Map();
    this.#removals = new Map();
    for (const { aor, instance, flow } of removals.values()) {
      const key = keyOf({ aor, instance });
      if (this.#stored.get(key) === flow) this.#stored.delete(key);
    }
    // before it is known how it ends: a write that failed may have been done
    for (const [key, { flow }] of upserts) this.#stored.set(key, flow);
    const written = await this.#store.writeBindings([...upserts.values()], [...removals.values()]);
    if (written.ok) {
      this.#retryMs = 0;
      return;
    }
    this.#retryMs = Math.min(longestRetryMs, Math.max(1000, this.#retryMs * 2));
    this.#upserts = new Map([...upserts, ...this.#upserts]);
    this.#removals = new Map([...removals, ...this.#removals]);
    this.#failed(written.error);
  }
}

function keyOf(binding: Pick<Binding, 'aor' | 'instance'>): string {
  return `${binding.aor} ${binding.instance}`;
}
