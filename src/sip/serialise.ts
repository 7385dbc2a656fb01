import { allocateBytes, latin1Into, noBytes } from '../base/bytes.ts';

/** A message ready for the wire. */
export interface OutgoingMessage {
  /** Start line, headers and the empty line; one character per byte. */
  readonly head: string;
  readonly body: Uint8Array;
}

/** How many bytes the message takes on the wire. */
export function byteLength(message: OutgoingMessage): number {
  return message.head.length + message.body.length;
}

/** Writes the message into `target` at `offset` and returns the offset after it; the caller has made room for `byteLength`. */
export function writeInto(message: OutgoingMessage, target: Uint8Array, offset: number): number {
  const bodyStart = offset + message.head.length;
  latin1Into(message.head, target, offset);
  if (message.body.length > 0) target.set(message.body, bodyStart);
  return bodyStart + message.body.length;
}

/** The message as bytes, in one allocation. */
export function serialise(message: OutgoingMessage): Uint8Array {
  const bytes = allocateBytes(byteLength(message));
  writeInto(message, bytes, 0);
  return bytes;
}

/** Several messages as one block of bytes, for one write on a shared connection. */
export function serialiseAll(messages: readonly OutgoingMessage[]): Uint8Array {
  let length = 0;
  for (const message of messages) length += byteLength(message);
  if (length === 0) return noBytes;
  const bytes = allocateBytes(length);
  let offset = 0;
  for (const message of messages) offset = writeInto(message, bytes, offset);
  return bytes;
}
