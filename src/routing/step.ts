import type { Failure } from '../base/failure.ts';

/** The step runs again when `until` has settled. */
export interface WaitOutcome {
  readonly kind: 'wait';
  readonly until: Promise<unknown>;
  /** How many requests of this peer may wait, where not the pipeline's own limit. */
  readonly perPeer?: number;
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

/** One small decision about a request; steps are listed in the order of D9 by each role. */
export interface Step<C> {
  readonly name: string;
  run(context: C): StepOutcome;
}
