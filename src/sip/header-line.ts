import type { HeaderName } from './header-name.ts';

/** A header to write: its name and its value, one character per byte (`latin1FromUtf8` for text with other characters). */
export type HeaderLine = readonly [name: HeaderName, value: string];

/**
 * A value that cannot break out of its line: CR, LF, NUL and characters above 255 (whose upper bits are lost on the wire,
 * so that U+010A would become a line feed) are replaced by `?`.
 */
export function safeValue(value: string): string {
  return /[\0\r\n\u0100-\uffff]/.test(value) ? value.replace(/[\0\r\n\u0100-\uffff]/g, '?') : value;
}

/** A Request-URI that cannot break out of the start line. */
export function safeRequestUri(uri: string): string {
  return /[\0- \x7f\u0100-\uffff]/.test(uri) ? uri.replace(/[\0- \x7f\u0100-\uffff]/g, '?') : uri;
}

/** `Name: value CRLF` for each line. */
export function renderLines(lines: readonly HeaderLine[]): string {
  let text = '';
  for (const [name, value] of lines) text += `${safeValue(name)}: ${safeValue(value)}\r\n`;
  return text;
}
