import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor } from '../../model/names.ts';
import { createRequest } from '../../sip/create-message.ts';
import { serialise } from '../../sip/serialise.ts';
import {
  activitiesOf,
  aliceAor,
  basicOf,
  codeOf,
  FakeNotifyPort,
  nothingKept,
  okValue,
  type RequestText,
  received,
  stateLine,
  TestBed,
  binding as testBinding,
} from '../../testing/presence-test-bed.ts';
import { nextSubscriptionState, type SubscriptionInput, type SubscriptionState } from './subscription-state.ts';

const bob = 'bob@contoso.test';
const pending: SubscriptionState = { kind: 'pending' };
const active: SubscriptionState = { kind: 'active' };
const transitions: readonly (readonly [SubscriptionState, SubscriptionInput, string])[] = [
  [pending, 'approved', 'active'],
  [active, 'approved', 'active'],
  [pending, 'rejected', 'rejected'],
  [active, 'rejected', 'rejected'],
  [active, 'unsubscribed', 'timeout'],
  [active, 'expired', 'timeout'],
  [pending, 'unconfirmed', 'giveup'],
  [active, 'unconfirmed', 'active'],
  [active, 'moved', 'deactivated'],
  [active, 'presentity-removed', 'noresource'],
  [{ kind: 'terminated', reason: 'rejected' }, 'approved', 'rejected'],
  [{ kind: 'terminated', reason: 'rejected' }, 'expired', 'rejected'],
];
for (const [from, input, expected] of transitions) {
  test(`${from.kind}, ${input} → ${expected}`, () => {
    const next = nextSubscriptionState(from, input);
    assert.equal(next.kind === 'terminated' ? next.reason : next.kind, expected);
  });
}

const refusals: readonly (readonly [what: string, text: RequestText, code: string])[] = [
  ['other event', { headers: ['Event: dialog'] }, 'EVENT_NOT_SUPPORTED'],
  ['malformed event', { headers: ['Event: ;id=1'] }, 'EVENT_NOT_SUPPORTED'],
  ['an id that is no token', { headers: ['Event: presence;id="a b"'] }, 'EVENT_NOT_SUPPORTED'],
  ['an endless id', { headers: [`Event: presence;id=${'x'.repeat(129)}`] }, 'EVENT_NOT_SUPPORTED'],
  ['no document type of ours', { headers: ['Accept: text/plain'] }, 'ACCEPT_NOT_SUPPORTED'],
  ['no document type at all', { headers: ['Accept: '] }, 'ACCEPT_NOT_SUPPORTED'],
  ['too brief', { headers: ['Expires: 59'] }, 'EVENT_EXPIRY_TOO_BRIEF'],
  ['two Contacts', { headers: ['Contact: <sip:a@b.test>, <sip:c@d.test>'] }, 'MESSAGE_MALFORMED'],
  ['a Contact that is no SIP address', { headers: ['Contact: <tel:+1>'] }, 'MESSAGE_MALFORMED'],
  ['endless routes', { headers: [`Record-Route: ${'<sip:p.test;lr>,'.repeat(17)}`] }, 'MESSAGE_MALFORMED'],
  ['long addresses', { headers: [`Record-Route: <sip:${'x'.repeat(9000)}@p.test;lr>`] }, 'MESSAGE_MALFORMED'],
  ['extension', { headers: ['Require: eventlist'] }, 'EXTENSION_NOT_SUPPORTED'],
  ['unknown dialog', { toTag: 'x' }, 'SUBSCRIPTION_UNKNOWN'],
  ['watchers of another', { headers: ['Event: presence.winfo'] }, 'PRESENCE_NOT_OWNER'],
];
for (const [what, text, code] of refusals) {
  test(`refused: ${what}`, () => {
    const bed = new TestBed();
    const port = new FakeNotifyPort();
    assert.equal(codeOf(bed.subscribe(bob, port, text)), code);
    bed.clock.advance(1000);
    assert.deepEqual([port.sent.length, bed.counts.subscriptions, bed.counts.presentities], [0, 0, 0]);
  });
}

