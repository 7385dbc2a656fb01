import type { Result } from '../base/result.ts';
import type { RequestOutcome } from './test-endpoint.ts';

/** What a step found. `expected` is one plain sentence; `evidence` what was seen. */
export type StepVerdict =
  | { readonly status: 'pass'; readonly evidence: string }
  | { readonly status: 'fail'; readonly expected: string; readonly evidence: string };

/** What was sent has arrived within this time, or never will. */
export const arrivalMs = 5_000;

/** An outcome in words, without a full stop. */
export function described(outcome: Result<RequestOutcome>): string {
  if (!outcome.ok) return outcome.error.text.replace(/\.$/, '');
  const { status, reason, diagnostics } = outcome.value;
  return `${status} ${reason}${diagnostics === undefined ? '' : `, ms-diagnostics ${diagnostics}`}`;
}

/** The verdict of a step that found what it should. */
export function pass(evidence: string): StepVerdict {
  return { status: 'pass', evidence };
}

/** The verdict of a step that found something else; `expected` is one plain sentence. */
export function fail(expected: string, evidence: string): StepVerdict {
  return { status: 'fail', expected, evidence };
}
