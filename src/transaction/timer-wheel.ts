import type { Clock, Timer } from '../base/clock.ts';

/** Something that can wait in a wheel, for one time at once. The links belong to the wheel. */
export abstract class WheelEntry {
  /** @internal */ wheelNext: WheelEntry | undefined = undefined;
  /** @internal */ wheelPrevious: WheelEntry | undefined = undefined;
  /** @internal Ticks still to go when the slot comes round. */
  wheelRounds = 0;

  /** The time is over. */
  abstract onTime(): void;
}

/** The fixed head of one slot's ring. */
class Slot extends WheelEntry {
  constructor() {
    super();
    this.wheelNext = this;
    this.wheelPrevious = this;
  }

  onTime(): void {}
}

const slotCount = 256;

/**
 * Many coarse timers on one periodic tick: starting and stopping is a few assignments, with no timer of the runtime per entry.
 * A time is never too short and at most two ticks too long. Ticks missed while the process was stalled are not made up:
 * what waited in the sockets meanwhile is read before anything is declared late.
 */
export class TimerWheel {
  readonly #tickMs: number;
  readonly #slots: readonly Slot[] = Array.from({ length: slotCount }, () => new Slot());
  readonly #timer: Timer;
  #now = 0;

  constructor(clock: Clock, tickMs: number) {
    this.#tickMs = tickMs;
    this.#timer = clock.every(tickMs, () => this.#tick());
  }

  /** Starts the entry's time anew. */
  start(entry: WheelEntry, delayMs: number): void {
    this.stop(entry);
    // One more, because part of the current tick is already over.
    const ticks = Math.ceil(delayMs / this.#tickMs) + 1;
    const slot = this.#slots[(this.#now + ticks) % slotCount] as Slot;
    entry.wheelRounds = Math.floor((ticks - 1) / slotCount);
    append(slot, entry);
  }

  /** Stops the entry's time; does nothing if none runs. */
  stop(entry: WheelEntry): void {
    const { wheelNext: next, wheelPrevious: previous } = entry;
    if (next === undefined || previous === undefined) return;
    previous.wheelNext = next;
    next.wheelPrevious = previous;
    entry.wheelNext = undefined;
    entry.wheelPrevious = undefined;
  }

  /** Ends the ticking; nothing fires any more. */
  close(): void {
    this.#timer.cancel();
  }

  #tick(): void {
    this.#now++;
    const slot = this.#slots[this.#now % slotCount] as Slot;
    // What is due moves to a ring of its own first: an entry may start or stop others, itself included, while it is told.
    const due = new Slot();
    let entry = slot.wheelNext as WheelEntry;
    while (entry !== slot) {
      const next = entry.wheelNext as WheelEntry;
      if (entry.wheelRounds > 0) {
        entry.wheelRounds--;
      } else {
        this.stop(entry);
        append(due, entry);
      }
      entry = next;
    }
    for (let first = due.wheelNext as WheelEntry; first !== due; first = due.wheelNext as WheelEntry) {
      this.stop(first);
      first.onTime();
    }
  }
}

function append(slot: Slot, entry: WheelEntry): void {
  const last = slot.wheelPrevious as WheelEntry;
  entry.wheelPrevious = last;
  entry.wheelNext = slot;
  last.wheelNext = entry;
  slot.wheelPrevious = entry;
}