test('a fault while one watcher is told keeps nothing from the others', () => {
  const bed = new TestBed();
  const broken = new FakeNotifyPort();
  broken.send = () => {
    throw new Error('a fault of ours');
  };
  const ports = [broken, new FakeNotifyPort(), new FakeNotifyPort()];
  for (const [i, port] of ports.entries()) assert.ok(bed.subscribe(`user${i}@contoso.test`, port).ok);
  assert.throws(() => bed.clock.advance(0));
  bed.clock.advance(0);
  assert.deepEqual(
    ports.map(port => port.take().length),
    [0, 1, 1],
  );
});

test('what only users may watch of their own is told nobody outside', () => {
  const bed = new TestBed();
  const toldTo = (kind: 'inside' | 'federated') => {
    const refused = bed.subscribe(bob, new FakeNotifyPort(), { headers: ['Event: dialog'] }, kind);
    return refused.ok ? '' : refused.error.details.supported;
  };
  assert.deepEqual([toldTo('inside'), toldTo('federated')], ['presence, presence.winfo', 'presence']);
});

test('the answer first, then a NOTIFY in the dialog', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  const headers = ['Event: presence;id=7', 'Record-Route: <sip:p1.test;lr>, <sip:p2.test;lr>', 'Expires: 120'];
  const response = received(okValue(bed.subscribe(bob, port, { headers, cseq: 5 })));
  assert.equal(port.sent.length, 0);
  assert.equal(response.get('Expires'), '120');
  assert.equal(response.get('Contact'), `<sip:${aliceAor}>`);
  assert.deepEqual(response.list('Record-Route'), ['<sip:p1.test;lr>', '<sip:p2.test;lr>']);
  bed.clock.advance(0);
  const { request, message } = port.takeOne();
  assert.equal(request.requestUri, `sip:${bob};gr=1`);
  assert.equal(request.fromTag, response.toTag);
  assert.equal(request.toTag, response.fromTag);
  assert.equal(request.from.uri, `sip:${aliceAor}`);
  assert.equal(request.to.uri, `sip:${bob}`);
  assert.deepEqual(request.list('Route'), ['<sip:p1.test;lr>', '<sip:p2.test;lr>']);
  assert.deepEqual([request.get('Event'), request.get('Subscription-State')], ['presence;id=7', 'active;expires=120']);
  // the template gives what the general function gives
  const expected = createRequest({
    method: 'NOTIFY',
    requestUri: `sip:${bob};gr=1`,
    from: `<sip:${aliceAor}>;tag=${response.toTag}`,
    to: `<sip:${bob}>;tag=${response.fromTag}`,
    callId: request.callId,
    cseq: 1,
    route: ['<sip:p1.test;lr>', '<sip:p2.test;lr>'],
    headers: [
      ['Contact', `<sip:${aliceAor}>`],
      ['Event', 'presence;id=7'],
      ['Subscription-State', 'active;expires=120'],
    ],
    contentType: 'application/pidf+xml',
    body: message.body,
  });
  assert.deepEqual(Buffer.from(serialise(message)), Buffer.from(serialise(expected)));
});

test('registration and publication are told; what changes nothing is not', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port);
  assert.equal(basicOf(port.takeOne()), 'closed');
  bed.bound('i', 'f1');
  assert.equal(basicOf(port.takeOne()), 'open');
  const etag = bed.published(['busy'], 'f1');
  assert.deepEqual(activitiesOf(port.takeOne()), ['busy']);
  bed.published(['busy'], 'f1', [`SIP-If-Match: ${etag}`]);
  assert.equal(port.take().length, 0);
  // an endpoint that comes back over a new flow was never away
  bed.service.onUnbound(testBinding('i', 'f1'));
  bed.service.onBound(testBinding('i', 'f2'));
  bed.clock.advance(0);
  assert.equal(port.take().length, 0);
  bed.unbound('i', 'f1');
  assert.equal(port.take().length, 0);
  bed.unbound('i', 'f2');
  const offline = port.takeOne();
  assert.equal(basicOf(offline), 'closed');
  assert.equal(offline.request.cseq.number, 4);
});

