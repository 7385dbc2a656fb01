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
  okValue,
  type RequestText,
  received,
  stateLine,
  TestBed,
  binding as testBinding,
} from '../../testing/presence-test-bed.ts';
import { nextSubscriptionState, type SubscriptionInput, type SubscriptionState } from './subscription.ts';

const bob = 'bob@contoso.test';
const nothingKept = { presentities: 0, publications: 0, subscriptions: 0, pending: 0, outstanding: 0, due: 0 };
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
    assert.deepEqual([port.sent.length, bed.service.counts.subscriptions, bed.service.counts.presentities], [0, 0, 0]);
  });
}

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
  assert.equal(bed.service.counts.subscriptions, 1);
  const response = received(okValue(bed.subscribe(bob, port, { toTag, cseq: 3, headers: ['Expires: 0'] })));
  assert.equal(response.get('Expires'), '0');
  bed.clock.advance(0);
  const last = port.takeOne();
  assert.deepEqual([stateLine(last), basicOf(last)], ['terminated;reason=timeout', 'closed']);
  assert.equal(codeOf(bed.subscribe(bob, port, { toTag, cseq: 4 })), 'SUBSCRIPTION_UNKNOWN');
  assert.deepEqual(bed.service.counts, nothingKept);
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
  assert.deepEqual(bed.written, []);
  assert.deepEqual(bed.service.counts, nothingKept);
});

test('what is not refreshed ends with timeout', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port, { headers: ['Expires: 60'] });
  port.take();
  bed.clock.advance(62_000);
  assert.equal(stateLine(port.takeOne()), 'terminated;reason=timeout');
  assert.equal(bed.service.counts.subscriptions, 0);
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
  assert.equal(bed.service.counts.outstanding, 1);
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

const failures: readonly (readonly [status: number, retryAfterSeconds: number | undefined, isKept: boolean])[] = [
  [481, undefined, false],
  [408, undefined, false],
  [503, undefined, false],
  [404, undefined, false],
  [489, undefined, false],
  [503, 10, true],
  [202, undefined, true],
];
for (const [status, retryAfterSeconds, isKept] of failures) {
  test(`NOTIFY answered ${status}, Retry-After ${retryAfterSeconds}: ${isKept ? 'kept' : 'ended'}`, () => {
    const bed = new TestBed();
    const port = new FakeNotifyPort();
    port.answersAll = false;
    bed.subscribed(bob, port);
    port.takeOne().answer(retryAfterSeconds === undefined ? { status } : { status, retryAfterSeconds });
    bed.clock.advance(5000);
    assert.equal(bed.service.counts.subscriptions, isKept ? 1 : 0);
    assert.equal(port.take().length, 0);
    assert.equal(bed.service.counts.outstanding, retryAfterSeconds === undefined ? 0 : 1);
    bed.clock.advance(5000);
    assert.equal(port.take().length, retryAfterSeconds === undefined ? 0 : 1);
  });
}

test('a watcher who puts off for ever is given up', () => {
  const bed = new TestBed({ maxNotifyDelays: 2 });
  const port = new FakeNotifyPort();
  port.answersAll = false;
  bed.subscribed(bob, port);
  for (let i = 0; i < 3; i++) {
    port.takeOne().answer({ status: 503, retryAfterSeconds: 100_000 });
    bed.clock.advance(60_000);
  }
  assert.equal(port.take().length, 0);
  assert.deepEqual([bed.service.counts.subscriptions, bed.service.counts.outstanding], [0, 0]);
});

test('a NOTIFY that fails again and again comes later each time, a minute later at most', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  bed.subscribed(bob, port);
  for (const seconds of [5, 10, 20, 40, 60]) {
    port.takeOne().answer({ status: 503, retryAfterSeconds: 5 });
    bed.clock.advance(seconds * 1000 - 1);
    assert.equal(port.take().length, 0, `${seconds}`);
    bed.clock.advance(1);
  }
  port.takeOne().answer({ status: 200 });
  // what has arrived once begins anew
  bed.bound('i', 'f');
  port.takeOne().answer({ status: 503, retryAfterSeconds: 5 });
  bed.clock.advance(5000);
  port.takeOne();
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
  bed.service.watcherSignedOut(bob as Aor);
  bed.clock.advance(0);
  assert.equal(stateLine(port.takeOne()), 'terminated;reason=deactivated');
  assert.equal(bed.service.counts.subscriptions, 1);
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
  assert.equal(bed.service.counts.outstanding, 0);
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
  bed.service.portClosed(closed);
  bed.bound('i', 'f');
  assert.deepEqual([closed.take().length, open.take().length], [0, 1]);
  assert.deepEqual([bed.service.counts.subscriptions, bed.service.counts.outstanding], [1, 0]);
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
  bed.service.portClosed(before);
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
  assert.deepEqual(bed.service.counts, nothingKept);
});

test('a server that stops sends its watchers away', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port);
  port.take();
  bed.service.deactivate();
  bed.clock.advance(0);
  const last = port.takeOne();
  assert.deepEqual([stateLine(last), last.request.body.length], ['terminated;reason=deactivated', 0]);
});

test('limits: of a watcher, of a user, of the server', () => {
  const texts = [1, 2, 3].map(i => ({ callId: `c${i}` }));
  const port = new FakeNotifyPort();
  for (const [limit, code] of [
    ['maxSubscriptionsPerWatcher', 'SUBSCRIPTION_LIMIT_REACHED'],
    ['maxWatchersPerUser', 'SUBSCRIPTION_LIMIT_REACHED'],
    ['maxSubscriptions', 'SERVER_BUSY'],
  ] as const) {
    const bed = new TestBed({ [limit]: 2 });
    assert.deepEqual(
      texts.map(text => {
        const answer = codeOf(bed.subscribe(bob, port, text));
        bed.clock.advance(0);
        return answer;
      }),
      ['ok', 'ok', code],
      limit,
    );
  }
});

test('the row that is kept is always ahead of the CSeq in use', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  let toTag: string | undefined;
  for (let cseq = 1; cseq <= 250; cseq++) {
    const tag = bed.subscribed(bob, port, toTag === undefined ? { cseq } : { toTag, cseq });
    toTag ??= tag;
    const rows = bed.written.flatMap(change => (change.kind === 'subscription' ? [change.row] : []));
    assert.ok(port.takeOne().request.cseq.number <= rows.at(-1)!.reservedCSeq);
  }
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
  assert.deepEqual([bed.service.counts.due, bed.service.counts.outstanding], [0, 0]);
});
