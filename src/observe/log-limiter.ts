import type { Clock } from '../base/clock.ts';

/** How many lines are written in a minute. */
export interface LogLimits {
  /** Of one kind because of one source. */
  readonly perSource: number;
  /** Of one kind. */
  readonly perKind: number;
  /** Of all kinds; faults of ours are not counted among them. */
  readonly inAll: number;
}

const standardLimits: LogLimits = { perSource: 20, perKind: 60, inAll: 300 };
const minuteMs = 60_000;
/** Kinds come from the program and sources from outside: both are bounded, and what is beyond shares one place. */
const maxKinds = 500;
const maxSources = 200;

interface KindCount {
  written: number;
  leftOut: number;
  readonly sources: Map<string, number>;
}

/**
 * Decides which lines are written: a stranger must neither fill the disk nor hide what others cause. What is left out is counted for each kind,
 * and told when the minute is over.
 */
export class LogLimiter {
  readonly #clock: Clock;
  readonly #tell: (kind: string, count: number) => void;
  readonly #limits: LogLimits;
  readonly #kinds = new Map<string, KindCount>();
  #inAll = 0;
  #startMs = Number.NEGATIVE_INFINITY;
  #isTimed = false;

  /** `tell` is given how many lines of a kind were left out. */
  constructor(clock: Clock, tell: (kind: string, count: number) => void, limits: LogLimits = standardLimits) {
    this.#clock = clock;
    this.#tell = tell;
    this.#limits = limits;
  }

  /** Whether a line may be written; `source`: who caused it, empty where nobody is to blame. `always`: whatever else is written. */
  allows(kind: string, source: string, always = false): boolean {
    if (this.#clock.monotonic() - this.#startMs >= minuteMs) this.#begin();
    const count = placeIn(this.#kinds, kind, maxKinds, newCount);
    const { perSource, perKind, inAll } = this.#limits;
    const isFull = count.written >= perKind || (!always && this.#inAll >= inAll);
    if (isFull || (source !== '' && !this.#ofSource(count.sources, source, perSource))) {
      count.leftOut++;
      this.#tellLater();
      return false;
    }
    count.written++;
    if (!always) this.#inAll++;
    return true;
  }

  #ofSource(sources: Map<string, number>, source: string, limit: number): boolean {
    const name = sources.size < maxSources || sources.has(source) ? source : others;
    const before = sources.get(name) ?? 0;
    sources.set(name, before + 1);
    return before < limit;
  }

  #begin(): void {
    const before = [...this.#kinds];
    this.#kinds.clear();
    this.#inAll = 0;
    this.#startMs = this.#clock.monotonic();
    for (const [kind, { leftOut }] of before) if (leftOut > 0) this.#tell(kind, leftOut);
  }

  /** A flood that stops is told of as well. */
  #tellLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#clock.after(Math.max(0, this.#startMs + minuteMs - this.#clock.monotonic()), () => {
      this.#isTimed = false;
      if ([...this.#kinds.values()].some(({ leftOut }) => leftOut > 0)) this.#begin();
    });
  }
}

const others = 'others';

function newCount(): KindCount {
  return { written: 0, leftOut: 0, sources: new Map() };
}

function placeIn<T>(map: Map<string, T>, key: string, max: number, create: () => T): T {
  const name = map.size < max || map.has(key) ? key : others;
  let place = map.get(name);
  if (place === undefined) map.set(name, (place = create()));
  return place;
}
