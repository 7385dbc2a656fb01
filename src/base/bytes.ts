/** Bytes that belong to nobody: an empty body. */
export const noBytes = new Uint8Array(0);

/** True where Node's Buffer is there; a browser takes the slower, equal path. */
const hasBuffer = typeof globalThis.Buffer === 'function';

/** The same bytes, not a copy of them, with what Node's Buffer can do; not for a browser. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes `start`…`end` as a string with one character per byte (code 0–255): nothing is lost, whatever the encoding. */
export function latin1FromBytes(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (hasBuffer) {
    return bufferOf(bytes).toString('latin1', start, end);
  }
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** The bytes of a string whose characters are all below 256; higher ones lose their upper bits. */
export function bytesFromLatin1(text: string): Uint8Array {
  if (hasBuffer) return Buffer.from(text, 'latin1');
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Writes a string whose characters are all below 256 into `target` at `offset`; the caller has made room for it. */
export function latin1Into(text: string, target: Uint8Array, offset: number): void {
  if (hasBuffer && target instanceof Buffer) target.write(text, offset, 'latin1');
  else for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
}

/** Bytes to be filled at once by the caller: their content is undefined until then. */
export function allocateBytes(length: number): Uint8Array {
  return hasBuffer ? Buffer.allocUnsafe(length) : new Uint8Array(length);
}

/** UTF-8 text for people, from a latin1 string as the head of a message carries it. */
export function utf8FromLatin1(text: string): string {
  // nearly all is ASCII, which is the same in both
  if (!/[^\0-\x7f]/.test(text)) return text;
  return new TextDecoder().decode(bytesFromLatin1(text));
}

/** The latin1 carrier of UTF-8 text: what to write into the head of a message. */
export function latin1FromUtf8(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text;
  return latin1FromBytes(new TextEncoder().encode(text));
}
