import { utf8FromLatin1 } from '../base/bytes.ts';
import { failure } from '../base/failure.ts';
import type { Flow } from '../flow/flow.ts';
import { type Aor, domainOfAor, type UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { formatAuthentication, parseAuthentication } from '../sip/challenge.ts';
import { unescapeBytes } from '../sip/user-part.ts';
import type { AuthenticationScheme, AuthenticationVerdict, Challenge, Claim, SettledVerdict } from './authenticator.ts';
import type { CredentialCache } from './credential-cache.ts';
import { type DigestAlgorithm, type DigestCredentials, digestMatches } from './digest.ts';
import type { GuessLimiters } from './guess-limiter.ts';
import { loginForms } from './login-forms.ts';

/** Stand in for a user that does not exist and its secret, so that the answer, the store and the arithmetic are the same for both. */
const nobody = (aor: Aor) => `nobody ${aor}` as UserId;
const noSecret = '0'.repeat(32);

/** Checks digest credentials of clients (rfc3261 22, rfc8760) against sealed secrets, slowing guesses down. */
export class DigestScheme implements AuthenticationScheme {
  readonly #find: (aor: Aor) => User | undefined;
  readonly #credentials: CredentialCache;
  readonly #limiters: GuessLimiters;
  readonly #algorithms: readonly DigestAlgorithm[];

  constructor(
    find: (aor: Aor) => User | undefined,
    credentials: CredentialCache,
    limiters: GuessLimiters,
    algorithms: readonly DigestAlgorithm[],
  ) {
    this.#find = find;
    this.#credentials = credentials;
    this.#limiters = limiters;
    this.#algorithms = algorithms;
  }

  recognises(credentials: readonly string[]): boolean {
    return credentials.some(value => readDigestCredentials(value) !== undefined);
  }

  /**
   * Judges the credentials of a request. The secrets are looked at only if the nonce is this flow's. Unless they are good there is one reading
   * of the store, for every name: what is in memory would be answered sooner, and tell who signs in here.
   */
  check(claim: Claim): AuthenticationVerdict {
    return this.#judge(claim, undefined);
  }

  /** `isRead`: whether the store could be read for it; undefined before that was tried. */
  #judge(claim: Claim, isRead: boolean | undefined): AuthenticationVerdict {
    const { aor, flow } = claim;
    const realm = domainOfAor(aor);
    const given = this.#pick(claim.credentials, realm);
    if (!given) return { kind: 'challenge', stale: false, failure: failure('CREDENTIALS_REQUIRED') };
    const pauseMs = this.#limiters.pauseMs(aor, flow.remoteAddress);
    if (pauseMs > 0) {
      return { kind: 'refused', failure: failure('CREDENTIALS_BACK_OFF', { login: aor, seconds: Math.ceil(pauseMs / 1000) }) };
    }
    const user = this.#find(aor);
    const id = user?.id ?? nobody(aor);
    const version = user?.credentialVersion ?? 0;
    const known = this.#credentials.peek(id, version);
    if (!known) {
      if (isRead === false) return unreadable();
      return { kind: 'wait', verdict: this.#judgeAfter(claim, this.#credentials.read(id, version)) };
    }
    const say = (verdict: SettledVerdict): AuthenticationVerdict =>
      isRead === undefined
        ? { kind: 'wait', verdict: sayAfter(verdict, this.#credentials.readAgain(id, version)) }
        : saidAfter(verdict, isRead);
    const nonce = flow.proofs.checkNonce(given.nonce, given.nc);
    if (nonce !== 'good') return say({ kind: 'challenge', stale: nonce === 'stale', failure: failure('CREDENTIALS_REQUIRED') });
    const login = utf8FromLatin1(given.username);
    const ha1 = loginForms(aor).includes(login) ? known.secrets?.[given.algorithm][login] : undefined;
    if (digestMatches(ha1 ?? noSecret, given, claim.method) && user && ha1) return this.#accepted(claim, user);
    this.#limiters.failed(aor, flow.remoteAddress);
    return say({ kind: 'challenge', stale: false, failure: failure('CREDENTIALS_WRONG', { login }) });
  }

  async #judgeAfter(claim: Claim, reading: Promise<boolean>): Promise<SettledVerdict> {
    const verdict = this.#judge(claim, await reading);
    return verdict.kind === 'wait' ? verdict.verdict : verdict;
  }

  /** The challenges to put into WWW-Authenticate or Proxy-Authenticate, one value per algorithm, the preferred first. */
  challenges(flow: Flow, aor: Aor, { stale, failure: why }: Challenge): readonly string[] {
    if (stale) flow.proofs.retireNonce();
    else if (why.code === 'CREDENTIALS_REQUIRED') flow.proofs.retireUsedNonce();
    return this.#algorithms.map(algorithm =>
      formatAuthentication('challenge', 'Digest', {
        realm: domainOfAor(aor),
        nonce: flow.proofs.nonce(),
        algorithm,
        qop: 'auth',
        stale: stale ? 'true' : undefined,
      }),
    );
  }

  renewed(flow: Flow, { aor }: User): void {
    this.#limiters.stays(aor, flow.remoteAddress);
  }

  #accepted(claim: Claim, user: User): SettledVerdict {
    this.#limiters.succeeded(claim.aor, claim.flow.remoteAddress);
    return user.enabled
      ? { kind: 'accepted', user }
      : { kind: 'refused', failure: failure('USER_SUSPENDED', { user: user.aor }) };
  }

  #pick(values: readonly string[], realm: string): DigestCredentials | undefined {
    for (const value of values) {
      const given = readDigestCredentials(value);
      if (given && given.realm === realm && this.#algorithms.includes(given.algorithm)) return given;
    }
    return undefined;
  }
}

async function sayAfter(verdict: SettledVerdict, reading: Promise<boolean>): Promise<SettledVerdict> {
  return saidAfter(verdict, await reading);
}

/** What is decided already; without a store to read it is what those are told whose credentials are not in memory. */
function saidAfter(verdict: SettledVerdict, isRead: boolean): SettledVerdict {
  return isRead ? verdict : unreadable();
}

function unreadable(): SettledVerdict {
  return { kind: 'refused', failure: failure('CREDENTIALS_UNREADABLE') };
}

/** The user name of `username*`, one character per byte (rfc7616 3.4, rfc8187 3.2): for names that no quoted string can hold. */
function readExtendedName(value: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'([^']*)$/i.exec(value ?? '')?.[1];
  return encoded === undefined ? undefined : unescapeBytes(encoded);
}

/** Digest credentials from a header value; undefined when it is another scheme or something is missing. */
function readDigestCredentials(value: string): DigestCredentials | undefined {
  const parsed = parseAuthentication(value);
  if (parsed?.scheme.toLowerCase() !== 'digest') return undefined;
  const { params } = parsed;
  const username = params.get('username') ?? readExtendedName(params.get('username*'));
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const uri = params.get('uri');
  const response = params.get('response');
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined || response === undefined)
    return undefined;
  const algorithm = (params.get('algorithm') ?? 'MD5').toUpperCase();
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined;
  const qop = params.get('qop');
  const cnonce = params.get('cnonce');
  const nc = params.get('nc');
  // rfc7616 3.4: with qop both cnonce and nc have to be there
  if (qop !== undefined && (qop !== 'auth' || cnonce === undefined || nc === undefined || !/^[0-9a-f]{8}$/i.test(nc)))
    return undefined;
  return {
    username,
    realm,
    nonce,
    uri,
    response,
    algorithm,
    ...(qop ? { qop, cnonce: cnonce as string, nc: nc as string } : {}),
  };
}
