import { detach } from './detach.ts';

/** What is kept for an owner. */
export interface Owned {
  /** It holds nothing. */
  readonly isIdle: boolean;
  /** Set when it is forgotten; whoever kept it asks for it anew. */
  isRetired: boolean;
}

/** Idle ones are looked for when there are this many, and then whenever the number has doubled. */
const firstSweep = 1024;

/** Owners of something by name, made when first asked for. Those who hold nothing are forgotten in time, so names cost nobody memory. */
export class Owners<T extends Owned> {
  readonly #make: (name: string) => T;
  readonly #byName = new Map<string, T>();
  #sweepAt = firstSweep;

  constructor(make: (name: string) => T) {
    this.#make = make;
  }

  /** How many are known. */
  get size(): number {
    return this.#byName.size;
  }

  /** The owner of a name. */
  of(name: string): T {
    const known = this.#byName.get(name);
    if (known) return known;
    if (this.#byName.size >= this.#sweepAt) this.#sweep();
    const ownName = detach(name);
    const made = this.#make(ownName);
    this.#byName.set(ownName, made);
    return made;
  }

  #sweep(): void {
    for (const [name, owned] of this.#byName) {
      if (!owned.isIdle) continue;
      owned.isRetired = true;
      this.#byName.delete(name);
    }
    this.#sweepAt = Math.max(firstSweep, this.#byName.size * 2);
  }
}

/** Owners of things that are objects already: who asks with the object of before has its owner without a name. */
export class OwnersOf<K extends object, T extends Owned> {
  readonly #owners: Owners<T>;
  readonly #nameOf: (thing: K) => string;
  readonly #known = new WeakMap<K, T>();

  constructor(owners: Owners<T>, nameOf: (thing: K) => string) {
    this.#owners = owners;
    this.#nameOf = nameOf;
  }

  /** The owner of a thing. */
  of(thing: K): T {
    const known = this.#known.get(thing);
    if (known && !known.isRetired) return known;
    const owner = this.#owners.of(this.#nameOf(thing));
    this.#known.set(thing, owner);
    return owner;
  }
}
