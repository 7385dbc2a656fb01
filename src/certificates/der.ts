/** One element of DER: its tag byte, the whole element with its header, and its content. Both are views, not copies. */
export interface DerElement {
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

/** Thrown by the reader on anything that is not strict DER; caught by the function that reads one certificate. */
export class DerError extends Error {}

/** Tags used in certificates. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
} as const;

/**
 * Reads the single element that fills `bytes`. Only definite, minimal lengths and one-byte tags are taken, so that a
 * certificate has one reading: a lenient second reader is how forged names slip past a check.
 */
export function readDer(bytes: Buffer): DerElement {
  const [element, next] = readAt(bytes, 0);
  if (next !== bytes.length) throw new DerError('bytes follow an element');
  return element;
}

/** Reads the elements inside a constructed element, in order. */
export function readDerList(content: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < content.length) {
    const [element, next] = readAt(content, at);
    elements.push(element);
    at = next;
  }
  return elements;
}

/** The elements inside a SEQUENCE; anything else is an error. */
export function readSequence(element: DerElement | undefined): DerElement[] {
  return readDerList(expectTag(element, derTag.sequence).content);
}

/** Requires an element with this tag. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element === undefined || element.tag !== tag) throw new DerError(`an element with tag 0x${tag.toString(16)} is missing`);
  return element;
}

/** An OBJECT IDENTIFIER in dotted form. */
export function readOid(element: DerElement | undefined): string {
  const { content } = expectTag(element, derTag.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const [index, byte] of content.entries()) {
    if (arc > Number.MAX_SAFE_INTEGER / 256) throw new DerError('an object identifier is too large');
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) {
      if (index === content.length - 1) throw new DerError('an object identifier is cut off');
      continue;
    }
    if (arcs.length === 0) {
      const first = Math.min(Math.floor(arc / 40), 2);
      arcs.push(first, arc - first * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  if (arcs.length === 0) throw new DerError('an object identifier is empty');
  return arcs.join('.');
}

/** A BOOLEAN; DER knows only 0x00 and 0xff. */
export function readBoolean(element: DerElement | undefined): boolean {
  const { content } = expectTag(element, derTag.boolean);
  if (content.length !== 1 || (content[0] !== 0x00 && content[0] !== 0xff)) throw new DerError('a boolean is malformed');
  return content[0] === 0xff;
}

/** A small non-negative INTEGER (up to 4 bytes). */
export function readSmallInteger(element: DerElement | undefined): number {
  const { content } = expectTag(element, derTag.integer);
  if (content.length === 0 || content.length > 4 || ((content[0] as number) & 0x80) !== 0)
    throw new DerError('a number is out of range');
  return content.readUIntBE(0, content.length);
}

/** The bits of a BIT STRING of at most 16 bits, bit 0 of the standard being the highest of the result's 16. */
export function readBits(element: DerElement | undefined): number {
  const { content } = expectTag(element, derTag.bitString);
  if (content.length < 1 || content.length > 3 || (content[0] as number) > 7) throw new DerError('a bit string is malformed');
  return ((content[1] ?? 0) << 8) | (content[2] ?? 0);
}

function readAt(bytes: Buffer, at: number): [DerElement, number] {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('an element is cut off');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag is too long');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    if (size === 0 || size > 3) throw new DerError('a length is not definite or too large');
    if (start + size > bytes.length) throw new DerError('an element is cut off');
    length = bytes.readUIntBE(start, size);
    if (length < 0x80 || length < 2 ** (8 * (size - 1))) throw new DerError('a length is not minimal');
    start += size;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError('an element is cut off');
  return [{ tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, end) }, end];
}
