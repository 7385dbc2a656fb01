import { mutate } from './mutate.ts';
import { RandomSource } from './random-source.ts';
import { nextSipInput, type Parties, sipWords } from './sip-grammar.ts';

/** How the HTTP request begins that makes a WebSocket. */
export const upgradeRequest =
  'GET / HTTP/1.1\r\nHost: fe.contoso.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n';

const words: readonly string[] = [
  ...['\r\n', '\r', '\n', '\0', ':', ',', ' ', '\t', '\xff', 'GET ', 'POST ', 'HTTP/1.0', 'HTTP/1.1', 'HTTP/2', '/x', '?', '//'],
  ...[
    'Upgrade: h2c\r\n',
    'Upgrade: WebSocket, x\r\n',
    'Sec-WebSocket-Version: 8\r\n',
    'Sec-WebSocket-Key: x\r\n',
    'Sec-WebSocket-Protocol: sip, sip\r\n',
  ],
  ...[
    'Sec-WebSocket-Protocol: \r\n',
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8\r\n',
    'Origin: null\r\n',
  ],
  ...[
    'Content-Length: 5\r\n\r\nhello',
    'Transfer-Encoding: chunked\r\n',
    'Expect: 100-continue\r\n',
    'a'.repeat(9000),
    'x: y\r\n'.repeat(2100),
  ],
];

/** What comes before there is a WebSocket, and sometimes frames at once behind it. */
export function nextUpgradeInput(random: RandomSource, seeds: readonly string[]): string {
  const base = seeds.length > 0 && random.once(4) ? random.pick(seeds) : upgradeRequest;
  const head = random.once(8) ? base : mutate(random, base, words, [base]);
  return random.once(4) ? head + frame(random, 'OPTIONS sip:contoso.test SIP/2.0\r\n\r\n', {}) : head;
}

/** Frames on a WebSocket: with SIP in them, cut into fragments, of odd kinds and lengths, or broken. */
export function webSocketInputs(parties: Parties, messages: readonly string[]) {
  return (random: RandomSource, seeds: readonly string[]): string => {
    const odd = random.once(8) ? random.pick(['', '\r\n\r\n', '\r\n', '\0', '\xff\xfe', 'x']) : undefined;
    const frames = random.once(4) ? random.pick(seeds) : framesOf(random, odd ?? nextSipInput(random, parties, messages));
    return random.once(5) ? mutate(random, frames, sipWords, [frames]) : frames;
  };
}

/** A message in one text frame. */
export function textFrame(message: string): string {
  return frame(new RandomSource(message.length), message, { kind: 1 });
}

function framesOf(random: RandomSource, content: string): string {
  const control = random.once(5) ? oddFrame(random) : '';
  if (!random.once(4) || content.length < 2) return control + frame(random, content, {});
  const count = random.pick([2, 3, 10, 300]);
  const size = Math.max(1, Math.ceil(content.length / count));
  let text = '';
  for (let at = 0; at < content.length; at += size) {
    const first = at === 0 ? undefined : 0;
    text += frame(random, content.slice(at, at + size), {
      isLast: at + size >= content.length,
      ...(first === undefined ? {} : { kind: 0 }),
    });
    if (random.once(20)) text += oddFrame(random);
  }
  return control + text;
}

/** Pings, closes with and without a code, kinds and bits that are reserved, lengths that lie. */
function oddFrame(random: RandomSource): string {
  switch (random.integer(7)) {
    case 0:
      return frame(random, 'ping', { kind: 9 });
    case 1:
      return frame(random, 'p'.repeat(random.pick([0, 125, 126])), { kind: 10 });
    case 2:
      return frame(random, random.pick(['', '\x03', '\x03\xe8', '\x03\xedlost', '\x00\x00', '\x03\xe8\xff']), { kind: 8 });
    case 3:
      return frame(random, 'x', { kind: random.pick([3, 7, 11, 15]) });
    case 4:
      return frame(random, 'x', { reserved: random.pick([0x40, 0x20, 0x10]) });
    case 5:
      return frame(random, 'x', { isMasked: false });
    default:
      return frame(random, 'x', { saidLength: random.pick([0, 2, 125, 65_536, 2 ** 31, 2 ** 40]) });
  }
}

interface FrameOptions {
  /** rfc6455 5.2: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly kind?: number;
  readonly isLast?: boolean;
  readonly isMasked?: boolean;
  readonly reserved?: number;
  readonly saidLength?: number;
}

function frame(random: RandomSource, content: string, options: FrameOptions): string {
  const { kind = random.pick([1, 2]), isLast = true, isMasked = true, reserved = 0, saidLength = content.length } = options;
  const mask = Buffer.from([random.integer(256), random.integer(256), random.integer(256), random.integer(256)]);
  const payload = Buffer.from(content, 'latin1');
  if (isMasked) for (const [i, byte] of payload.entries()) payload[i] = byte ^ (mask[i % 4] as number);
  const head = [(isLast ? 0x80 : 0) | reserved | kind, ...lengthOf(saidLength, isMasked ? 0x80 : 0)];
  return Buffer.concat([Buffer.from(head), isMasked ? mask : Buffer.alloc(0), payload]).toString('latin1');
}

function lengthOf(length: number, maskBit: number): readonly number[] {
  if (length < 126) return [maskBit | length];
  if (length < 65_536) return [maskBit | 126, length >> 8, length & 255];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return [maskBit | 127, ...bytes];
}
