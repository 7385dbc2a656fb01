const ulidAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Web Crypto and no `node:` module: messages are made in a browser too. */
function randomBytes(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
}

/** A random lower-case hexadecimal token of `bytes` random bytes. */
export function randomToken(bytes: number): string {
  let token = '';
  for (const byte of randomBytes(bytes)) token += hexPairs[byte];
  return token;
}

/** A ULID: 48 bits of `nowMs` (milliseconds since 1970) and 80 random bits, 26 characters, sortable by time. */
export function ulid(nowMs: number): string {
  let time = Math.floor(nowMs);
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = ulidAlphabet.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of randomBytes(16)) tail += ulidAlphabet.charAt(byte & 31);
  return head + tail;
}

const shortTokenLength = 12;
let pool = '';
let used = 0;

/** 12 random hexadecimal characters, cut from many made at once: cheap enough for one branch or tag per message. */
export function shortToken(): string {
  if (used === pool.length) {
    pool = randomToken(6144);
    used = 0;
  }
  used += shortTokenLength;
  return pool.slice(used - shortTokenLength, used);
}

/** A random number in 0…1, for choices that need no secrecy: load sharing, jitter. */
export function randomFraction(): number {
  return Math.random();
}
