import { type Failure, failure } from '../base/failure.ts';
import type { Step, StepOutcome, WaitOutcome } from './step.ts';

/** How a role's requests go through a pipeline. */
export interface PipelineOwner<C> {
  /** Answers a request that a step refused. */
  refused(context: C, failure: Failure, step: string): void;
  /** Notes a request that a step dropped. */
  dropped(context: C, why: string, step: string): void;
  /** Requests with the same key keep their order, even if one has to wait (D11). Asked only while something waits. */
  orderKey(context: C): string;
  /** Whose waits are counted together: a peer. */
  peerKey(context: C): string;
  /** A step or the answering threw: our fault. */
  faulted(context: C, fault: unknown, step: string): void;
}

/** Waits allowed at the same time, in all and per peer (D11, D31). */
export interface WaitLimits {
  readonly total: number;
  readonly perPeer: number;
}

/** What stands behind a request that waits. */
interface Waiting<C> {
  readonly behind: Held<C>[];
  /** How many of the peer may wait like the first. */
  readonly perPeer: number;
}

/** A request that is held, and for whom that was counted: who its peer is may be found out meanwhile. */
interface Held<C> {
  readonly context: C;
  readonly peer: string;
}

/** A request that has waited: its order key, for whom it is counted, and how often. */
interface Waiter {
  readonly order: string;
  readonly peer: string;
  waits: number;
}

/** DNS, a connection, the store: nothing that a request waits for takes more. */
const maxWaits = 8;

/**
 * Runs requests through an ordered list of steps. Nearly all pass in one go without a promise; one that has to wait (for DNS,
 * for a connection) holds back only those of the same order key.
 */
export class Pipeline<C> {
  readonly #steps: readonly Step<C>[];
  readonly #owner: PipelineOwner<C>;
  readonly #limits: WaitLimits;
  readonly #waiting = new Map<string, Waiting<C>>();
  readonly #waitsByPeer = new Map<string, number>();
  #held = 0;

  constructor(steps: readonly Step<C>[], owner: PipelineOwner<C>, limits: WaitLimits) {
    this.#steps = steps;
    this.#owner = owner;
    this.#limits = limits;
  }

  /** Requests that wait, or stand behind one that does. */
  get held(): number {
    return this.#held;
  }

  /** Takes a request through all steps, now or when those before it are done. */
  run(context: C): void {
    if (this.#waiting.size > 0) {
      const ahead = this.#waiting.get(this.#owner.orderKey(context));
      if (ahead) {
        const peer = this.#admitWait(context, ahead.perPeer);
        if (peer !== undefined) ahead.behind.push({ context, peer });
        return;
      }
    }
    this.#runFrom(context, 0, undefined);
  }

  /** Runs steps from `index`; true when the request is done with, false when it waits. `waiter` is set for one that has waited before. */
  #runFrom(context: C, index: number, waiter: Waiter | undefined): boolean {
    let at = index;
    try {
      for (; at < this.#steps.length; at++) {
        const outcome = (this.#steps[at] as Step<C>).run(context);
        if (outcome.kind !== 'continue') return this.#conclude(context, at, outcome, waiter);
      }
      return true;
    } catch (fault) {
      return this.#fault(context, fault, at);
    }
  }

  /** What a step has said other than to go on; true when the request is done with. */
  #conclude(context: C, at: number, outcome: StepOutcome, waiter: Waiter | undefined): boolean {
    switch (outcome.kind) {
      case 'continue':
        return this.#runFrom(context, at + 1, waiter);
      case 'answered':
        return true;
      case 'refuse':
        this.#owner.refused(context, outcome.failure, this.#nameOf(at));
        return true;
      case 'drop':
        this.#owner.dropped(context, outcome.why, this.#nameOf(at));
        return true;
      case 'wait':
        return !this.#wait(context, at, outcome, waiter);
    }
  }

  #nameOf(at: number): string {
    return this.#steps[at]?.name ?? 'end';
  }

  #fault(context: C, fault: unknown, at: number): true {
    this.#owner.faulted(context, fault, this.#nameOf(at));
    return true;
  }

  /** Holds a request at a step; false when the limits do not allow it and it was refused instead. */
  #wait(context: C, at: number, wait: WaitOutcome, before: Waiter | undefined): boolean {
    const { until, perPeer = this.#limits.perPeer } = wait;
    const waiter = before ?? this.#startWaiting(context, perPeer);
    if (waiter === undefined) return false;
    // whoever waits on and on might do so for what is there already, and the event loop would never turn again
    if (++waiter.waits > maxWaits) throw new Error(`a request has waited ${maxWaits} times and is to wait again`);
    until.then(
      answer => this.#resume(context, at, wait, waiter, answer),
      fault => {
        this.#fault(context, fault, at);
        this.#settle(waiter);
      },
    );
    return true;
  }

  #startWaiting(context: C, perPeer: number): Waiter | undefined {
    const peer = this.#admitWait(context, perPeer);
    if (peer === undefined) return undefined;
    const order = this.#owner.orderKey(context);
    this.#waiting.set(order, { behind: [], perPeer });
    return { order, peer, waits: 0 };
  }

  #resume(context: C, at: number, wait: WaitOutcome, waiter: Waiter, answer: unknown): void {
    let isDone: boolean;
    try {
      isDone = this.#conclude(context, at, wait.resume(answer), waiter);
    } catch (fault) {
      isDone = this.#fault(context, fault, at);
    }
    if (isDone) this.#settle(waiter);
  }

  /** After a waiting request is done: those behind it, in order, until one waits in its turn. */
  #settle({ order, peer }: Waiter): void {
    this.#release(peer);
    const waiting = this.#waiting.get(order) as Waiting<C>;
    for (let next = waiting.behind.shift(); next !== undefined; next = waiting.behind.shift()) {
      if (!this.#runFrom(next.context, 0, { order, peer: next.peer, waits: 0 })) return;
      this.#release(next.peer);
    }
    this.#waiting.delete(order);
  }

  /** Counts one more request that is held, and says for whom; undefined where it was refused. */
  #admitWait(context: C, perPeer: number): string | undefined {
    const peer = this.#owner.peerKey(context);
    const ofPeer = this.#waitsByPeer.get(peer) ?? 0;
    if (this.#held >= this.#limits.total || ofPeer >= perPeer) {
      this.#owner.refused(context, failure('SERVER_BUSY', { limit: Math.min(this.#limits.total, perPeer) }), 'wait');
      return undefined;
    }
    this.#held++;
    this.#waitsByPeer.set(peer, ofPeer + 1);
    return peer;
  }

  #release(peer: string): void {
    const left = (this.#waitsByPeer.get(peer) ?? 1) - 1;
    if (left > 0) this.#waitsByPeer.set(peer, left);
    else this.#waitsByPeer.delete(peer);
    this.#held--;
  }
}
