/** How much of a limited whole one owner may hold. */
export interface Portion {
  /** Never more than this. */
  readonly most: number;
  /** Once three quarters of the whole are taken, not more than this: the last quarter is kept for owners who hold little. */
  readonly few: number;
}

/** Why somebody got nothing: the owner's own share is used up, or the whole is. */
export type LimitRefusal = 'share' | 'whole';

const openPart = 0.75;

/**
 * A whole that many share: places, bytes, connections. Each owner (an account, a partner, an address) holds a part that is less than the
 * whole, so one of them never takes what belongs to all. It counts in whatever unit the holder names.
 */
export class SharedLimit {
  /** For metrics, in lower case with underscores. */
  readonly name: string;
  /** How much there is in all. */
  readonly size: number;
  /** Refusals since the start. */
  readonly refused: Record<LimitRefusal, number> = { share: 0, whole: 0 };
  readonly #open: number;
  #taken = 0;

  constructor(name: string, size: number) {
    this.name = name;
    this.size = size;
    this.#open = Math.floor(size * openPart);
  }

  /** What is taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** The share of one more owner; it costs nothing until something is taken. */
  share(portion: Portion): Share {
    return new Share(this, portion);
  }

  /** @internal Takes for a share that holds `held` already. */
  admit(amount: number, held: number, { most, few }: Portion): boolean {
    const after = held + amount;
    const taken = this.#taken + amount;
    if (after <= most && (taken <= this.#open || (after <= few && taken <= this.size))) {
      this.#taken = taken;
      return true;
    }
    this.refused[taken > this.size ? 'whole' : 'share']++;
    return false;
  }

  /** @internal Takes back. */
  free(amount: number): void {
    this.#taken -= amount;
  }
}

/** One owner's part of a limited whole: looked up once, then asked without a name. */
export class Share {
  /** Set when its owner was forgotten for holding nothing: whoever still has it looks its owner up again. */
  isRetired = false;
  readonly #whole: SharedLimit;
  readonly #portion: Portion;
  #held = 0;

  /** @internal Made by `SharedLimit.share`. */
  constructor(whole: SharedLimit, portion: Portion) {
    this.#whole = whole;
    this.#portion = portion;
  }

  /** What its owner holds now. */
  get held(): number {
    return this.#held;
  }

  /** True while its owner holds nothing. */
  get isIdle(): boolean {
    return this.#held === 0;
  }

  /** Takes, if the share and the whole have that much left. Only for holders that are sure to `leave` once; others `take`. */
  enter(amount = 1): boolean {
    if (!this.#whole.admit(amount, this.#held, this.#portion)) return false;
    this.#held += amount;
    return true;
  }

  /** Gives back what was taken by `enter`. */
  leave(amount = 1): void {
    this.#held -= amount;
    this.#whole.free(amount);
  }

  /** Takes a place that is given back once, however often it is said; undefined where there is none left. */
  take(amount = 1): Place | undefined {
    return this.enter(amount) ? new Place(this, amount) : undefined;
  }
}

/** What somebody holds of a share: an object, so that nothing can be given back twice or by somebody else. */
export class Place {
  readonly #share: Share;
  #amount: number;

  /** @internal Made by `Share.take`. */
  constructor(share: Share, amount: number) {
    this.#share = share;
    this.#amount = amount;
  }

  /** Gives it back; later calls do nothing. */
  giveBack(): void {
    if (this.#amount === 0) return;
    this.#share.leave(this.#amount);
    this.#amount = 0;
  }
}
