import type { LoadOrder, LoadOutcome } from './load-order.ts';
import { inParallel, LoadUser, pause, runToken } from './load-user.ts';
import { MeasuredWindow } from './measured-window.ts';
import { answerOk, statusAt } from './sip-answer.ts';

const signInWidth = 32;
const unitTimeoutMs = 5_000;
const firstSequence = 1_000_000;
const sdp =
  'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5060 sip null\r\na=accept-types:text/plain\r\n';
const session = `Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
const text = 'The quick brown fox jumps over the lazy dog.';

/** Caller and callee of one session after the other: INVITE, 200, ACK, MESSAGE, 200, BYE, 200. */
class SessionPair {
  readonly caller: LoadUser;
  readonly callee: LoadUser;
  readonly #window: MeasuredWindow;
  #sequence = firstSequence;
  #step: 'free' | 'INVITE' | 'MESSAGE' | 'BYE' = 'free';
  #branch = '';
  #sinceMs = 0;
  /** Request-URI, routes, and To of what is sent in the dialog. */
  #dialog = { target: '', route: '', to: '' };
  isStopping = false;

  constructor(caller: LoadUser, callee: LoadUser, window: MeasuredWindow) {
    this.caller = caller;
    this.callee = callee;
    this.#window = window;
    callee.onArrival = (message, start, bodyStart, _end, status) => {
      if (status !== 0 || message.startsWith('ACK ', start)) return;
      const more = message.startsWith('INVITE ', start) ? `Contact: ${callee.contact}\r\n${session}` : undefined;
      callee.connection.send(answerOk(message, start, bodyStart, more));
    };
    caller.onArrival = (message, start, bodyStart, _end, status) => this.#answered(message, start, bodyStart, status);
    caller.onLost = callee.onLost = () => {
      this.#window.failed++;
    };
  }

  get isBusy(): boolean {
    return this.#step !== 'free';
  }

  /** Begins the next session. */
  begin(): void {
    this.#sequence++;
    this.#sinceMs = performance.now();
    this.#dialog = { target: this.callee.uri, route: '', to: `<${this.callee.uri}>` };
    this.caller.connection.send(this.#request('INVITE', 1, `Contact: ${this.caller.contact}\r\n${session}`));
  }

  /** Gives up what has waited too long. */
  expire(nowMs: number): void {
    if (this.isBusy && nowMs - this.#sinceMs > unitTimeoutMs) this.#finish(`no answer to ${this.#step}`);
  }

  #answered(message: string, start: number, bodyStart: number, status: number): void {
    const found = message.indexOf(this.#branch, start);
    if (!this.isBusy || status < 200 || found === -1 || found > bodyStart) return;
    const head = message.slice(start, bodyStart);
    if (statusAt(head, 0) >= 300) return this.#finish(head);
    switch (this.#step) {
      case 'INVITE': {
        this.#dialog = dialogOf(head);
        const ack = this.#request('ACK', 1, 'Content-Length: 0\r\n\r\n');
        const body = `Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
        this.caller.connection.send(ack + this.#request('MESSAGE', 2, body));
        break;
      }
      case 'MESSAGE':
        this.caller.connection.send(this.#request('BYE', 3, 'Content-Length: 0\r\n\r\n'));
        break;
      default:
        this.#finish(undefined);
    }
  }

  #request(method: 'INVITE' | 'ACK' | 'MESSAGE' | 'BYE', cseq: number, rest: string): string {
    const { caller } = this;
    const { target, route, to } = this.#dialog;
    const branch = `z9hG4bKs${runToken}x${caller.number}x${this.#sequence}x${method}`;
    if (method !== 'ACK') {
      this.#branch = branch;
      this.#step = method;
    }
    return (
      `${method} ${target} SIP/2.0\r\nVia: SIP/2.0/TLS ${caller.connection.local};branch=${branch};rport\r\nMax-Forwards: 70\r\n${route}` +
      `From: <${caller.uri}>;tag=s${this.#sequence}\r\nTo: ${to}\r\nCall-ID: s${runToken}-${caller.number}-${this.#sequence}@bench\r\n` +
      `CSeq: ${cseq} ${method}\r\n${rest}`
    );
  }

  #finish(problem: string | undefined): void {
    this.#step = 'free';
    if (problem === undefined) this.#window.count(this.#sinceMs);
    else if (this.#window.failed++ < 3) process.stderr.write(`session of ${this.caller.uri}: ${problem.split('\r\n', 1)[0]}\n`);
    if (!this.isStopping) this.begin();
  }
}

/** INVITE, its 200 and ACK, a MESSAGE in the dialog and its 200, BYE and its 200. */
export async function runSessionLoad(order: LoadOrder): Promise<LoadOutcome> {
  const { connections, firstUser, sites, warmSeconds, seconds } = order;
  const window = new MeasuredWindow(order);
  const users = Array.from({ length: connections * 2 }, (_, i) => new LoadUser(firstUser + i, sites[i < connections ? 0 : 1]));
  await inParallel(users, signInWidth, user => user.prepare());
  const callers = users.slice(0, connections);
  const pairs = callers.map((caller, i) => new SessionPair(caller, users[connections + i] as LoadUser, window));
  const sweep = setInterval(() => pairs.forEach(pair => pair.expire(performance.now())), 500);
  for (const pair of pairs) pair.begin();
  await pause(warmSeconds);
  window.open();
  await pause(seconds);
  window.close();
  for (const pair of pairs) pair.isStopping = true;
  for (let wait = 0; wait < 120 && pairs.some(pair => pair.isBusy); wait++) await pause(0.05);
  clearInterval(sweep);
  const tls = callers[0]?.connection.tls ?? '';
  await inParallel(users, signInWidth, user => user.register(0));
  for (const user of users) user.connection.close();
  return window.outcome(tls);
}

/** The dialog that a 200 to an INVITE makes, as the caller sees it (rfc3261 12.1.2). */
function dialogOf(head: string) {
  const target = /^(?:Contact|m):\s*(?:"[^"]*"\s*)?<([^>]+)>/im.exec(head)?.[1] ?? '';
  const to = /^(?:To|t):\s*([^\r]+)/im.exec(head)?.[1] ?? '';
  const route = [...head.matchAll(/^Record-Route:\s*([^\r]+)/gim)]
    .flatMap(([, value = '']) => value.split(/,\s*(?=<)/))
    .toReversed();
  return { target, to, route: route.map(value => `Route: ${value}\r\n`).join('') };
}