test('refresh: new expiry, new target, full state; then unsubscribe', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  const toTag = bed.subscribed(bob, port, { headers: ['Expires: 100'] });
  port.take();
  bed.clock.advance(50_000);
  assert.equal(codeOf(bed.subscribe(bob, port, { toTag, cseq: 1 })), 'REQUEST_OUT_OF_ORDER');
  bed.subscribed(bob, port, { toTag, cseq: 2, headers: ['Expires: 600', 'Contact: <sip:bob@192.0.2.7>'] });
  const refreshed = port.takeOne();
  assert.deepEqual([stateLine(refreshed), refreshed.request.requestUri], ['active;expires=600', 'sip:bob@192.0.2.7']);
  bed.clock.advance(500_000);
  assert.equal(bed.counts.subscriptions, 1);
  const response = received(okValue(bed.subscribe(bob, port, { toTag, cseq: 3, headers: ['Expires: 0'] })));
  assert.equal(response.get('Expires'), '0');
  bed.clock.advance(0);
  const last = port.takeOne();
  assert.deepEqual([stateLine(last), basicOf(last)], ['terminated;reason=timeout', 'closed']);
  assert.equal(codeOf(bed.subscribe(bob, port, { toTag, cseq: 4 })), 'SUBSCRIPTION_UNKNOWN');
  assert.deepEqual(bed.counts, nothingKept);
});

test('a dialog belongs to its watcher', () => {
  const bed = new TestBed();
  const toTag = bed.subscribed(bob, new FakeNotifyPort());
  const stolen = { toTag, cseq: 9, callId: `SUBSCRIBE-${bob}` };
  assert.equal(codeOf(bed.subscribe('eve@contoso.test', new FakeNotifyPort(), stolen)), 'SUBSCRIPTION_UNKNOWN');
});

test('a fetch is told once and nothing is kept', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port, { headers: ['Expires: 0'] });
  const told = port.takeOne();
  assert.deepEqual([stateLine(told), basicOf(told)], ['terminated;reason=timeout', 'closed']);
  assert.deepEqual(bed.counts, nothingKept);
});

test('what is not refreshed ends with timeout', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port, { headers: ['Expires: 60'] });
  port.take();
  bed.clock.advance(62_000);
  assert.equal(stateLine(port.takeOne()), 'terminated;reason=timeout');
  assert.equal(bed.counts.subscriptions, 0);
});

test('one NOTIFY at a time; after its answer the newest state, once', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  bed.bound('i', 'f');
  bed.subscribed(bob, port);
  const first = port.takeOne();
  let etag = bed.published(['busy'], 'f');
  for (const activity of ['away', 'meeting', 'on-the-phone']) etag = bed.published([activity], 'f', [`SIP-If-Match: ${etag}`]);
  assert.equal(port.take().length, 0);
  assert.equal(bed.counts.outstanding, 1);
  first.answer({ status: 200 });
  first.answer({ status: 481 });
  bed.clock.advance(0);
  const second = port.takeOne();
  assert.deepEqual([activitiesOf(second), second.request.cseq.number], [['on-the-phone'], 2]);
  // there and back while the answer was out: nothing to tell
  etag = bed.published(['away'], 'f', [`SIP-If-Match: ${etag}`]);
  second.answer({ status: 200 });
  bed.clock.advance(0);
  assert.deepEqual(activitiesOf(port.takeOne()), ['away']);
});

const endings: readonly (readonly [status: number, retryAfterSeconds: number | undefined, isKept: boolean])[] = [
  [481, undefined, false],
  [404, undefined, false],
  [405, undefined, false],
  [410, undefined, false],
  [416, undefined, false],
  [480, undefined, false],
  [482, undefined, false],
  [483, undefined, false],
  [484, undefined, false],
  [485, undefined, false],
  [489, undefined, false],
  [501, undefined, false],
  [604, undefined, false],
  [403, undefined, false],
  [481, 10, false],
  [480, 10, false],
  [408, undefined, true],
  [500, undefined, true],
  [503, undefined, true],
  [504, undefined, true],
  [503, 10, true],
];
for (const [status, retryAfterSeconds, isKept] of endings) {
  test(`NOTIFY answered ${status}, Retry-After ${retryAfterSeconds}: ${isKept ? 'told again' : 'ended'}`, () => {
    const bed = new TestBed();
    const port = new FakeNotifyPort();
    port.answersAll = false;
    bed.subscribed(bob, port);
    port.takeOne().answer(retryAfterSeconds === undefined ? { status } : { status, retryAfterSeconds });
    assert.deepEqual([bed.counts.subscriptions, bed.counts.outstanding, bed.counts.places], isKept ? [1, 1, 1] : [0, 0, 0]);
    bed.clock.advance((retryAfterSeconds ?? 1) * 1000 - 1);
    assert.equal(port.take().length, 0);
    bed.clock.advance(1);
    if (!isKept) return assert.equal(port.take().length, 0);
    port.takeOne().answer({ status: 200 });
    assert.deepEqual([bed.counts.outstanding, bed.counts.due], [0, 0]);
  });
}

