import { latin1FromUtf8 } from '../base/bytes.ts';

/** One character of UTF-8 in a string of bytes, or a byte that is part of none (rfc3629 4). */
const utf8Character =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** All that most addresses consist of: letters, digits and signs that stand for themselves in every form. */
const plain = /^[\w\-.!~*'()&=+$,;?/]*$/;

/**
 * What the canonical form keeps escaped: what nobody can see or tell apart (control, format and space characters, non-characters, bytes that
 * are no UTF-8), what would end the user part where an address is read (`@`, `:`, quotes, angle brackets, backslash), and a `%` that would
 * otherwise begin an escape.
 */
const keptEscaped = /%(?=[0-9a-f]{2})|[@:"<>\\]|[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Noncharacter_Code_Point}]/gu;

/** Bytes that are no UTF-8 go through the steps as lone surrogates, which no step changes and no text of UTF-8 holds. */
const strayByte = 0xdc00;

/**
 * The canonical form of a user part as a URI or a person writes it: escapes resolved, read as UTF-8, in Unicode's composed form, in lower case,
 * with `%hh` for what cannot stand for itself (`keptEscaped`). Two spellings of one user give one text, and the canonical form of a canonical
 * form is itself. `bytes` has one character per byte, as in the head of a message.
 */
export function canonicalUserPart(bytes: string): string {
  if (plain.test(bytes)) return bytes.toLowerCase();
  const text = unescapeBytes(bytes).replace(utf8Character, characterOfBytes);
  return text.normalize('NFC').toLowerCase().normalize('NFC').replace(keptEscaped, escapesOf);
}

/** `canonicalUserPart` of a text with any characters, as a person or a database gives it; half a surrogate pair becomes U+FFFD. */
export function canonicalUserText(text: string): string {
  return canonicalUserPart(plain.test(text) ? text : latin1FromUtf8(text));
}

const standing = new Uint8Array(128);
for (let code = 0; code < 128; code++) standing[code] = plain.test(String.fromCharCode(code)) ? 1 : 0;
standing[0x40] = 1;

/** Whether an address stands in a URI as it is, as nearly every one does. A loop, for this is asked about the sender of each message. */
export function standsInUri(address: string): boolean {
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code > 127 || standing[code] === 0) return false;
  }
  return true;
}

/** A canonical user part as a URI carries it (rfc3261 25.1): letters, digits and signs of ASCII, `%HH` for all else. */
export function escapeUserPart(canonical: string): string {
  if (plain.test(canonical)) return canonical;
  return latin1FromUtf8(canonical).replace(/%[0-9a-f]{2}|[^\w\-.!~*'()&=+$,;?/]/g, piece =>
    piece.length === 3 ? piece.toUpperCase() : escapedByte(piece.charCodeAt(0)).toUpperCase(),
  );
}

/** Resolves `%HH` escapes; the result has one character per byte, as the text given. */
export function unescapeBytes(text: string): string {
  if (text.indexOf('%') < 0) return text;
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function characterOfBytes(bytes: string): string {
  const first = bytes.charCodeAt(0);
  if (bytes.length === 1) return String.fromCharCode(strayByte + first);
  let code = first & (0x7f >> bytes.length);
  for (let i = 1; i < bytes.length; i++) code = (code << 6) | (bytes.charCodeAt(i) & 0x3f);
  return String.fromCodePoint(code);
}

function escapesOf(character: string): string {
  const code = character.charCodeAt(0);
  if (character.length === 1 && code >= strayByte && code <= strayByte + 0xff) return escapedByte(code - strayByte);
  let escapes = '';
  for (const byte of latin1FromUtf8(character)) escapes += escapedByte(byte.charCodeAt(0));
  return escapes;
}

function escapedByte(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}
