import type { Clock } from '../../base/clock.ts';
import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { GuessLimiter } from '../../identity/guess-limiter.ts';
import { sourceOf } from '../../wire/admission.ts';
import type { Principal } from '../principal.ts';
import { type ApiToken, tokenOfRequest } from './api-token.ts';

/** Five wrong tokens from a source are free; then come pauses of 1, 2, 4 … 300 seconds. */
const limits = { freeFailures: 5, firstPauseMs: 1000, longestPauseMs: 300_000, maxEntries: 20_000 };
/** Pairs of source and name that are remembered. */
const maxAcquainted = 10_000;

/**
 * Finds out whose token a request has, and slows down who guesses. A source that guesses pays for it alone: others go on, and so does a token
 * that was right from the same source before, as behind a proxy, where strangers and admins have one address.
 */
export class TokenCheck {
  readonly #tokens: readonly ApiToken[];
  readonly #guesses: GuessLimiter;
  readonly #acquainted = new Set<string>();

  constructor(tokens: readonly ApiToken[], clock: Clock) {
    this.#tokens = tokens;
    this.#guesses = new GuessLimiter(clock, limits);
  }

  /** For whom a request from an address runs. Fails with API_TOKEN_MISSING, API_TOKEN_WRONG or API_TOKEN_BACK_OFF. */
  check(authorization: string | undefined, address: string): Result<Principal, Failure> {
    if (authorization === undefined) return err(failure('API_TOKEN_MISSING'));
    const source = sourceOf(address);
    const name = tokenOfRequest(this.#tokens, authorization)?.name;
    const acquaintance = name === undefined ? '' : `${source} ${name}`;
    const pauseMs = this.#guesses.pauseMs(source);
    if (pauseMs > 0 && !this.#acquainted.has(acquaintance)) {
      return err(failure('API_TOKEN_BACK_OFF', { source: address, seconds: Math.ceil(pauseMs / 1000) }));
    }
    if (name === undefined) {
      this.#guesses.failed(source);
      return err(failure('API_TOKEN_WRONG', { source: address }));
    }
    if (pauseMs === 0) this.#guesses.succeeded(source);
    if (this.#acquainted.size < maxAcquainted) this.#acquainted.add(acquaintance);
    // a token of the file may do everything
    return ok({ kind: 'token', name, from: address, scope: { kind: 'deployment' }, roles: ['CsAdministrator'] });
  }
}
