import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { randomToken } from '../../src/base/random.ts';
import type { PartnerIdentity } from './lab-under-test.ts';
import { until } from './until.ts';

/** A MESSAGE of a partner, bare as it goes over the wire. */
export interface PartnerMessage {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly method?: string;
  /** Further header lines. */
  readonly headers?: readonly string[];
}

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly statusLine: string;
  /** Header lines, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** A partner's server that is nothing but a mutual TLS connection: what it writes and reads is not touched by any code under test. */
export class PartnerConnection {
  readonly #socket: TLSSocket;
  #received = '';

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text;
    });
    socket.on('error', () => {});
  }

  /** Connects to an Edge and checks its certificate with Node's own means. */
  static async open(identity: PartnerIdentity, edge: { readonly fqdn: string; readonly host: string; readonly port: number }) {
    const { host, port, fqdn } = edge;
    const socket = connect({ ...identity, host, port, servername: fqdn, rejectUnauthorized: true });
    await once(socket, 'secureConnect');
    return new PartnerConnection(socket);
  }

  /** Sends one request and gives its answer; one at a time. */
  async exchange({ from, to, text, method = 'MESSAGE', headers = [] }: PartnerMessage): Promise<WireAnswer> {
    const host = from.slice(from.indexOf('@') + 1);
    const lines = [
      `${method} sip:${to} SIP/2.0`,
      `Via: SIP/2.0/TLS sip.${host};branch=z9hG4bK${randomToken(8)}`,
      'Max-Forwards: 70',
      `From: <sip:${from}>;tag=${randomToken(4)}`,
      `To: <sip:${to}>`,
      `Call-ID: ${randomToken(8)}`,
      `CSeq: 1 ${method}`,
      ...headers,
      'Content-Type: text/plain',
      `Content-Length: ${Buffer.byteLength(text)}`,
    ];
    this.#received = '';
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`);
    return until(`an answer to ${method} from ${from}`, () => {
      const answer = readAnswer(this.#received);
      if (answer === undefined && this.#socket.closed) throw new Error(`the Edge closed after: ${this.#received}`);
      return answer;
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function readAnswer(received: string): WireAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n');
  const headers = lines.map(line => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const length = Number(headers.find(([name]) => /^(content-length|l)$/i.test(name))?.[1] ?? 0);
  const body = received.slice(end + 4);
  return body.length < length ? undefined : { statusLine, headers, body: body.slice(0, length) };
}
