import { readFileSync } from 'node:fs';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { LoadSite } from './load-order.ts';

/** A whole message inside a text: where it begins, where its body begins, where it ends. */
export type MessageHandler = (text: string, start: number, bodyStart: number, end: number) => void;

/** One buffer for what any connection reads: what was read is taken before the next read. */
const readBuffer = Buffer.allocUnsafe(65_536);
const contexts = new Map<string, SecureContext>();
const lengthHeader = '\r\nContent-Length: ';

/** A TLS connection that frames by Content-Length and gathers what is sent while one read is handled into one write. */
export class LoadConnection {
  readonly #site: LoadSite;
  readonly #onMessage: MessageHandler;
  readonly #onLost: () => void;
  #socket: TLSSocket | undefined;
  #rest = '';
  #out = '';
  #isReading = false;

  constructor(site: LoadSite, onMessage: MessageHandler, onLost: () => void) {
    this.#site = site;
    this.#onMessage = onMessage;
    this.#onLost = onLost;
  }

  /** Local address as it goes into Via and Contact. */
  get local(): string {
    return `${this.#socket?.localAddress}:${this.#socket?.localPort}`;
  }

  get tls(): string {
    return `${this.#socket?.getProtocol()} ${this.#socket?.getCipher().name}`;
  }

  /** Resolves when the handshake is done; rejects if it fails. */
  open(): Promise<void> {
    const { host, port, serverName } = this.#site;
    const secureContext = contextOf(this.#site);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onread = { buffer: readBuffer, callback: (count: number) => this.#read(count) };
    const options = { host, port, servername: serverName, secureContext, rejectUnauthorized: false, onread };
    const socket = connect(options, resolve);
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#onLost();
    });
    this.#socket = socket;
    this.#rest = '';
    return promise;
  }

  /** Sends latin1 text. */
  send(text: string): void {
    if (this.#isReading) this.#out += text;
    else this.#socket?.write(text, 'latin1');
  }

  /** Closes; `onLost` is not called. */
  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #read(count: number): boolean {
    this.#isReading = true;
    let text = readBuffer.toString('latin1', 0, count);
    if (this.#rest !== '') text = this.#rest + text;
    const taken = this.#frame(text);
    this.#rest = taken === text.length ? '' : text.slice(taken);
    this.#isReading = false;
    if (this.#out !== '') {
      const out = this.#out;
      this.#out = '';
      this.#socket?.write(out, 'latin1');
    }
    return true;
  }

  #frame(text: string): number {
    let start = 0;
    for (;;) {
      while (text.charCodeAt(start) === 13 || text.charCodeAt(start) === 10) start++;
      const headEnd = text.indexOf('\r\n\r\n', start);
      if (headEnd === -1) return start;
      const end = headEnd + 4 + contentLength(text, start, headEnd);
      if (end > text.length) return start;
      this.#onMessage(text, start, headEnd + 4, end);
      start = end;
    }
  }
}

function contentLength(text: string, start: number, headEnd: number): number {
  const at = text.indexOf(lengthHeader, start);
  if (at !== -1 && at < headEnd) return Number.parseInt(text.slice(at + lengthHeader.length, at + lengthHeader.length + 8), 10);
  const found = /^(?:content-length|l)[ \t]*:\s*(\d+)/im.exec(text.slice(start, headEnd));
  return Number(found?.[1] ?? 0);
}

/** One key exchange for all servers: the hybrid with ML-KEM, which a newer TLS library agrees on, costs a server a tenth of a sign-in more. */
function contextOf({ caFile }: LoadSite): SecureContext {
  const known = contexts.get(caFile);
  if (known !== undefined) return known;
  const made = createSecureContext({ ca: readFileSync(caFile), minVersion: 'TLSv1.2', ecdhCurve: 'X25519' });
  contexts.set(caFile, made);
  return made;
}
