import type { Binding } from '../../model/binding.ts';
import type { Aor } from '../../model/names.ts';

const nobody: readonly Binding[] = [];

/**
 * The live bindings of this node's view, in memory (D22): by user, by flow, and by the second they expire in.
 * It knows no store and no clock: the registrar tells it what happened and when it is.
 */
export class BindingTable {
  /** The lists are never changed, only replaced: who goes through one sees no change under way. */
  readonly #byAor = new Map<Aor, readonly Binding[]>();
  readonly #byFlow = new Map<string, Set<Binding>>();
  readonly #bySecond = new Map<number, Set<Binding>>();
  #sweptSecond: number;
  #count = 0;

  constructor(nowMs: number) {
    this.#sweptSecond = Math.floor(nowMs / 1000);
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
    addTo(this.#bySecond, Math.ceil(binding.expiresAtMs / 1000), binding);
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
    const expired: Binding[] = [];
    const nowSecond = Math.floor(nowMs / 1000);
    // after a jump of the clock it is cheaper to look at every second that is there
    const seconds =
      nowSecond - this.#sweptSecond > this.#bySecond.size
        ? [...this.#bySecond.keys()].filter(second => second <= nowSecond)
        : Array.from({ length: Math.max(0, nowSecond - this.#sweptSecond) }, (_, i) => this.#sweptSecond + 1 + i);
    for (const second of seconds) expired.push(...(this.#bySecond.get(second) ?? nobody));
    for (const binding of expired) this.#drop(binding);
    this.#sweptSecond = nowSecond;
    return expired;
  }

  #drop(binding: Binding): void {
    const others = this.find(binding.aor).filter(other => other !== binding);
    if (others.length > 0) this.#byAor.set(binding.aor, others);
    else this.#byAor.delete(binding.aor);
    removeFrom(this.#byFlow, binding.flow, binding);
    removeFrom(this.#bySecond, Math.ceil(binding.expiresAtMs / 1000), binding);
    this.#count--;
  }
}

function addTo<K>(index: Map<K, Set<Binding>>, key: K, binding: Binding): void {
  const set = index.get(key);
  if (set) set.add(binding);
  else index.set(key, new Set([binding]));
}

function removeFrom<K>(index: Map<K, Set<Binding>>, key: K, binding: Binding): void {
  const set = index.get(key);
  set?.delete(binding);
  if (set?.size === 0) index.delete(key);
}
