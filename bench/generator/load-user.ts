import { answerDigest, type DigestChallenge, readChallenge } from './digest-answer.ts';
import { LoadConnection } from './load-connection.ts';
import type { LoadSite } from './load-order.ts';
import { statusAt } from './sip-answer.ts';

/** What arrives at a user once it is signed in: `status` is 0 for a request. */
export type ArrivalHandler = (text: string, start: number, bodyStart: number, end: number, status: number) => void;

/** A request outside of dialogs. */
export interface RequestDraft {
  readonly method: string;
  readonly uri: string;
  readonly to: string;
  /** Further header lines. */
  readonly headers: string;
  /** Latin1. */
  readonly body?: string;
}

const registrationSeconds = 600;
const connectionAttempts = 4;
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
  #awaited: { answer: (head: string) => void; fail: (why: string) => void } | undefined;
  #cseq = 0;
  #challenge: DigestChallenge | undefined;
  #answers = 0;

  constructor(number: number, site: LoadSite) {
    this.number = number;
    this.site = site;
    this.connection = new LoadConnection(
      site,
      (text, start, bodyStart, end) => this.#take(text, start, bodyStart, end),
      () => (this.#awaited === undefined ? this.onLost() : this.#awaited.fail('lost its connection')),
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

  /** The same where it is only the preparation of what is measured: a server may reset a few of many connections that come at once. */
  async prepare(): Promise<void> {
    for (let left = connectionAttempts; ; left--) {
      try {
        return await this.signIn();
      } catch (thrown) {
        this.connection.close();
        this.#awaited = undefined;
        if (left === 1) throw thrown;
        await pause(0.2);
      }
    }
  }

  /** REGISTER with digest; rejects when refused. A challenge of before is used again. */
  async register(expiresSeconds: number): Promise<void> {
    const uri = `sip:${this.site.domain}`;
    const headers = `Contact: ${this.contact}\r\nExpires: ${expiresSeconds}\r\n`;
    await this.request({ method: 'REGISTER', uri, to: this.uri, headers });
  }

  /** Sends a request and resolves with the head of its 2xx, after answering one challenge; rejects with anything else. */
  async request(draft: RequestDraft): Promise<string> {
    let head = await this.#sendRequest(draft);
    const status = statusAt(head, 0);
    if (status === 401 || status === 407) {
      this.#challenge = readChallenge(head);
      this.#answers = 0;
      head = await this.#sendRequest(draft);
    }
    if (statusAt(head, 0) >= 300) throw new Error(`${draft.method} of ${this.uri}: ${head.slice(0, 400)}`);
    return head;
  }

  /** Tells a bare relay who this is and whom everything goes to. */
  async pair(partner: number): Promise<void> {
    await this.connection.open();
    const answered = this.#nextAnswer();
    this.connection.send(`PAIR ${this.number} ${partner}\r\nContent-Length: 0\r\n\r\n`);
    await answered;
  }

  #sendRequest({ method, uri, to, headers, body = '' }: RequestDraft): Promise<string> {
    const { connection, name } = this;
    const cseq = ++this.#cseq;
    const credentials = { user: name, password: `pw-${name}`, method, uri };
    const authorization = this.#challenge === undefined ? '' : answerDigest(this.#challenge, credentials, ++this.#answers);
    const answered = this.#nextAnswer();
    connection.send(
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/TLS ${connection.local};branch=z9hG4bKr${runToken}x${name}x${cseq};rport\r\n` +
        `Max-Forwards: 70\r\nFrom: <${this.uri}>;tag=r${runToken}\r\nTo: <${to}>\r\nCall-ID: ${method}${runToken}-${name}@bench\r\n` +
        `CSeq: ${cseq} ${method}\r\n${headers}${authorization}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    return answered;
  }

  #nextAnswer(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const settle = () => {
      clearTimeout(timer);
      this.#awaited = undefined;
    };
    const answer = (head: string) => {
      settle();
      resolve(head);
    };
    const fail = (why: string) => {
      settle();
      reject(new Error(`${this.uri} ${why}`));
    };
    const timer = setTimeout(() => fail('had no answer'), answerMs);
    this.#awaited = { answer, fail };
    return promise;
  }

  #take(text: string, start: number, bodyStart: number, end: number): void {
    const status = statusAt(text, start);
    if (status >= 100 && status < 200) return;
    if (this.#awaited !== undefined && status !== 0) this.#awaited.answer(text.slice(start, bodyStart));
    else this.onArrival(text, start, bodyStart, end, status);
  }
}

/** Resolves after that time. */
export function pause(seconds: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, seconds * 1000);
  });
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
