import type { Failure } from './failure.ts';

/** A successful outcome carrying its value. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

/** An expected failure, returned and never thrown. */
export interface Err<E = Failure> {
  readonly ok: false;
  readonly error: E;
}

/** What a function returns when the caller is expected to handle failure: bad input, a refusal, a peer that is down. */
export type Result<T, E = Failure> = Ok<T> | Err<E>;

/** Wraps a value as a successful outcome. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Wraps an error as a failed outcome. */
export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}
