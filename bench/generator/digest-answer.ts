import { hash } from 'node:crypto';

/** Who answers a challenge, for which request. */
export interface DigestRequest {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
}

/** A digest challenge as it was received. */
export interface DigestChallenge {
  readonly isProxy: boolean;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly hasQop: boolean;
}

const cnonce = 'b5c0ffee';

/** The MD5 challenge in a 401 or 407 (rfc3261 22.4). */
export function readChallenge(head: string): DigestChallenge {
  const found = /^(WWW|Proxy)-Authenticate:\s*Digest\s+((?:(?!SHA-256).)*)$/im.exec(head);
  if (found === null) throw new Error(`no MD5 challenge in: ${head}`);
  const parameter = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`, 'i').exec(found[2] as string)?.[1];
  return {
    isProxy: found[1] !== 'WWW',
    realm: parameter('realm') ?? '',
    nonce: parameter('nonce') ?? '',
    opaque: parameter('opaque'),
    hasQop: parameter('qop') !== undefined,
  };
}

/** The header line that answers a challenge, for the `count`th time. */
export function answerDigest(challenge: DigestChallenge, { user, password, method, uri }: DigestRequest, count: number): string {
  const { realm, nonce, opaque, hasQop, isProxy } = challenge;
  const nc = count.toString(16).padStart(8, '0');
  const ha1 = hash('md5', `${user}:${realm}:${password}`);
  const ha2 = hash('md5', `${method}:${uri}`);
  const response = hash('md5', hasQop ? `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  const header = isProxy ? 'Proxy-Authorization' : 'Authorization';
  const qop = hasQop ? `,qop=auth,nc=${nc},cnonce="${cnonce}"` : '';
  const rest = opaque === undefined ? '' : `,opaque="${opaque}"`;
  return `${header}: Digest username="${user}",realm="${realm}",nonce="${nonce}",uri="${uri}",response="${response}",algorithm=MD5${qop}${rest}\r\n`;
}
