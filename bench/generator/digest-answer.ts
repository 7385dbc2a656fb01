import { hash } from 'node:crypto';

/** Who answers a challenge, for which request. */
export interface DigestRequest {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
}

const cnonce = 'b5c0ffee';

/** The header line that answers the digest challenge in a 401 or 407 (rfc3261 22.4), MD5 with or without qop. */
export function answerDigest(head: string, { user, password, method, uri }: DigestRequest): string {
  const challenge = /^(WWW|Proxy)-Authenticate:\s*Digest\s+((?:(?!SHA-256).)*)$/im.exec(head);
  if (challenge === null) throw new Error(`no MD5 challenge in: ${head}`);
  const parameter = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`, 'i').exec(challenge[2] as string)?.[1];
  const realm = parameter('realm') ?? '';
  const nonce = parameter('nonce') ?? '';
  const opaque = parameter('opaque');
  const hasQop = parameter('qop') !== undefined;
  const ha1 = hash('md5', `${user}:${realm}:${password}`);
  const ha2 = hash('md5', `${method}:${uri}`);
  const response = hash('md5', hasQop ? `${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  const header = challenge[1] === 'WWW' ? 'Authorization' : 'Proxy-Authorization';
  const qop = hasQop ? `,qop=auth,nc=00000001,cnonce="${cnonce}"` : '';
  const rest = opaque === undefined ? '' : `,opaque="${opaque}"`;
  return `${header}: Digest username="${user}",realm="${realm}",nonce="${nonce}",uri="${uri}",response="${response}",algorithm=MD5${qop}${rest}\r\n`;
}
