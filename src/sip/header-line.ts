import type { HeaderName } from './header-name.ts';

/** A header to write: its name and its value, one character per byte (`latin1FromUtf8` for text with other characters). */
export type HeaderLine = readonly [name: HeaderName, value: string];

const unsafeInValue = /[\0\r\n\u0100-\uffff]/g;
const unsafeInUri = /[\0- \x7f\u0100-\uffff]/g;

/**
 * A value that cannot break out of its line: CR, LF, NUL and characters above 255 (whose upper bits are lost on the wire,
 * so that U+010A would become a line feed) are replaced by `?`.
 */
export function safeValue(value: string): string {
  // in nearly every value there is nothing to replace, and a loop sees that sooner than an expression
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 255 || (code < 0x0e && (code === 0x0d || code === 0x0a || code === 0))) return value.replace(unsafeInValue, '?');
  }
  return value;
}

/** A Request-URI that cannot break out of the start line. */
export function safeRequestUri(uri: string): string {
  for (let i = 0; i < uri.length; i++) {
    const code = uri.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code > 255) return uri.replace(unsafeInUri, '?');
  }
  return uri;
}

/** `Name: value CRLF` for each line. */
export function renderLines(lines: readonly HeaderLine[]): string {
  let text = '';
  for (const line of lines) text += `${safeValue(line[0])}: ${safeValue(line[1])}\r\n`;
  return text;
}
