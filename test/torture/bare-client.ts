import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { randomToken } from '../../src/base/random.ts';
import { computeDigestResponse, computeHa1 } from '../../src/identity/digest.ts';
import { parseAuthentication } from '../../src/sip/challenge.ts';

/** A message as it came, read by nothing that is under test. */
export interface BareMessage {
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** One character per byte. */
  readonly body: string;
}

/** Where a server listens and what its certificate has to say. */
export interface BareServer {
  readonly host: string;
  readonly port: number;
  readonly fqdn: string;
  /** PEM. */
  readonly ca: string;
  /** Our own certificate, PEM, where one is wanted. */
  readonly cert?: string;
  readonly key?: string;
  /** The address to come from, where it matters. */
  readonly localAddress?: string;
}

/** A client that writes what it is given and keeps what comes. */
export class BareClient {
  readonly received: BareMessage[] = [];
  closed = false;
  /** Answers every request; without it nothing is answered. */
  answer: ((request: BareMessage) => string) | undefined;
  readonly #socket: TLSSocket;
  readonly #watchers = new Set<() => void>();
  #unread = '';

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open({ host, port, fqdn, ...tls }: BareServer): Promise<BareClient> {
    const socket = connect({ ...tls, host, port, servername: fqdn });
    await once(socket, 'secureConnect');
    return new BareClient(socket);
  }

  /** The same over a connection that somebody else has opened. */
  static over(socket: TLSSocket): BareClient {
    return new BareClient(socket);
  }

  /** Writes bytes, one character each. */
  write(text: string): void {
    if (!this.closed) this.#socket.write(text, 'latin1');
  }

  /** What `look` finds, as soon as it finds something; undefined if the connection ends before. */
  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || this.closed) return found;
      await new Promise<void>(resolve => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  /** Registers a user of contoso.test with digest. */
  async signIn(user: string): Promise<void> {
    const callId = randomToken(8);
    this.write(registration(user, callId, 1));
    const challenged = await this.#answerTo(callId, 1);
    const challenge = parseAuthentication(headerOf(challenged, 'WWW-Authenticate') ?? '')?.params;
    const realm = challenge?.get('realm') ?? '';
    const given = {
      username: user,
      realm,
      nonce: challenge?.get('nonce') ?? '',
      uri: 'sip:contoso.test',
      algorithm: 'MD5',
      qop: 'auth',
      cnonce: 'c0ffee',
      nc: '00000001',
      response: '',
    } as const;
    const response = computeDigestResponse(computeHa1('MD5', user, realm, `pw-${user}`), given, 'REGISTER');
    const credentials =
      `Authorization: Digest username="${user}", realm="${realm}", nonce="${given.nonce}", uri="${given.uri}", ` +
      `algorithm=MD5, qop=auth, cnonce="${given.cnonce}", nc=${given.nc}, response="${response}"\r\n`;
    this.write(registration(user, callId, 2, credentials));
    const registered = await this.#answerTo(callId, 2);
    if (!registered.startLine.startsWith('SIP/2.0 200')) throw new Error(`${user} is answered ${registered.startLine}`);
  }

  /** Ends our side after what was written; true as soon as the server has closed its side, false after `timeoutMs`. */
  async finish(timeoutMs: number): Promise<boolean> {
    this.#socket.end();
    await Promise.race([this.until(() => undefined), delay(timeoutMs, undefined, { ref: false })]);
    return this.closed;
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #answerTo(callId: string, cseq: number): Promise<BareMessage> {
    const found = await this.until(() =>
      this.received.find(({ headers }) => has(headers, 'Call-ID', callId) && has(headers, 'CSeq', `${cseq} REGISTER`)),
    );
    if (found === undefined) throw new Error('the server closed the connection');
    return found;
  }

  #read(text: string): void {
    this.#unread += text;
    for (;;) {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end < 0) break;
      const [startLine = '', ...lines] = this.#unread.slice(0, end).split('\r\n');
      const headers = lines.map(line => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
      });
      const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
      if (this.#unread.length < end + 4 + length) break;
      const message = { startLine, headers, body: this.#unread.slice(end + 4, end + 4 + length) };
      this.#unread = this.#unread.slice(end + 4 + length);
      this.received.push(message);
      if (this.answer !== undefined && !startLine.startsWith('SIP/2.0 ') && !startLine.startsWith('ACK ')) {
        this.write(this.answer(message));
      }
    }
    this.#wake();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

function has(headers: BareMessage['headers'], name: string, value: string): boolean {
  return headers.some(header => header[0] === name && header[1] === value);
}

/** The first value of a header in canonical spelling. */
export function headerOf(message: BareMessage, name: string): string | undefined {
  return message.headers.find(header => header[0] === name)?.[1];
}

/** A response to a request, with the headers that it has to repeat. */
export function bareResponse(request: BareMessage, status: number, reason: string): string {
  const repeated = request.headers.filter(([name]) => ['Via', 'From', 'Call-ID', 'CSeq', 'Record-Route'].includes(name));
  const lines = repeated.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `SIP/2.0 ${status} ${reason}\r\n${lines}To: ${headerOf(request, 'To')};tag=${randomToken(4)}\r\nContent-Length: 0\r\n\r\n`;
}

function registration(user: string, callId: string, cseq: number, credentials = ''): string {
  const branch = randomToken(8);
  return (
    `REGISTER sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS ${user}.invalid;branch=z9hG4bK${branch}\r\nMax-Forwards: 70\r\n` +
    `From: <sip:${user}@contoso.test>;tag=${callId}\r\nTo: <sip:${user}@contoso.test>\r\nCall-ID: ${callId}\r\nCSeq: ${cseq} REGISTER\r\n` +
    `Contact: <sip:${user}@${user}.invalid;transport=tls>;+sip.instance="<urn:uuid:${callId}>"\r\nExpires: 600\r\n${credentials}Content-Length: 0\r\n\r\n`
  );
}

/** An OPTIONS to the server itself, whose answer says that everything before it was dealt with. */
export function probe(callId: string, from: string): string {
  const domain = from.slice(from.indexOf('@') + 1);
  return (
    `OPTIONS sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS probe.invalid;branch=z9hG4bK${randomToken(8)}\r\nMax-Forwards: 70\r\n` +
    `From: <sip:${from}>;tag=1\r\nTo: <sip:${domain}>\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`
  );
}
