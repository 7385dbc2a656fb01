import type { Failure } from '../base/failure.ts';

/** A step that a request passed or that refused it. `evidence` is what the step looked at: a reference to something frozen, rendered on demand. */
export interface TraceEntry {
  readonly step: string;
  readonly evidence: unknown;
  readonly failure?: Failure;
}

/**
 * What each step of a pipeline or decision found, in order. Made to cost next to nothing while all goes well (D34):
 * it keeps references only and is reused; `explain` and logs render it when asked.
 */
export class DecisionTrace {
  /** Step and evidence of each entry, one after the other. */
  readonly #noted: unknown[] = [];
  #failure: Failure | undefined;

  /** Notes that a step was passed, with what it relied on. */
  pass(step: string, evidence?: unknown): void {
    this.#noted.push(step, evidence);
  }

  /** Notes the step that refused; returns the failure so that a step can `return trace.refuse(...)`. */
  refuse(step: string, failure: Failure, evidence?: unknown): Failure {
    this.pass(step, evidence);
    this.#failure = failure;
    return failure;
  }

  /** The failure that ended it, if any. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The entries so far; the refusal, if there is one, is the last. */
  entries(): readonly TraceEntry[] {
    const entries: TraceEntry[] = [];
    for (let i = 0; i < this.#noted.length; i += 2) {
      const isLast = i === this.#noted.length - 2;
      const failure = isLast && this.#failure ? { failure: this.#failure } : {};
      entries.push({ step: this.#noted[i] as string, evidence: this.#noted[i + 1], ...failure });
    }
    return entries;
  }

  /** Empties it for the next request. */
  reset(): void {
    this.#noted.length = 0;
    this.#failure = undefined;
  }
}
