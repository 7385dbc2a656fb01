import assert from 'node:assert/strict';
import type { Result } from '../base/result.ts';
import { type PidfDocument, parsePidf, renderPidf } from '../body/pidf.ts';
import type { Binding } from '../model/binding.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { type EventLimits, eventLimits } from '../services/events/event-limits.ts';
import { Notifier } from '../services/events/notifier.ts';
import { withVia } from '../services/events/notifier-dialog.ts';
import type { NotifiedSubscription, NotifyAnswer, NotifyPort } from '../services/events/notify-port.ts';
import type { Subscriber } from '../services/events/subscriber.ts';
import { type PresenceState, stateOfPidf } from '../services/presence/availability.ts';
import { type PresenceLimits, presenceLimits } from '../services/presence/presence-limits.ts';
import { PresenceService } from '../services/presence/presence-service.ts';
import type { WatcherRules } from '../services/presence/watchers.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { type OutgoingMessage, serialise } from '../sip/serialise.ts';
import { FakeClock } from './fake-clock.ts';
import { parseMessageText } from './message-text.ts';
import { sampleTenant, sampleUser } from './sample-configuration.ts';

export const alice: User = sampleUser();
export const aliceAor = alice.aor;

export function parse(text: string): SipMessage {
  const parsed = parseMessageText(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error.failure.text);
  return parsed.value;
}

/** A message of ours as its receiver reads it. */
export function received(message: OutgoingMessage): SipMessage {
  return parse(Buffer.from(serialise(message)).toString('latin1'));
}

/** One NOTIFY as it came out of the service, with the way to answer it. */
export interface SentNotify {
  readonly subscription: string;
  readonly message: OutgoingMessage;
  readonly request: SipRequest;
  readonly answer: (answer: NotifyAnswer) => void;
}

/** A way to a watcher that keeps what is sent. */
export class FakeNotifyPort implements NotifyPort {
  readonly sent: SentNotify[] = [];
  /** Answers everything 200 at once. */
  answersAll = true;

  contact(presentity: Aor): string {
    return `sip:${presentity}`;
  }

  send({ id: subscription }: NotifiedSubscription, message: OutgoingMessage, answer: (answer: NotifyAnswer) => void): void {
    const request = received(withVia(message, 'SIP/2.0/TLS fe.contoso.test;branch=z9hG4bK1')) as SipRequest;
    this.sent.push({ subscription, message, request, answer });
    if (this.answersAll) answer({ status: 200 });
  }

  /** What was sent since the last call. */
  take(): readonly SentNotify[] {
    return this.sent.splice(0);
  }

  /** The only NOTIFY since the last call. */
  takeOne(): SentNotify {
    const taken = this.take();
    assert.equal(taken.length, 1);
    return taken[0]!;
  }
}

export function stateLine({ request }: SentNotify): string | undefined {
  return request.get('Subscription-State');
}

export function basicOf({ request }: SentNotify): string | undefined {
  const parsed = parsePidf(request.body);
  return parsed.ok ? parsed.value.tuples[0]?.basic : undefined;
}

export function activitiesOf({ request }: SentNotify): readonly string[] {
  const parsed = parsePidf(request.body);
  return parsed.ok ? parsed.value.activities.map(activity => activity.text ?? activity.name) : [];
}

/** Headers and body of a request to be made. */
export interface RequestText {
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  readonly cseq?: number;
  readonly callId?: string;
  readonly toTag?: string;
  /** URI of To. */
  readonly to?: string;
  readonly uri?: string;
}

export function request(method: string, from: string, text: RequestText = {}): SipRequest {
  const { headers = [], cseq = 1, callId = `${method}-${from}`, toTag, to = `sip:${aliceAor}`, uri = `sip:${aliceAor}` } = text;
  const body = typeof text.body === 'string' ? text.body : Buffer.from(text.body ?? []).toString('latin1');
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/TLS c.test;branch=z9hG4bK${callId}${cseq}`,
    'Max-Forwards: 70',
    `From: <sip:${from}>;tag=f-${callId}`,
    `To: <${to}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...headers,
    `Content-Length: ${body.length}`,
  ];
  return parse(`${lines.join('\r\n')}\r\n\r\n${body}`) as SipRequest;
}

