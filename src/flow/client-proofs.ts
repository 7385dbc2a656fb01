import type { Clock } from '../base/clock.ts';
import { randomToken } from '../base/random.ts';
import type { Aor, UserId } from '../model/names.ts';

/** An identity a flow has proven: who, until when, and with which credential (a new password ends it). */
export interface FlowIdentity {
  readonly aor: Aor;
  readonly user: UserId;
  readonly credentialVersion: number;
  /** On the monotonic clock. */
  readonly expiresAtMs: number;
}

/** Why a nonce given by a client is or is not acceptable. */
export type NonceVerdict = 'good' | 'stale' | 'unknown';

/** A nonce lives this long; after it the client is asked again with stale=true (rfc7616 3.3). */
const nonceLifeMs = 600_000;
const maxIdentities = 16;

/**
 * What one client has proven on its flow and been asked. Identity and nonce belong to the flow (D1): credentials replayed on
 * another one meet another nonce.
 */
export class ClientProofs {
  readonly #clock: Clock;
  readonly #identities = new Map<Aor, FlowIdentity>();
  #nonce = '';
  #previousNonce = '';
  #nonceExpiresMs = 0;
  #highestCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The nonce to put into a challenge; made anew when the old one has aged. */
  nonce(): string {
    if (this.#clock.monotonic() >= this.#nonceExpiresMs) {
      this.#previousNonce = this.#nonce;
      this.#nonce = randomToken(16);
      this.#nonceExpiresMs = this.#clock.monotonic() + nonceLifeMs;
      this.#highestCount = 0;
    }
    return this.#nonce;
  }

  /**
   * Judges nonce and nonce count of credentials. A count must rise, so that captured credentials cannot be sent again;
   * `nc` is absent when the client uses no qop, which is good once per nonce.
   */
  checkNonce(nonce: string, nc: string | undefined): NonceVerdict {
    if (nonce !== this.#nonce || nonce === '') return nonce !== '' && nonce === this.#previousNonce ? 'stale' : 'unknown';
    if (this.#clock.monotonic() >= this.#nonceExpiresMs) return 'stale';
    const count = nc === undefined ? 1 : Number.parseInt(nc, 16);
    if (!(count > this.#highestCount)) return 'stale';
    this.#highestCount = count;
    return 'good';
  }

  /**
   * Ends the nonce if it has been used: another user of the same connection, or a client that forgets its count, counts from one again
   * after a challenge, and would be told "stale" at once.
   */
  retireUsedNonce(): void {
    if (this.#highestCount > 0) this.retireNonce();
  }

  /** Ends the nonce, so that the next challenge carries a fresh one. */
  retireNonce(): void {
    this.#nonceExpiresMs = 0;
  }

  /** Adds or renews an identity; the oldest goes when there are more than 16. */
  authenticate(identity: FlowIdentity): void {
    this.#identities.delete(identity.aor);
    this.#identities.set(identity.aor, identity);
    if (this.#identities.size > maxIdentities) this.#identities.delete(this.#identities.keys().next().value as Aor);
  }

  /** The live identity for an address, if this flow has proven it. */
  identity(aor: Aor): FlowIdentity | undefined {
    const identity = this.#identities.get(aor);
    return identity && identity.expiresAtMs > this.#clock.monotonic() ? identity : undefined;
  }

  /** Whether anybody has ever authenticated here and still counts. */
  get authenticated(): boolean {
    for (const aor of this.#identities.keys()) if (this.identity(aor)) return true;
    return false;
  }

  /** Takes an identity away: sign-out, suspension, a new password. */
  revoke(aor: Aor): void {
    this.#identities.delete(aor);
  }
}
