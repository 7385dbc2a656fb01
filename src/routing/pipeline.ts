import { type Failure, failure } from '../base/failure.ts';
import type { Step, WaitOutcome } from './step.ts';

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

interface Waiting<C> {
  readonly behind: C[];
  /** How many of the peer may wait like the first. */
  readonly perPeer: number;
}

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
        if (this.#admitWait(context, ahead.perPeer)) ahead.behind.push(context);
        return;
      }
    }
    this.#runFrom(context, 0, undefined);
  }

  /** Runs steps from `index`; true when the request is done with, false when it waits. `order` is set for one that has waited before. */
  #runFrom(context: C, index: number, order: string | undefined): boolean {
    let at = index;
    try {
      for (; at < this.#steps.length; at++) {
        const step = this.#steps[at] as Step<C>;
        const outcome = step.run(context);
        switch (outcome.kind) {
          case 'continue':
            continue;
          case 'answered':
            return true;
          case 'refuse':
            this.#owner.refused(context, outcome.failure, step.name);
            return true;
          case 'drop':
            this.#owner.dropped(context, outcome.why, step.name);
            return true;
          case 'wait':
            return !this.#wait(context, at, outcome, order);
        }
      }
      return true;
    } catch (fault) {
      this.#owner.faulted(context, fault, this.#steps[at]?.name ?? 'end');
      return true;
    }
  }

  /** Holds a request at a step; false when the limits do not allow it and it was refused instead. */
  #wait(context: C, at: number, { until, perPeer = this.#limits.perPeer }: WaitOutcome, order: string | undefined): boolean {
    const key = order ?? this.#owner.orderKey(context);
    if (order === undefined) {
      if (!this.#admitWait(context, perPeer)) return false;
      this.#waiting.set(key, { behind: [], perPeer });
    }
    // a rejected wait is the step's to judge when it runs again
    const again = () => {
      if (this.#runFrom(context, at, key)) this.#settle(context, key);
    };
    until.then(again, again);
    return true;
  }

  /** After a waiting request is done: those behind it, in order, until one waits in its turn. */
  #settle(context: C, key: string): void {
    this.#release(context);
    const waiting = this.#waiting.get(key) as Waiting<C>;
    for (let next = waiting.behind.shift(); next !== undefined; next = waiting.behind.shift()) {
      if (!this.#runFrom(next, 0, key)) return;
      this.#release(next);
    }
    this.#waiting.delete(key);
  }

  #admitWait(context: C, perPeer: number): boolean {
    const peer = this.#owner.peerKey(context);
    const ofPeer = this.#waitsByPeer.get(peer) ?? 0;
    if (this.#held >= this.#limits.total || ofPeer >= perPeer) {
      this.#owner.refused(context, failure('SERVER_BUSY', { limit: Math.min(this.#limits.total, perPeer) }), 'wait');
      return false;
    }
    this.#held++;
    this.#waitsByPeer.set(peer, ofPeer + 1);
    return true;
  }

  #release(context: C): void {
    const peer = this.#owner.peerKey(context);
    const left = (this.#waitsByPeer.get(peer) ?? 1) - 1;
    if (left > 0) this.#waitsByPeer.set(peer, left);
    else this.#waitsByPeer.delete(peer);
    this.#held--;
  }
}
