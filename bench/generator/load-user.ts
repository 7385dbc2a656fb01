import { answerDigest } from './digest-answer.ts';
import { LoadConnection } from './load-connection.ts';
import type { LoadSite } from './load-order.ts';
import { statusAt } from './sip-answer.ts';

/** What arrives at a user once it is signed in: `status` is 0 for a request. */
export type ArrivalHandler = (text: string, start: number, bodyStart: number, end: number, status: number) => void;

const registrationSeconds = 600;
const answerMs = 15_000;
/** Tells the dialogs and branches of one run from those of another at the same server. */
export const runToken = process.pid.toString(36);

/** A user on one connection: signs in, and hands over what comes afterwards. */
export class LoadUser {
  readonly number: number;
  readonly site: LoadSite;
  readonly connection: LoadConnection;
  /** A connection that closed by itself. */
  onLost: () => void = () => {};
  onArrival: ArrivalHandler = () => {};
  #registering: { answer: (head: string) => void } | undefined;
  #cseq = 0;

  constructor(number: number, site: LoadSite) {
    this.number = number;
    this.site = site;
    this.connection = new LoadConnection(
      site,
      (text, start, bodyStart, end) => this.#take(text, start, bodyStart, end),
      () => this.onLost(),
    );
  }

  get name(): string {
    return `u${this.number}`;
  }

  get uri(): string {
    return `sip:${this.name}@${this.site.domain}`;
  }

  get contact(): string {
    return `<sip:${this.name}@${this.connection.local};transport=tls>`;
  }

  /** Opens the connection and registers with digest; rejects when refused. */
  async signIn(): Promise<void> {
    await this.connection.open();
    await this.register(registrationSeconds);
  }

  /** REGISTER, 401, REGISTER, 200; rejects with anything else. */
  async register(expiresSeconds: number): Promise<void> {
    const uri = `sip:${this.site.domain}`;
    let head = await this.#sendRegister(uri, expiresSeconds, '');
    if (statusAt(head, 0) === 401) {
      const request = { user: this.name, password: `pw-${this.name}`, method: 'REGISTER', uri };
      head = await this.#sendRegister(uri, expiresSeconds, answerDigest(head, request));
    }
    if (statusAt(head, 0) !== 200) throw new Error(`REGISTER of ${this.uri}: ${head.slice(0, 200)}`);
  }

  /** Tells a bare relay who this is and whom everything goes to. */
  async pair(partner: number): Promise<void> {
    await this.connection.open();
    const answered = this.#nextAnswer();
    this.connection.send(`PAIR ${this.number} ${partner}\r\nContent-Length: 0\r\n\r\n`);
    await answered;
  }

  #sendRegister(uri: string, expiresSeconds: number, authorization: string): Promise<string> {
    const { connection, name } = this;
    const cseq = ++this.#cseq;
    const answered = this.#nextAnswer();
    connection.send(
      `REGISTER ${uri} SIP/2.0\r\nVia: SIP/2.0/TLS ${connection.local};branch=z9hG4bKr${runToken}x${name}x${cseq};rport\r\n` +
        `Max-Forwards: 70\r\nFrom: <${this.uri}>;tag=r${runToken}\r\nTo: <${this.uri}>\r\nCall-ID: r${runToken}-${name}@bench\r\n` +
        `CSeq: ${cseq} REGISTER\r\nContact: ${this.contact}\r\nExpires: ${expiresSeconds}\r\n${authorization}Content-Length: 0\r\n\r\n`,
    );
    return answered;
  }

  #nextAnswer(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(() => reject(new Error(`${this.uri} had no answer to its sign-in`)), answerMs);
    const answer = (head: string) => {
      clearTimeout(timer);
      this.#registering = undefined;
      resolve(head);
    };
    this.#registering = { answer };
    return promise;
  }

  #take(text: string, start: number, bodyStart: number, end: number): void {
    const status = statusAt(text, start);
    if (status >= 100 && status < 200) return;
    if (this.#registering !== undefined && status !== 0) this.#registering.answer(text.slice(start, bodyStart));
    else this.onArrival(text, start, bodyStart, end, status);
  }
}

/** Runs `work` for every item, `width` at a time. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}