test('a watcher who asks for time again and again is asked later each time, a minute later at most, until the subscription is over', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  bed.subscribed(bob, port, { headers: ['Expires: 300'] });
  for (const seconds of [5, 10, 20, 40, 60, 60, 60]) {
    port.takeOne().answer({ status: 503, retryAfterSeconds: 5 });
    bed.clock.advance(seconds * 1000 - 1);
    assert.equal(port.take().length, 0, `${seconds}`);
    bed.clock.advance(1);
  }
  port.takeOne().answer({ status: 503, retryAfterSeconds: 5 });
  bed.clock.advance(120_000);
  port.take();
  assert.deepEqual(bed.counts, nothingKept);
});

test('what was lost on a way is sent again every few seconds, one for all, and all at once when the way proves alive', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  const watchers = Array.from({ length: 20 }, (_, n) => `w${n}@partner.test`);
  for (const from of watchers) bed.subscribed(from, port, {}, 'federated');
  for (const sent of port.take()) sent.answer({ status: 504 });
  for (const seconds of [1, 2, 4, 5, 5, 5, 5]) {
    bed.clock.advance(seconds * 1000);
    port.takeOne().answer({ status: 504 });
  }
  bed.clock.advance(5000);
  const probe = port.takeOne();
  port.answersAll = true;
  probe.answer({ status: 200 });
  bed.clock.advance(0);
  assert.equal(port.take().length, watchers.length - 1);
  assert.deepEqual([bed.counts.subscriptions, bed.counts.outstanding, bed.counts.due], [watchers.length, 0, 0]);
});

test('a SUBSCRIBE from the same partner is a proof of life, one of another partner is not', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  bed.subscribed('a@partner.test', port, {}, 'federated');
  port.takeOne().answer({ status: 408 });
  bed.subscribed('b@other.test', port, {}, 'federated');
  assert.equal(port.take().length, 1);
  bed.subscribed('c@partner.test', port, {}, 'federated');
  assert.equal(port.take().length, 2);
});

test('one watcher who never answers does not get a request for each answer of the others', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  const dead = new Set(['dead@partner.test']);
  const send = port.send.bind(port);
  let tries = 0;
  port.send = (subscription, message, answer) => {
    if (!dead.has(subscription.subscriber.aor)) return send(subscription, message, answer);
    tries++;
    answer({ status: 503 });
  };
  bed.subscribed('dead@partner.test', port, {}, 'federated');
  for (let n = 0; n < 5; n++) bed.subscribed(`w${n}@partner.test`, port, {}, 'federated');
  bed.bound('i', 'f');
  tries = 0;
  for (let n = 0; n < 60; n++) {
    bed.published(n % 2 === 0 ? ['busy'] : ['away'], 'f');
    bed.clock.advance(1000);
  }
  assert.ok(tries > 0 && tries < 30, String(tries));
});

test('the end of a subscription that was lost is told again, as long as the subscription would have lived', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port, { headers: ['Expires: 100'] });
  port.take();
  port.answersAll = false;
  bed.events.deactivate();
  bed.clock.advance(0);
  port.takeOne().answer({ status: 503 });
  bed.clock.advance(1000);
  const again = port.takeOne();
  assert.equal(stateLine(again), 'terminated;reason=deactivated');
  again.answer({ status: 503 });
  for (let seconds = 0; seconds < 130; seconds += 5) {
    bed.clock.advance(5000);
    for (const sent of port.take()) sent.answer({ status: 503 });
  }
  assert.deepEqual(bed.counts, nothingKept);
});

