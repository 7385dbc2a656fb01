import { type ErrorCode, errorRegistry } from '../base/errors/registry.ts';
import type { Aor } from '../model/names.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import { refuseInside, refuseOutside } from '../policy/refusal.ts';
import { describeEntry } from '../policy/trace-steps.ts';

/** One step of a decision, as an admin reads it. */
export interface ExplainedStep {
  readonly step: string;
  /** Who takes it: our Front End, our Edge, or the partner, whom nobody here can ask. */
  readonly where: 'front end' | 'edge' | 'partner';
  /** `note` says something worth knowing that decides nothing; `unknown` could not be found out. */
  readonly status: 'pass' | 'refuse' | 'unknown' | 'note';
  readonly passed: boolean;
  readonly text: string;
  readonly fix?: string;
  /** Error code of a refusal. */
  readonly code?: string;
}

/** The decision for one direction. */
export interface ExplainedDirection {
  readonly from: Aor;
  readonly to: Aor;
  readonly direction: 'local' | 'outbound' | 'inbound' | 'between tenants' | 'foreign';
  readonly verdict: 'allowed' | 'refused' | 'unknown';
  readonly allowed: boolean;
  readonly steps: readonly ExplainedStep[];
  /** What the sender's side is answered where it is refused: inside with `ms-diagnostics`, or to a partner without. */
  readonly answer?: string;
}

/** Why two people can or cannot talk, both ways. */
export interface Explanation {
  readonly sender: Aor;
  readonly recipient: Aor;
  readonly directions: readonly ExplainedDirection[];
}

/** A failure as a step shows it; one found by an Edge of another version may have a code that is not known here. */
interface ShownFailure {
  readonly code: string;
  readonly text: string;
  readonly fix: string;
}

/** Collects the steps of one direction. Ends with the first refusal or the first thing that could not be found out. */
export class ExplanationWriter {
  readonly #steps: ExplainedStep[] = [];
  readonly #from: Aor;
  readonly #to: Aor;
  readonly #direction: ExplainedDirection['direction'];
  #verdict: ExplainedDirection['verdict'] = 'allowed';
  #refusal: ShownFailure | undefined;
  #isOnRecipientSide: boolean;

  constructor(from: Aor, to: Aor, direction: ExplainedDirection['direction']) {
    this.#from = from;
    this.#to = to;
    this.#direction = direction;
    this.#isOnRecipientSide = direction === 'inbound';
  }

  /** Renders what a decision noted; false where it refused. */
  trace(where: ExplainedStep['where'], trace: DecisionTrace): boolean {
    for (const entry of trace.entries()) {
      if (entry.failure) return this.refuse(entry.step, where, entry.failure);
      this.#add(entry.step, where, 'pass', describeEntry(entry));
    }
    return true;
  }

  /** A step taken outside the decision functions; true, so that callers can go on in one expression. */
  pass(step: string, where: ExplainedStep['where'], text: string): true {
    this.#add(step, where, 'pass', text);
    return true;
  }

  /** Something worth knowing. */
  note(step: string, where: ExplainedStep['where'], text: string): void {
    this.#add(step, where, 'note', text);
  }

  /** The step that ends it; false. */
  refuse(step: string, where: ExplainedStep['where'], of: ShownFailure): false {
    this.#verdict = 'refused';
    this.#refusal = of;
    this.#add(step, where, 'refuse', of.text, of.fix, of.code);
    return false;
  }

  /** A step whose outcome cannot be told; false. */
  unknown(step: string, where: ExplainedStep['where'], of: { readonly text: string; readonly fix: string }): false {
    this.#verdict = 'unknown';
    this.#add(step, where, 'unknown', of.text, of.fix);
    return false;
  }

  /** From here on the recipient's organisation decides: what it refuses reaches the sender as it reaches any stranger (D16). */
  enterRecipientSide(): void {
    this.#isOnRecipientSide = true;
  }

  /** The direction as far as it got. */
  finish(): ExplainedDirection {
    const answer = this.#refusal && answerTo(this.#refusal.code, this.#isOnRecipientSide);
    return {
      from: this.#from,
      to: this.#to,
      direction: this.#direction,
      verdict: this.#verdict,
      allowed: this.#verdict === 'allowed',
      steps: this.#steps,
      ...(answer === undefined ? {} : { answer }),
    };
  }

  #add(
    step: string,
    where: ExplainedStep['where'],
    status: ExplainedStep['status'],
    text: string,
    fix?: string,
    code?: string,
  ): void {
    this.#steps.push({
      step,
      where,
      status,
      passed: status === 'pass' || status === 'note',
      text,
      ...(fix ? { fix } : {}),
      ...(code === undefined ? {} : { code }),
    });
  }
}

function answerTo(code: string, isOutside: boolean): string | undefined {
  if (!Object.hasOwn(errorRegistry, code)) return undefined;
  const refused = { code: code as ErrorCode };
  if (!errorRegistry[refused.code].sip) return undefined;
  if (isOutside) return `${refuseOutside(refused, 'stranger').status}`;
  const inside = refuseInside(refused);
  return inside.diagnostics ? `${inside.status}, ms-diagnostics ${inside.diagnostics.id}` : `${inside.status}`;
}
