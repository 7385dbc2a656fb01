import { latin1FromUtf8 } from '../../src/base/bytes.ts';

/** Who decides: the parser, the proxy before it asks who is there, or the registrar after it. */
export type Judge = 'parser' | 'proxy' | 'registrar';

/** What has to become of a message. */
export type Verdict =
  /**
   * Well formed. `answer` is what a signed-in client gets: a status, `delivered` where the recipient's client has it and its own
   * answer came back, `none` for responses, which belong to no transaction here.
   */
  | { readonly kind: 'accept'; readonly answer: number | 'delivered' | 'none' }
  /** Not as it should be, but the RFC leaves the choice and we take it. */
  | { readonly kind: 'tolerate'; readonly answer: number | 'delivered' }
  /** `closes`: its end cannot be known, so the connection ends with the answer. */
  | { readonly kind: 'reject'; readonly by: Judge; readonly status: number; readonly closes?: true }
  /** Malformed, and nobody is to be told: a response. */
  | { readonly kind: 'drop'; readonly closes?: true }
  /** A stream has to wait for the rest; with it the message is delivered. */
  | { readonly kind: 'wait' };

/** One message and its verdict. */
export interface TortureRow {
  /** The RFC's short name; variants of one point have a word behind it. */
  readonly name: string;
  readonly rfc: 'RFC 4475' | 'RFC 5118';
  readonly section: string;
  /** What is odd about the message. */
  readonly point: string;
  readonly verdict: Verdict;
  /** What a datagram or WebSocket message is judged, where that differs: its end is the end of the message. */
  readonly datagram?: 'accept' | 'reject';
  /** Why this verdict. */
  readonly why: string;
  /** Set where the RFC wants something else than the verdict: why it is not so here. */
  readonly deviation?: string;
  /** One character per byte. */
  readonly message: string;
}

/** A session description for bodies. */
export const sdp = [
  'v=0',
  'o=alice 4711 1 IN IP4 192.0.2.40',
  's=-',
  'c=IN IP4 192.0.2.40',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 8',
  '',
].join('\r\n');

/**
 * A message as text: the indentation of its first line is taken off every line, lines end in CRLF, `{length}` is the length of the body, and
 * the empty line after the head is added where it is missing. Text becomes UTF-8; values put in with `${}` are bytes already.
 */
export function sip(strings: TemplateStringsArray, ...values: readonly string[]): string {
  const [first = ''] = strings;
  const indentation = /^\n( *)/.exec(first)?.[1] ?? '';
  let text = '';
  for (const [i, piece] of strings.entries()) {
    text += latin1FromUtf8(piece.replaceAll(`\n${indentation}`, '\n').replaceAll('\n', '\r\n')) + (values[i] ?? '');
  }
  // the line break behind the opening quote, and the indentation of the closing one
  text = text.slice(2).replace(/\r\n *$/, '\r\n');
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) text += '\r\n';
  const length = headEnd < 0 ? 0 : text.length - headEnd - 4;
  return text.replace('{length}', String(length));
}
