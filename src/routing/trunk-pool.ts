import type { Clock } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { hashText } from '../base/hash-text.ts';
import { err, ok, type Result } from '../base/result.ts';
import { addTo, removeFrom } from '../base/set-index.ts';

/** A server to reach over a trunk: its certificate has to hold `host`. */
export interface TrunkTarget {
  readonly host: string;
  readonly port: number;
}

/** What a pool asks of a connection. */
export interface TrunkConnection {
  /** Nothing can be sent on it any more. */
  readonly closing: boolean;
}

/** Opens one connection to a target and verifies who answers. */
export type OpenTrunk<C> = (target: TrunkTarget) => Promise<Result<C>>;

/** The same as an opener of flows: each is the one of the connection that was opened. */
export function openFlow<C, F>(open: OpenTrunk<C>, flowOf: (connection: C) => F): OpenTrunk<F> {
  return async target => {
    const opened = await open(target);
    return opened.ok ? ok(flowOf(opened.value)) : opened;
  };
}

interface Slot<C> {
  connection: C | undefined;
  opening: Promise<Result<C>> | undefined;
  failed: Failure | undefined;
  retryAtMs: number;
  failures: number;
}

/** After a failure the next attempt waits 1, 2, 4 … 30 seconds; a success, or a sign of life from the peer, ends the pause. */
const firstRetryMs = 1000;
const longestRetryMs = 30_000;
const maxTargets = 10_000;

/**
 * The outgoing connections of one local identity: per target a small bundle, opened when first needed. All messages of one Call-ID
 * take the same connection of a bundle, so they keep their order (D11). Requests go only on connections we opened (D30).
 */
export class TrunkPool<C extends TrunkConnection> {
  readonly #clock: Clock;
  readonly #open: OpenTrunk<C>;
  readonly #bundleSize: () => number;
  readonly #bundles = new Map<string, Slot<C>[]>();
  /** The same by target: whoever asks with the object of before has it found without its name. */
  #bundleOf = new WeakMap<TrunkTarget, Slot<C>[]>();
  readonly #slotOf = new Map<C, Slot<C>>();
  /** Those in a pause, by host: nearly always none. */
  readonly #paused = new Map<string, Set<Slot<C>>>();

  /** `bundleSize`: connections per target, read at every use. */
  constructor(clock: Clock, open: OpenTrunk<C>, bundleSize: () => number) {
    this.#clock = clock;
    this.#open = open;
    this.#bundleSize = bundleSize;
  }

  /** Open connections. */
  get connections(): Iterable<C> {
    return this.#slotOf.keys();
  }

  /** How many connections are open. */
  get count(): number {
    return this.#slotOf.size;
  }

  /** The open connection for this call to the first target that has one; undefined = `open` first. */
  find(targets: readonly TrunkTarget[], callId: string): C | undefined {
    for (const target of targets) {
      const slot = this.#slot(target, callId);
      if (slot.connection !== undefined && !slot.connection.closing) return slot.connection;
      // a target that has just failed gives way to the next one; one never tried does not
      if (slot.failed === undefined) return undefined;
    }
    return undefined;
  }