test('a NOTIFY bears the name of the user it is about, as the watcher wrote it or as we know it', () => {
  for (const [to, from] of [
    ['sip:Alice@contoso.test;transport=tls', 'sip:Alice@contoso.test;transport=tls'],
    ['sip:carol@contoso.test', `sip:${aliceAor}`],
    ['sip:boss@fabrikam.test', `sip:${aliceAor}`],
    ['tel:+15550100', `sip:${aliceAor}`],
  ] as const) {
    const bed = new TestBed();
    const port = new FakeNotifyPort();
    bed.subscribed(bob, port, { to });
    assert.equal(port.takeOne().request.from.uri, from);
  }
});

test('a user who is signed out watches nobody any more', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port);
  bed.subscribed('carol@contoso.test', port);
  port.take();
  bed.events.watcherSignedOut(bob as Aor);
  bed.clock.advance(0);
  assert.equal(stateLine(port.takeOne()), 'terminated;reason=deactivated');
  assert.equal(bed.counts.subscriptions, 1);
});

test('a subscription that ends while a NOTIFY is out is told after the answer', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  const toTag = bed.subscribed(bob, port);
  const first = port.takeOne();
  bed.subscribed(bob, port, { toTag, cseq: 2, headers: ['Expires: 0'] });
  assert.equal(port.take().length, 0);
  first.answer({ status: 200 });
  bed.clock.advance(0);
  const last = port.takeOne();
  assert.equal(stateLine(last), 'terminated;reason=timeout');
  last.answer({ status: 481 });
  assert.equal(bed.counts.outstanding, 0);
});

test('a closed way ends its subscriptions in silence', () => {
  const bed = new TestBed();
  const closed = new FakeNotifyPort();
  const open = new FakeNotifyPort();
  closed.answersAll = false;
  const toTag = bed.subscribed(bob, closed);
  bed.subscribed('carol@contoso.test', open);
  closed.take();
  open.take();
  bed.events.portClosed(closed);
  bed.bound('i', 'f');
  assert.deepEqual([closed.take().length, open.take().length], [0, 1]);
  assert.deepEqual([bed.counts.subscriptions, bed.counts.outstanding], [1, 0]);
  assert.equal(codeOf(bed.subscribe(bob, open, { toTag, cseq: 2 })), 'SUBSCRIPTION_UNKNOWN');
});

test('a refresh over another way moves the subscription there', () => {
  const bed = new TestBed();
  const before = new FakeNotifyPort();
  const after = new FakeNotifyPort();
  const toTag = bed.subscribed(bob, before);
  bed.subscribed(bob, after, { toTag, cseq: 2 });
  before.take();
  after.take();
  bed.events.portClosed(before);
  bed.bound('i', 'f');
  assert.deepEqual([before.take().length, after.take().length], [0, 1]);
});

test('a removed user: noresource for the watchers, and nothing left', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.published(['busy']);
  bed.subscribed(bob, port);
  bed.subscribed(aliceAor, port);
  port.take();
  bed.service.userRemoved({ tenant: testBinding('i', 'f').tenant, aor: aliceAor });
  bed.clock.advance(0);
  assert.deepEqual(port.take().map(stateLine), ['terminated;reason=noresource', 'terminated;reason=noresource']);
  assert.deepEqual(bed.counts, nothingKept);
});

test('a server that stops sends its watchers away', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port);
  port.take();
  bed.events.deactivate();
  bed.clock.advance(0);
  const last = port.takeOne();
  assert.deepEqual([stateLine(last), last.request.body.length], ['terminated;reason=deactivated', 0]);
});

test('a thousand watchers share one document', () => {
  const bed = new TestBed();
  const ports = Array.from({ length: 1000 }, () => new FakeNotifyPort());
  for (const [i, port] of ports.entries()) okValue(bed.subscribe(`w${i}@contoso.test`, port));
  bed.clock.advance(0);
  for (const port of ports) port.take();
  bed.bound('i', 'f');
  const bodies = new Set(ports.map(port => port.takeOne().message.body));
  assert.equal(bodies.size, 1);
  assert.deepEqual([bed.counts.due, bed.counts.outstanding], [0, 0]);
});
