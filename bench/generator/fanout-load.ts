import type { LoadOrder, LoadOutcome } from './load-order.ts';
import { inParallel, LoadUser, pause, runToken } from './load-user.ts';
import { MeasuredWindow } from './measured-window.ts';
import { answerOk } from './sip-answer.ts';

const signInWidth = 32;
const publishTimeoutMs = 10_000;
const subscriptionSeconds = 600;

/** One presentity and its watchers; a document is published when all have the one before. */
class Fanout {
  readonly presentity: LoadUser;
  readonly watchers: readonly LoadUser[];
  readonly #window: MeasuredWindow;
  /** Number of the newest document each watcher has. */
  readonly #seen: number[];
  #number = 0;
  #token = '';
  #etag = '';
  #sinceMs = 0;
  #missing = 0;
  #whenComplete: () => void = () => {};

  constructor({ firstUser, watchers, sites }: LoadOrder, window: MeasuredWindow) {
    this.presentity = new LoadUser(firstUser, sites[0]);
    this.watchers = Array.from({ length: watchers }, (_, i) => new LoadUser(firstUser + 1 + i, sites[0]));
    this.#window = window;
    this.#seen = this.watchers.map(() => 0);
    this.watchers.forEach((watcher, i) => {
      watcher.onArrival = (text, start, bodyStart, end, status) => {
        if (status !== 0) return;
        watcher.connection.send(answerOk(text, start, bodyStart));
        const found = text.indexOf(this.#token, bodyStart);
        if (found !== -1 && found < end) this.#arrived(i);
      };
      watcher.onLost = () => {
        this.#window.failed++;
      };
    });
  }

  /** Signs everybody in and has all subscribe. */
  async begin(): Promise<void> {
    await inParallel([this.presentity, ...this.watchers], signInWidth, user => user.prepare());
    this.#token = 'none yet';
    await this.#publish();
    const uri = this.presentity.uri;
    await inParallel(this.watchers, signInWidth, async watcher => {
      const wanted = 'Event: presence\r\nAccept: application/pidf+xml\r\n';
      const headers = `${wanted}Contact: ${watcher.contact}\r\nExpires: ${subscriptionSeconds}\r\n`;
      await watcher.request({ method: 'SUBSCRIBE', uri, to: uri, headers });
    });
    await pause(0.5);
  }

  /** Publishes once and waits until it has arrived everywhere, or too long. */
  async round(): Promise<void> {
    this.#missing = this.watchers.length;
    this.#sinceMs = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenComplete = resolve;
    const timer = setTimeout(() => {
      this.#window.failed += this.#missing;
      process.stderr.write(`document ${this.#number}: ${this.#missing} of ${this.watchers.length} watchers have not got it\n`);
      resolve();
    }, publishTimeoutMs);
    await Promise.all([this.#publish(), promise]);
    clearTimeout(timer);
  }

  close(): void {
    for (const user of [this.presentity, ...this.watchers]) user.connection.close();
  }

  #arrived(watcher: number): void {
    if (this.#seen[watcher] === this.#number) return;
    this.#seen[watcher] = this.#number;
    this.#window.count(this.#sinceMs);
    if (--this.#missing === 0) this.#whenComplete();
  }

  async #publish(): Promise<void> {
    const { uri } = this.presentity;
    this.#number++;
    this.#token = `bench-${runToken}-${this.#number}-`;
    const body =
      `<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri}">` +
      `<tuple id="t1"><status><basic>open</basic></status><contact>${uri}</contact><note>${this.#token}</note></tuple></presence>\n`;
    const condition = this.#etag === '' ? '' : `SIP-If-Match: ${this.#etag}\r\n`;
    const headers = `Event: presence\r\nExpires: 3600\r\n${condition}Content-Type: application/pidf+xml\r\n`;
    const head = await this.presentity.request({ method: 'PUBLISH', uri, to: uri, headers, body });
    this.#etag = /^SIP-ETag:\s*(\S+)/im.exec(head)?.[1] ?? '';
  }
}

/** Presence: one NOTIFY with the new document at a watcher, and its 200. */
export async function runFanoutLoad(order: LoadOrder): Promise<LoadOutcome> {
  const window = new MeasuredWindow(order);
  const fanout = new Fanout(order, window);
  await fanout.begin();
  const warmUntilMs = performance.now() + order.warmSeconds * 1000;
  while (performance.now() < warmUntilMs) await fanout.round();
  window.open();
  const untilMs = performance.now() + order.seconds * 1000;
  while (performance.now() < untilMs) await fanout.round();
  window.close();
  const { tls } = fanout.presentity.connection;
  fanout.close();
  return window.outcome(tls);
}
