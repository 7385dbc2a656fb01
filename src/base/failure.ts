import { type ErrorCode, errorRegistry } from './errors/registry.ts';
import { shortToken } from './random.ts';

/** Values that fill the `{placeholders}` of an error's text; never secrets, never message bodies. */
export type FailureDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * One occurrence of an expected failure. `text` and `fix` are ready for an admin; what a peer may see is decided elsewhere.
 * `id` links what a user was shown to the log line about it.
 */
export interface Failure {
  readonly kind: 'failure';
  readonly code: ErrorCode;
  readonly id: string;
  readonly text: string;
  readonly fix: string;
  readonly details: FailureDetails;
  readonly cause?: unknown;
}

/**
 * Makes a failure from the registry: the only factory of expected errors.
 * Unknown placeholders stay visible as `{name}`, so a missing detail is noticed in review rather than hidden.
 */
export function failure(code: ErrorCode, details: FailureDetails = {}, cause?: unknown): Failure {
  const definition = errorRegistry[code];
  return {
    kind: 'failure',
    code,
    id: shortToken(),
    text: fillPlaceholders(definition.text, details),
    fix: fillPlaceholders(definition.fix, details),
    details,
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Replaces each `{name}` in a template by the detail of that name. */
export function fillPlaceholders(template: string, details: FailureDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = details[name];
    return value === undefined ? whole : String(value);
  });
}

/** Carries an expected failure across code that can only throw (a library's callback, a promise chain); unwrapped by the owner. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(of: Failure) {
    super(of.text, { cause: of.cause });
    this.name = 'FailureError';
    this.failure = of;
  }
}
