import { createHash, timingSafeEqual } from 'node:crypto';

/** Digest algorithms a listener may offer (rfc8760; MD5 stays because most clients in the field know nothing else). */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** What a client sends in Authorization or Proxy-Authorization, unquoted. */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly qop?: string;
  readonly cnonce?: string;
  /** The eight hexadecimal digits as sent. */
  readonly nc?: string;
}

/** H(user:realm:password), in lower-case hexadecimal: what is kept instead of the password (rfc7616 3.4.2). */
export function computeHa1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return hash(algorithm, `${username}:${realm}:${password}`);
}

/** The response a client holding `ha1` would send for `method` (rfc7616 3.4.1; without qop as rfc2617 3.2.2.1). */
export function computeDigestResponse(ha1: string, credentials: DigestCredentials, method: string): string {
  const ha2 = hash(credentials.algorithm, `${method}:${credentials.uri}`);
  const middle = credentials.qop
    ? `${credentials.nonce}:${credentials.nc}:${credentials.cnonce}:${credentials.qop}`
    : credentials.nonce;
  return hash(credentials.algorithm, `${ha1}:${middle}:${ha2}`);
}

/** Whether the credentials prove knowledge of `ha1`; compares in constant time. */
export function digestMatches(ha1: string, credentials: DigestCredentials, method: string): boolean {
  const expected = Buffer.from(computeDigestResponse(ha1, credentials, method));
  const given = Buffer.from(credentials.response.toLowerCase());
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  // latin1: user names arrive byte-transparent, so bytes and not characters are hashed
  return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'latin1')
    .digest('hex');
}
