import { createHash, timingSafeEqual } from 'node:crypto';

/** A token of the API and the name under which its holder stands in the history. */
export interface ApiToken {
  readonly name: string;
  readonly token: string;
}

/** Reads a token file: a line is `NAME TOKEN`, or a token alone, whose name is `admin`; empty lines and lines with # do not count. */
export function parseApiTokens(text: string): readonly ApiToken[] {
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const words = line.split(/\s+/);
      return { name: words.length > 1 ? (words[0] as string) : 'admin', token: words[words.length - 1] as string };
    });
}

/**
 * The token that a request with this Authorization header has; undefined when none matches.
 * Digests of equal length are compared, all of them, so that time tells neither length nor place of a match.
 */
export function tokenOfRequest(tokens: readonly ApiToken[], authorization: string): ApiToken | undefined {
  const given = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
  if (given === undefined) return undefined;
  const digest = digestOf(given);
  let found: ApiToken | undefined;
  for (const entry of tokens) if (timingSafeEqual(digestOf(entry.token), digest)) found = entry;
  return found;
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
