import type { LoadOrder, LoadOutcome } from './load-order.ts';
import { inParallel, LoadUser, pause, runToken } from './load-user.ts';
import { MeasuredWindow } from './measured-window.ts';
import { answerOk } from './sip-answer.ts';

const unitTimeoutMs = 5_000;
const signInWidth = 32;
/** All numbers have as many digits, so that none is the beginning of another. */
const firstSequence = 1_000_000;

/** One who writes and one who answers; never more than one message outstanding. */
export class MessagePair {
  readonly sender: LoadUser;
  readonly receiver: LoadUser;
  readonly #window: MeasuredWindow;
  readonly #branch: string;
  readonly #parts: readonly [string, string, string, string];
  #sequence = firstSequence;
  #expected = '';
  #sinceMs = 0;
  isBusy = false;
  /** Called when the outstanding message is answered or given up. */
  onFree: () => void = () => {};

  constructor(sender: LoadUser, receiver: LoadUser, bodyBytes: number, window: MeasuredWindow) {
    this.sender = sender;
    this.receiver = receiver;
    this.#window = window;
    this.#branch = `z9hG4bKm${runToken}x${sender.number}x`;
    const body = 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bodyBytes / 45)).slice(0, bodyBytes);
    this.#parts = [
      `MESSAGE ${receiver.uri} SIP/2.0\r\nVia: SIP/2.0/TLS ${sender.connection.local};branch=${this.#branch}`,
      `;rport\r\nMax-Forwards: 70\r\nFrom: <${sender.uri}>;tag=m${runToken}${sender.number}\r\nTo: <${receiver.uri}>\r\nCall-ID: m${runToken}-${sender.number}-`,
      '@bench\r\nCSeq: ',
      ` MESSAGE\r\nUser-Agent: Parley bench\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ${bodyBytes}\r\n\r\n${body}`,
    ];
    receiver.onArrival = (text, start, bodyStart, _end, status) => {
      if (status === 0) receiver.connection.send(answerOk(text, start, bodyStart));
    };
    sender.onArrival = (text, start, bodyStart, _end, status) => this.#answered(text, start, bodyStart, status);
    sender.onLost = receiver.onLost = () => {
      this.#window.failed++;
    };
  }

  /** Sends the next message. */
  write(): void {
    const sequence = ++this.#sequence;
    const [head, middle, cseq, tail] = this.#parts;
    this.#expected = `${this.#branch}${sequence}`;
    this.isBusy = true;
    this.#sinceMs = performance.now();
    this.sender.connection.send(head + sequence + middle + sequence + cseq + sequence + tail);
  }

  /** Gives up what has waited too long. */
  expire(nowMs: number, afterMs = unitTimeoutMs): void {
    if (this.isBusy && nowMs - this.#sinceMs >= afterMs) this.#finish(false, 'no answer');
  }

  #answered(text: string, start: number, bodyStart: number, status: number): void {
    // what belongs to a message that was given up is not counted again
    const found = text.indexOf(this.#expected, start);
    if (!this.isBusy || status < 200 || found === -1 || found > bodyStart) return;
    this.#finish(status < 300, text.slice(start, bodyStart));
  }

  #finish(succeeded: boolean, what: string): void {
    this.isBusy = false;
    if (succeeded) this.#window.count(this.#sinceMs);
    else if (this.#window.failed++ < 3) process.stderr.write(`MESSAGE of ${this.sender.uri}: ${what.split('\r\n', 1)[0]}\n`);
    this.onFree();
  }
}

/** MESSAGE from one user to another and its 200 all the way back. */
export async function runMessageLoad(order: LoadOrder): Promise<LoadOutcome> {
  const window = new MeasuredWindow(order);
  const pairs = await signInPairs(order, window);
  const first = pairs[0] as MessagePair;
  // One alone: it opens the connection between the organisations.
  await new Promise<void>(resolve => {
    const timer = setTimeout(() => first.expire(0, Number.NEGATIVE_INFINITY), 15_000);
    first.onFree = () => {
      clearTimeout(timer);
      resolve();
    };
    first.write();
  });
  if (window.failed > 0) throw new Error('the first message was not answered');
  const sweep = setInterval(() => pairs.forEach(pair => pair.expire(performance.now())), 500);
  let stop = false;
  let pacing: Pacing | undefined;
  if (order.rate > 0) {
    for (const pair of pairs) pair.onFree = () => {};
    pacing = new Pacing(pairs, order.rate, window);
  } else {
    for (const pair of pairs) {
      pair.onFree = () => {
        if (!stop) pair.write();
      };
      pair.write();
    }
  }
  await pause(order.warmSeconds);
  window.open();
  await pause(order.seconds);
  window.close();
  stop = true;
  pacing?.stop();
  // What is in flight has to come to its end too.
  for (let wait = 0; wait < 60 && pairs.some(pair => pair.isBusy); wait++) await pause(0.05);
  clearInterval(sweep);
  for (const pair of pairs) pair.expire(0, Number.NEGATIVE_INFINITY);
  const tls = first.sender.connection.tls;
  await leave(order, pairs);
  return window.outcome(tls);
}

/** Sends messages at a steady rate, over the pairs in turn. */
class Pacing {
  readonly #pairs: readonly MessagePair[];
  readonly #window: MeasuredWindow;
  readonly #rate: number;
  readonly #sinceMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #issued = 0;
  #next = 0;

  constructor(pairs: readonly MessagePair[], rate: number, window: MeasuredWindow) {
    this.#pairs = pairs;
    this.#rate = rate;
    this.#window = window;
    this.#timer = setInterval(() => this.#issue(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #issue(): void {
    const due = ((performance.now() - this.#sinceMs) / 1000) * this.#rate;
    for (; this.#issued < due; this.#issued++) {
      const free = this.#freePair();
      if (free !== undefined) free.write();
      else if (this.#window.isOpen) this.#window.skipped++;
    }
  }

  #freePair(): MessagePair | undefined {
    for (let tried = 0; tried < this.#pairs.length; tried++) {
      const pair = this.#pairs[this.#next] as MessagePair;
      this.#next = (this.#next + 1) % this.#pairs.length;
      if (!pair.isBusy) return pair;
    }
    return undefined;
  }
}

async function signInPairs(order: LoadOrder, window: MeasuredWindow): Promise<MessagePair[]> {
  const { connections, firstUser, sites, greeting } = order;
  const users = Array.from({ length: connections * 2 }, (_, i) => {
    const isSender = i < connections;
    // across organisations both may have the same numbers, within one they may not; a relay knows connections by number
    return new LoadUser(firstUser + i, sites[isSender ? 0 : 1]);
  });
  const partner = (i: number) => firstUser + ((i + connections) % (connections * 2));
  const numbered = users.map((user, i) => ({ user, partner: partner(i) }));
  await inParallel(numbered, signInWidth, one => (greeting === 'pair' ? one.user.pair(one.partner) : one.user.prepare()));
  return users
    .slice(0, connections)
    .map((sender, i) => new MessagePair(sender, users[connections + i] as LoadUser, order.bodyBytes, window));
}

/** Nobody stays registered: the next run may take the same users. */
async function leave({ greeting }: LoadOrder, pairs: readonly MessagePair[]): Promise<void> {
  const users = pairs.flatMap(pair => [pair.sender, pair.receiver]);
  if (greeting === 'register') await inParallel(users, signInWidth, user => user.register(0));
  for (const user of users) user.connection.close();
}
