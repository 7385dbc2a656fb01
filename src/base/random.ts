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

let pool = new Uint8Array(0);
let used = 0;

/** 12 random hexadecimal characters, drawn from a pre-filled pool: cheap enough for one branch or tag per message. */
export function shortToken(): string {
  if (used + 6 > pool.length) {
    pool = randomBytes(6144) as Uint8Array<ArrayBuffer>;
    used = 0;
  }
  let token = '';
  for (const end = used + 6; used < end; used++) token += hexPairs[pool[used] as number];
  return token;
}

/** A random number in 0…1, for choices that need no secrecy: load sharing, jitter. */
export function randomFraction(): number {
  return Math.random();
}
