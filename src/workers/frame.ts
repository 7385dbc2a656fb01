import { bufferOf } from '../base/bytes.ts';

/** What frames between workers are about; a number on the wire. */
export const frameKinds = {
  /** The first one on a link: whose end it is. */
  hello: 1,
  /** A binding of the sender is new or renewed. */
  bound: 2,
  /** A binding is no more. */
  unbound: 3,
  /** A message to be written to the flow. */
  toFlow: 4,
  /** The answer of the flow's client. */
  fromFlow: 5,
  /** The flow is no more. */
  flowClosed: 6,
  /** A question that `reply` answers. */
  call: 7,
  reply: 8,
  /** Asks for `reached`: what was sent before has been heard. */
  barrier: 9,
  reached: 10,
  /** A password was tried. */
  guess: 11,
} as const;

/** Kind of a frame. */
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** One message between two workers: what it is about, a short name of what it concerns, and bytes. */
export interface Frame {
  readonly kind: FrameKind;
  readonly key: string;
  readonly payload: Uint8Array;
}

/** Length of all that follows (4 bytes), kind, length of the key. */
const headBytes = 6;
const maxKeyLength = 255;
/** Far above the largest SIP message; what claims more is no frame. */
const maxFrameBytes = 64 * 1024 * 1024;

/** A plain value as a frame's payload. */
export function jsonPayload(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The value of a payload that `jsonPayload` made; `T` is what the sender has put in. */
export function readJsonPayload<T>(payload: Uint8Array): T {
  return JSON.parse(bufferOf(payload).toString('utf8')) as T;
}

/** How many bytes a frame takes. */
export function frameBytes({ key, payload }: Frame): number {
  return headBytes + key.length + payload.length;
}

/** Several frames as one block of bytes, for one write. Throws where a key is longer than 255 characters. */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  let length = 0;
  for (const frame of frames) length += frameBytes(frame);
  const block = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { kind, key, payload } of frames) {
    if (key.length > maxKeyLength) throw new Error(`a frame's key has ${key.length} characters`);
    at = block.writeUInt32BE(headBytes - 4 + key.length + payload.length, at);
    at = block.writeUInt8(kind, at);
    at = block.writeUInt8(key.length, at);
    at += block.write(key, at, 'latin1');
    block.set(payload, at);
    at += payload.length;
  }
  return block;
}

/** Cuts what arrives into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes bytes and returns the frames that are complete now; their payloads are views of what arrived. Throws on what is no frame. */
  push(bytes: Buffer): readonly Frame[] {
    const block = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    while (block.length - at >= headBytes) {
      const length = block.readUInt32BE(at);
      if (length < headBytes - 4 || length > maxFrameBytes) throw new Error(`a frame of ${length} bytes`);
      const end = at + 4 + length;
      if (end > block.length) break;
      const keyStart = at + headBytes;
      const keyEnd = keyStart + block.readUInt8(at + 5);
      if (keyEnd > end) throw new Error('a frame that is shorter than its key');
      const kind = block.readUInt8(at + 4) as FrameKind;
      frames.push({ kind, key: block.toString('latin1', keyStart, keyEnd), payload: block.subarray(keyEnd, end) });
      at = end;
    }
    this.#rest = block.subarray(at);
    return frames;
  }
}
