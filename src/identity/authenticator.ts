import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Flow } from '../flow/flow.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';

/** What credentials in a request are worth, as soon as it is known. */
export type AuthenticationVerdict =
  | SettledVerdict
  /** The store is asked first. */
  | { readonly kind: 'wait'; readonly verdict: Promise<SettledVerdict> };

/** What credentials in a request are worth. */
export type SettledVerdict =
  /** They are the user's. */
  { readonly kind: 'accepted'; readonly user: User } | Challenge | { readonly kind: 'refused'; readonly failure: Failure };

/** Ask again: none were given for our realm, the nonce is no longer good, or the password is wrong. */
export interface Challenge {
  readonly kind: 'challenge';
  readonly stale: boolean;
  readonly failure: Failure;
}

/** Who is asking: over which flow, and with which identity. */
export interface Claim {
  readonly flow: Flow;
  readonly aor: Aor;
  readonly method: string;
  /** All values of Authorization or Proxy-Authorization. */
  readonly credentials: readonly string[];
}

/** One way to prove who sends (rfc3261 22): what a client is asked and how its answer is judged. */
export interface AuthenticationScheme {
  /** Whether credentials of this scheme are among these values. */
  recognises(credentials: readonly string[]): boolean;
  /** Judges a claim; without credentials of the scheme it is a challenge. */
  check(claim: Claim): AuthenticationVerdict;
  /** Values of WWW-Authenticate or Proxy-Authenticate, the preferred first. */
  challenges(flow: Flow, aor: Aor, challenge: Challenge): readonly string[];
  /** An identity counts for longer on a flow: proven just now, or before, by whoever refreshes a registration without being asked again. */
  renewed(flow: Flow, user: User): void;
}

/** The table of schemes: a client is offered all and answers to one of them. */
export class Authenticator {
  readonly #clock: Clock;
  readonly #schemes: readonly [AuthenticationScheme, ...AuthenticationScheme[]];

  /** The preferred scheme first. */
  constructor(clock: Clock, schemes: readonly [AuthenticationScheme, ...AuthenticationScheme[]]) {
    this.#clock = clock;
    this.#schemes = schemes;
  }

  /** Judges the credentials of a request by the first scheme that they are of. */
  check(claim: Claim): AuthenticationVerdict {
    const scheme = this.#schemes.find(each => each.recognises(claim.credentials)) ?? this.#schemes[0];
    return scheme.check(claim);
  }

  /** The challenges of all schemes. */
  challenges(flow: Flow, aor: Aor, challenge: Challenge): readonly string[] {
    return this.#schemes.flatMap(scheme => scheme.challenges(flow, aor, challenge));
  }

  /** Notes on the flow that it has proven an identity, for `seconds` from now (D2). */
  authenticate(flow: Flow, user: User, seconds: number): void {
    flow.proofs.authenticate({
      aor: user.aor,
      user: user.id,
      credentialVersion: user.credentialVersion,
      expiresAtMs: this.#clock.monotonic() + seconds * 1000,
    });
    for (const scheme of this.#schemes) scheme.renewed(flow, user);
  }
}