  /** The reason why no target can be reached, if all have failed lately; asked when `find` gave nothing after `open`. */
  failureOf(targets: readonly TrunkTarget[], callId: string): Failure | undefined {
    let last: Failure | undefined;
    for (const target of targets) {
      const slot = this.#slot(target, callId);
      if (slot.failed === undefined || slot.retryAtMs <= this.#clock.monotonic()) return undefined;
      last ??= slot.failed;
    }
    return last;
  }

  /** Opens the connection for this call, trying the targets in order. Concurrent callers share one attempt. */
  async open(targets: readonly TrunkTarget[], callId: string): Promise<Result<C>> {
    let last: Failure | undefined;
    for (const target of targets) {
      const opened = await this.#openSlot(target, this.#slot(target, callId));
      if (opened.ok) return opened;
      last ??= opened.error;
    }
    return err(last ?? failure('PEER_UNREACHABLE', { target: 'no server', reason: 'there is none to connect to' }));
  }

  /** Takes one that has ended out. */
  ended(connection: C): void {
    const slot = this.#slotOf.get(connection);
    if (slot?.connection === connection) slot.connection = undefined;
    this.#slotOf.delete(connection);
  }

  /** A server with these names in its certificate is alive: it has connected or said something. Pauses before the next attempt to it end. */
  provedAlive(names: readonly string[]): void {
    if (this.#paused.size === 0) return;
    for (const name of names) {
      this.#paused.get(name)?.forEach(clearFailure);
      this.#paused.delete(name);
    }
  }

  async #openSlot(target: TrunkTarget, slot: Slot<C>): Promise<Result<C>> {
    if (slot.connection !== undefined && !slot.connection.closing) return ok(slot.connection);
    if (slot.opening) return slot.opening;
    if (slot.failed && slot.retryAtMs > this.#clock.monotonic()) return err(slot.failed);
    slot.opening = this.#attempt(target);
    const opened = await slot.opening;
    slot.opening = undefined;
    if (opened.ok) {
      // one that is closing still has its place: `ended` comes later, and for another
      if (slot.connection !== undefined) this.#slotOf.delete(slot.connection);
      slot.connection = opened.value;
      this.#slotOf.set(opened.value, slot);
      // who can be reached over one connection of the bundle is not refused over the others
      this.provedAlive([target.host]);
    } else {
      slot.failed = opened.error;
      slot.retryAtMs = this.#clock.monotonic() + Math.min(longestRetryMs, firstRetryMs * 2 ** slot.failures);
      slot.failures = Math.min(slot.failures + 1, 10);
      addTo(this.#paused, target.host, slot);
      this.#pauseOthers(target, slot);
    }
    return opened;
  }

  /** What one connection of a bundle has learnt holds for the others, unless one of them is there: a target is not tried once for each. */
  #pauseOthers(target: TrunkTarget, failed: Slot<C>): void {
    const size = this.#bundleSize();
    const slots = Array.from({ length: size }, (_, index) => this.#slotAt(target, index));
    if (slots.some(({ connection }) => connection !== undefined)) return;
    for (const slot of slots) {
      if (slot === failed || slot.opening !== undefined) continue;
      slot.failed = failed.failed;
      slot.retryAtMs = failed.retryAtMs;
      slot.failures = failed.failures;
      addTo(this.#paused, target.host, slot);
    }
  }

  /** One attempt that always ends with a value: what throws while it opens must not leave the slot opening for ever. */
  async #attempt(target: TrunkTarget): Promise<Result<C>> {
    try {
      const opened = await this.#open(target);
      if (!opened.ok || !opened.value.closing) return opened;
      return err(failure('PEER_UNREACHABLE', { target: keyOf(target), reason: 'the connection broke' }));
    } catch (fault) {
      const reason = `a fault of ours: ${fault instanceof Error ? fault.message : String(fault)}`;
      return err(failure('PEER_UNREACHABLE', { target: keyOf(target), reason }, fault));
    }
  }

  #slot(target: TrunkTarget, callId: string): Slot<C> {
    const size = this.#bundleSize();
    return this.#slotAt(target, size > 1 ? hashText(callId) % size : 0);
  }

  #slotAt(target: TrunkTarget, index: number): Slot<C> {
    const slots = this.#bundleOf.get(target) ?? this.#bundle(target);
    return (slots[index] ??= { connection: undefined, opening: undefined, failed: undefined, retryAtMs: 0, failures: 0 });
  }

  #bundle(target: TrunkTarget): Slot<C>[] {
    const key = keyOf(target);
    let slots = this.#bundles.get(key);
    if (!slots) {
      if (this.#bundles.size >= maxTargets) this.#forgetUnused();
      this.#bundles.set(key, (slots = []));
    }
    this.#bundleOf.set(target, slots);
    return slots;
  }

  #forgetUnused(): void {
    this.#bundleOf = new WeakMap();
    for (const [key, slots] of this.#bundles) {
      if (!slots.every(slot => slot.connection === undefined && slot.opening === undefined)) continue;
      this.#bundles.delete(key);
      const host = key.slice(0, key.lastIndexOf(':'));
      for (const slot of slots) removeFrom(this.#paused, host, slot);
    }
  }
}

function keyOf({ host, port }: TrunkTarget): string {
  return `${host}:${port}`;
}

function clearFailure<C>(slot: Slot<C>): void {
  slot.failed = undefined;
  slot.failures = 0;
  slot.retryAtMs = 0;
}
