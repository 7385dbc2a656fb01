import { latin1FromUtf8 } from '../base/bytes.ts';
import { shortToken } from '../base/random.ts';
import { computeDigestResponse, computeHa1, type DigestAlgorithm } from '../identity/digest.ts';
import { formatAuthentication, parseAuthentication } from '../sip/challenge.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipResponse } from '../sip/message.ts';

/** Whose credentials, and for which request. */
export interface ChallengedRequest {
  readonly login: string;
  readonly password: string;
  readonly method: string;
  readonly requestUri: string;
}

/** The header that answers a 401 or 407 with digest (rfc3261 22), or undefined where there is no challenge that we can answer. */
export function answerChallenge(challenged: SipResponse, request: ChallengedRequest): HeaderLine | undefined {
  const { login, password, method, requestUri } = request;
  const username = latin1FromUtf8(login);
  const isProxy = challenged.status === 407;
  for (const value of challenged.all(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate')) {
    const challenge = parseAuthentication(value);
    const algorithm = (challenge?.params.get('algorithm') ?? 'MD5').toUpperCase();
    if (challenge?.scheme.toLowerCase() !== 'digest' || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) continue;
    const realm = challenge.params.get('realm') ?? '';
    const given = {
      username,
      realm,
      nonce: challenge.params.get('nonce') ?? '',
      uri: requestUri,
      algorithm: algorithm as DigestAlgorithm,
      qop: 'auth',
      cnonce: shortToken(),
      nc: '00000001',
    };
    const ha1 = computeHa1(given.algorithm, username, realm, latin1FromUtf8(password));
    const response = computeDigestResponse(ha1, { ...given, response: '' }, method);
    return [
      isProxy ? 'Proxy-Authorization' : 'Authorization',
      formatAuthentication('credentials', 'Digest', { ...given, response }),
    ];
  }
  return undefined;
}
