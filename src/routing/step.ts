import type { Failure } from '../base/failure.ts';

/**
 * The request waits, and what it waited for is handed to `resume`, which says what becomes of it now: a step never looks again for an answer
 * that nobody may have kept. Made by `waitFor`.
 */
export interface WaitOutcome {
  readonly kind: 'wait';
  readonly until: Promise<unknown>;
  resume(answer: unknown): StepOutcome;
  /** How many requests of this peer may wait, where not the pipeline's own limit. */
  readonly perPeer: number | undefined;
}

/** What a step says about a request. */
export type StepOutcome =
  /** On to the next step. */
  | { readonly kind: 'continue' }
  /** Somebody has answered or will: the pipeline is done with it. */
  | { readonly kind: 'answered' }
  /** The request is refused; the pipeline's owner turns the failure into an answer. */
  | { readonly kind: 'refuse'; readonly failure: Failure }
  | WaitOutcome
  /** No answer at all: an ACK, or a peer that deserves none. */
  | { readonly kind: 'drop'; readonly why: string };

/** The outcome of a step that found nothing to say. */
export const proceed: StepOutcome = { kind: 'continue' };

/** The outcome of a step that has taken the request over. */
export const answered: StepOutcome = { kind: 'answered' };

/** The outcome of a step that refuses. */
export function refuse(failure: Failure): StepOutcome {
  return { kind: 'refuse', failure };
}

/**
 * The outcome of a step that has to wait for `until` and goes on with its answer. That it is rejected is a fault of ours. `perPeer`: how many
 * requests of the peer may wait like this one, where not the pipeline's own limit.
 */
export function waitFor<T>(until: Promise<T>, resume: (answer: T) => StepOutcome, perPeer?: number): WaitOutcome {
  return { kind: 'wait', until, resume: resume as (answer: unknown) => StepOutcome, perPeer };
}

/** One small decision about a request; steps are listed in the order of D9 by each role. */
export interface Step<C> {
  readonly name: string;
  run(context: C): StepOutcome;
}