export function document(activities: readonly string[], extra: Partial<PidfDocument> = {}): Uint8Array {
  return renderPidf({
    entity: `sip:${aliceAor}`,
    tuples: [{ id: '1', basic: 'open', notes: [] }],
    activities: activities.map(name => ({ name })),
    personNotes: [],
    notes: [],
    ...extra,
  });
}

export function publishRequest(
  body: Uint8Array | undefined,
  headers: readonly string[] = [],
  text: RequestText = {},
): SipRequest {
  const type = body ? ['Content-Type: application/pidf+xml'] : [];
  return request('PUBLISH', aliceAor, { ...text, headers: ['Event: presence', ...type, ...headers], body });
}

export function subscribeRequest(from: string, text: RequestText = {}): SipRequest {
  const headers = ['Event: presence', `Contact: <sip:${from};gr=1>`, ...(text.headers ?? [])];
  const names = new Set(text.headers?.map(line => line.slice(0, line.indexOf(':'))));
  return request('SUBSCRIBE', from, {
    ...text,
    headers: headers.filter((line, i) => i > 1 || !names.has(line.slice(0, line.indexOf(':')))),
  });
}

export function binding(instance: string, flow: string): Binding {
  return {
    tenant: sampleTenant,
    aor: aliceAor,
    instance,
    contactUri: `sip:${aliceAor}`,
    callId: 'r',
    cseq: 1,
    priority: 1000,
    node: 'n',
    incarnation: 'i',
    flow,
    userAgent: '',
    registeredAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
  };
}

export function watcher(aor: string, kind: Subscriber['kind'] = 'inside'): Subscriber {
  return { aor: aor as Aor, kind };
}

/** The counts of a test bed at rest. */
export const nothingKept = { presentities: 0, publications: 0, subscriptions: 0, pending: 0, outstanding: 0, due: 0, places: 0 };

/** A service with its clock and its rules. */
export class TestBed {
  readonly clock = new FakeClock();
  readonly events: Notifier;
  readonly service: PresenceService;
  rules: WatcherRules | undefined;

  constructor(limits: Partial<PresenceLimits & EventLimits> = {}, awaited: ReadonlySet<Aor> = new Set()) {
    const allLimits = { ...eventLimits, ...presenceLimits, ...limits };
    this.events = new Notifier(this.clock, allLimits);
    this.service = new PresenceService({
      clock: this.clock,
      events: this.events,
      rules: { rulesOf: () => this.rules },
      limits: allLimits,
      expiry: allLimits,
      awaited,
    });
  }

  /** Everything that is kept. */
  get counts() {
    return { ...this.service.counts, ...this.events.counts };
  }

  /** What a watcher who asks once is told of alice. */
  seen(): PresenceState {
    const port = new FakeNotifyPort();
    const callId = `seen${this.#asked++}`;
    this.subscribed(aliceAor, port, { callId, headers: ['Expires: 0'] });
    const document = parsePidf(port.takeOne().request.body);
    return stateOfPidf(okValue(document));
  }

  #asked = 0;

  subscribe(
    from: string,
    port: NotifyPort,
    text: RequestText = {},
    kind: Subscriber['kind'] = 'inside',
  ): Result<OutgoingMessage> {
    const subscriber = watcher(from, kind);
    return this.events.subscribe({ request: subscribeRequest(from, text), subscriber, user: alice, via: port });
  }

  /** Subscribes and returns our tag; NOTIFY requests have been sent. */
  subscribed(from: string, port: NotifyPort, text: RequestText = {}, kind: Subscriber['kind'] = 'inside'): string {
    const response = received(okValue(this.subscribe(from, port, text, kind)));
    this.clock.advance(0);
    return response.toTag ?? '';
  }

  /** Publishes and returns the entity-tag. */
  published(activities: readonly string[], flow?: string, headers: readonly string[] = []): string {
    const answer = okValue(this.service.publish(publishRequest(document(activities), headers), alice, flow));
    this.clock.advance(0);
    return received(answer).get('SIP-ETag') ?? '';
  }

  bound(instance: string, flow: string): void {
    this.service.onBound(binding(instance, flow));
    this.clock.advance(0);
  }

  unbound(instance: string, flow: string): void {
    this.service.onUnbound(binding(instance, flow));
    this.clock.advance(0);
  }
}

export function okValue<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.text);
  return result.value;
}

export function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}
