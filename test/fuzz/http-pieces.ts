/** What HTTP requests with bodies of JSON are sensitive to, whatever they are about. */
export const httpPieces: readonly string[] = [
  ...['\r\n', '\r', '\n', '\0', '\xff\xfe', 'a'.repeat(9000)],
  ...['{', '}', '[', ']', '"', '\\', '\\u0000', ':', ',', 'null', '__proto__'],
  ...['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Expect: 100-continue\r\n'],
  ...['5\r\nhello\r\n0\r\n\r\n', 'ffffffff\r\n', 'HTTP/1.0', 'HTTP/9.9', 'CONNECT ', 'GET '],
];

/** The last header, and the body as one chunk. */
export function chunked(body: string): string {
  return `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}
