import { SecondIndex } from '../../base/second-index.ts';
import { addTo, removeFrom } from '../../base/set-index.ts';
import type { Binding } from '../../model/binding.ts';
import type { Aor } from '../../model/names.ts';

const nobody: readonly Binding[] = [];

/**
 * The live bindings of this node's view, in memory (D22): by user, by flow, and by the second they expire in.
 * It knows no store and no clock: the registrar tells it what happened and when it is.
 */
export class LiveBindings {
  /** The lists are never changed, only replaced: who goes through one sees no change under way. */
  readonly #byAor = new Map<Aor, readonly Binding[]>();
  readonly #byFlow = new Map<string, Set<Binding>>();
  readonly #bySecond: SecondIndex<Binding>;
  #count = 0;

  constructor(nowMs: number) {
    this.#bySecond = new SecondIndex(nowMs);
  }

  /** How many bindings there are. */
  get count(): number {
    return this.#count;
  }

  /** The endpoints of a user, in no particular order. */
  find(aor: Aor): readonly Binding[] {
    return this.#byAor.get(aor) ?? nobody;
  }

  /** One endpoint of a user. */
  get(aor: Aor, instance: string): Binding | undefined {
    return this.#byAor.get(aor)?.find(binding => binding.instance === instance);
  }

  /** Adds a binding, replacing the one of the same user and instance, which is returned. */
  put(binding: Binding): Binding | undefined {
    const before = this.get(binding.aor, binding.instance);
    if (before) this.#drop(before);
    this.#byAor.set(binding.aor, [...this.find(binding.aor), binding]);
    addTo(this.#byFlow, binding.flow, binding);
    this.#bySecond.add(Math.ceil(binding.expiresAtMs / 1000), binding);
    this.#count++;
    return before;
  }

  /** Removes exactly this binding; false when a newer one has taken its place. */
  remove(binding: Binding): boolean {
    if (this.get(binding.aor, binding.instance) !== binding) return false;
    this.#drop(binding);
    return true;
  }

  /** Removes and returns everything that a closed flow carried. */
  removeFlow(flow: string): readonly Binding[] {
    const bindings = this.onFlow(flow);
    for (const binding of bindings) this.#drop(binding);
    return bindings;
  }

  /** The flows that carry bindings. */
  get flows(): readonly string[] {
    return [...this.#byFlow.keys()];
  }

  /** The bindings of one flow. */
  onFlow(flow: string): readonly Binding[] {
    return [...(this.#byFlow.get(flow) ?? nobody)];
  }

  /** Removes and returns everything that has expired by `nowMs`. Cheap: it looks at the seconds since the last sweep only. */
  sweep(nowMs: number): readonly Binding[] {
    const expired = this.#bySecond.sweep(nowMs);
    for (const binding of expired) this.#drop(binding);
    return expired;
  }

  #drop(binding: Binding): void {
    const others = this.find(binding.aor).filter(other => other !== binding);
    if (others.length > 0) this.#byAor.set(binding.aor, others);
    else this.#byAor.delete(binding.aor);
    removeFrom(this.#byFlow, binding.flow, binding);
    this.#bySecond.remove(Math.ceil(binding.expiresAtMs / 1000), binding);
    this.#count--;
  }
}
