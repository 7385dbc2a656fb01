import { randomBytes } from 'node:crypto';

const ulidAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A random lower-case hexadecimal token of `bytes` random bytes. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('hex');
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

let pool = Buffer.alloc(0);
let used = 0;

/** 12 random hexadecimal characters, drawn from a pre-filled pool: cheap enough for one branch or tag per message. */
export function shortToken(): string {
  if (used + 6 > pool.length) {
    pool = randomBytes(6144);
    used = 0;
  }
  used += 6;
  return pool.toString('hex', used - 6, used);
}
