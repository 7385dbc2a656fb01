import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childElement, childElements, readXml, textOf } from '../../body/xml-reader.ts';
import type { Aor, SipDomain } from '../../model/names.ts';
import {
  aliceAor,
  basicOf,
  codeOf,
  FakeNotifyPort,
  type SentNotify,
  stateLine,
  TestBed,
  watcher,
} from '../../testing/presence-test-bed.ts';
import { sampleUser } from '../../testing/sample-configuration.ts';
import { decideWatcher, openRules, rulesOfBlockList, type WatcherRules, type WatcherVerdict } from './watchers.ts';

const bob = 'bob@contoso.test';
const dave = 'dave@partner.test';

function rules(verdicts: Readonly<Record<string, WatcherVerdict>>, others: Partial<WatcherRules> = {}): WatcherRules {
  return { ...openRules, ...others, verdicts: new Map(Object.entries(verdicts)) };
}

const decisions: readonly (readonly [what: string, WatcherRules, string, 'inside' | 'federated', string, boolean])[] = [
  ['inside, nothing said', openRules, bob, 'inside', 'active', false],
  ['federated, nothing said', openRules, dave, 'federated', 'active', false],
  ['oneself, whatever is said', rules({ [aliceAor]: 'rejected' }, { inside: 'rejected' }), aliceAor, 'inside', 'active', false],
  ['blocked', rules({ [bob]: 'blocked' }), bob, 'inside', 'active', true],
  ['rejected', rules({ [bob]: 'rejected' }), bob, 'inside', 'rejected', true],
  ['domain blocked', rules({ 'partner.test': 'blocked' }), dave, 'federated', 'active', true],
  [
    'domain blocked, address allowed',
    rules({ 'partner.test': 'blocked', [dave]: 'allowed' }),
    dave,
    'federated',
    'active',
    false,
  ],
  ['federated to be confirmed', rules({}, { federated: 'confirm' }), dave, 'federated', 'pending', true],
  ['federated to be confirmed, not those inside', rules({}, { federated: 'confirm' }), bob, 'inside', 'active', false],
];
for (const [what, of, aor, kind, status, looksOffline] of decisions) {
  test(`watcher: ${what}`, () => assert.deepEqual(decideWatcher(aliceAor, of, watcher(aor, kind)), { status, looksOffline }));
}

test('a blocked watcher sees what one of an offline user sees, and no change', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed('carol@contoso.test', port);
  const offline = port.takeOne();
  bed.bound('i', 'f');
  port.take();
  bed.rules = rules({ [bob]: 'blocked' });
  const blocked = new FakeNotifyPort();
  bed.subscribed(bob, blocked);
  const seen = blocked.takeOne();
  assert.deepEqual(Buffer.from(seen.request.body), Buffer.from(offline.request.body));
  assert.equal(stateLine(seen), stateLine(offline));
  bed.published(['busy'], 'f');
  bed.unbound('i', 'f');
  assert.equal(blocked.take().length, 0);
});

test('blocking and unblocking take effect at once', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.bound('i', 'f');
  bed.subscribed(bob, port);
  assert.equal(basicOf(port.takeOne()), 'open');
  for (const [verdict, basic] of [
    ['blocked', 'closed'],
    ['allowed', 'open'],
    ['confirm', 'closed'],
  ] as const) {
    bed.rules = rules({ [bob]: verdict });
    bed.service.watcherRulesChanged(aliceAor);
    bed.clock.advance(0);
    const told = port.takeOne();
    assert.deepEqual([basicOf(told), stateLine(told)], [basic, 'active;expires=3600']);
  }
});

test('blocking and unblocking somebody while offline tells nothing', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port);
  assert.equal(basicOf(port.takeOne()), 'closed');
  for (const verdict of ['blocked', 'allowed'] as const) {
    bed.rules = rules({ [bob]: verdict });
    bed.service.watcherRulesChanged(aliceAor);
    bed.clock.advance(0);
    assert.equal(port.take().length, 0, verdict);
  }
});

test('blocked and unblocked while a NOTIFY is out: the watcher has got it already', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  port.answersAll = false;
  bed.bound('i', 'f');
  bed.subscribed(bob, port);
  const first = port.takeOne();
  for (const verdict of ['blocked', 'allowed'] as const) {
    bed.rules = rules({ [bob]: verdict });
    bed.service.watcherRulesChanged(aliceAor);
    bed.clock.advance(0);
  }
  first.answer({ status: 200 });
  bed.clock.advance(0);
  assert.equal(port.take().length, 0);
  assert.equal(bed.counts.outstanding, 0);
});

test('a user is told of a blocked watcher as of any other: the subscription goes on', () => {
  const bed = new TestBed();
  const own = new FakeNotifyPort();
  bed.subscribed(bob, new FakeNotifyPort());
  bed.subscribed(aliceAor, own, { headers: ['Event: presence.winfo', 'Accept: application/watcherinfo+xml'] });
  assert.deepEqual(winfo(own.takeOne()), ['0 full', `sip:${bob} active approved`]);
  bed.rules = rules({ [bob]: 'blocked' });
  bed.service.watcherRulesChanged(aliceAor);
  bed.subscribed(dave, new FakeNotifyPort(), {}, 'federated');
  assert.deepEqual(winfo(own.takeOne()), ['1 partial', `sip:${dave} active approved`]);
});

test("the rules of a user's own block list", () => {
  assert.equal(rulesOfBlockList(undefined), undefined);
  assert.equal(rulesOfBlockList(sampleUser()), undefined);
  const of = rulesOfBlockList(sampleUser({ blockedSenders: [bob as Aor, 'partner.test' as SipDomain] }));
  assert.ok(of);
  const seenBy = (aor: string) => decideWatcher(aliceAor, of, watcher(aor)).looksOffline;
  assert.deepEqual([bob, dave, 'carol@contoso.test', 'eve@a.partner.test'].map(seenBy), [true, true, false, false]);
});

test('rejected: refused, and cut off where subscribed before', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  bed.subscribed(bob, port);
  port.take();
  bed.rules = rules({ [bob]: 'rejected' });
  assert.equal(codeOf(bed.subscribe(bob, port, { callId: 'new' })), 'WATCHER_REJECTED');
  bed.service.watcherRulesChanged(aliceAor);
  bed.clock.advance(0);
  const last = port.takeOne();
  assert.deepEqual([stateLine(last), last.request.body.length], ['terminated;reason=rejected', 0]);
  assert.equal(bed.counts.subscriptions, 0);
});

test('pending until confirmed', () => {
  const bed = new TestBed({ maxPendingPerUser: 1 });
  const port = new FakeNotifyPort();
  bed.rules = rules({}, { federated: 'confirm' });
  bed.bound('i', 'f');
  bed.subscribed(dave, port, {}, 'federated');
  const first = port.takeOne();
  assert.deepEqual([stateLine(first), first.request.body.length], ['pending;expires=3600', 0]);
  assert.equal(bed.counts.pending, 1);
  assert.equal(codeOf(bed.subscribe('erin@partner.test', port, {}, 'federated')), 'SUBSCRIPTION_LIMIT_REACHED');
  bed.published(['busy'], 'f');
  assert.equal(port.take().length, 0);
  bed.rules = rules({ [dave]: 'allowed' }, { federated: 'confirm' });
  bed.service.watcherRulesChanged(aliceAor);
  bed.clock.advance(0);
  const confirmed = port.takeOne();
  assert.deepEqual([stateLine(confirmed), basicOf(confirmed)], ['active;expires=3600', 'open']);
  assert.equal(bed.counts.pending, 0);
});

test('what is never confirmed is given up', () => {
  const bed = new TestBed({ maxPendingSeconds: 3000 });
  const port = new FakeNotifyPort();
  bed.rules = rules({}, { federated: 'confirm' });
  const toTag = bed.subscribed(dave, port, {}, 'federated');
  bed.clock.advance(3_500_000);
  port.take();
  bed.subscribed(dave, port, { toTag, cseq: 2 }, 'federated');
  assert.equal(stateLine(port.takeOne()), 'terminated;reason=giveup;retry-after=3600');
  assert.equal(bed.counts.pending, 0);
});

const namespace = 'urn:ietf:params:xml:ns:watcherinfo';

function winfo({ request }: SentNotify): readonly string[] {
  const read = readXml(request.body);
  assert.ok(read.ok);
  const list = childElement(read.value, namespace, 'watcher-list')!;
  const head = `${read.value.attributes.get('version')} ${read.value.attributes.get('state')}`;
  const watchers = childElements(list, namespace, 'watcher').map(
    element => `${textOf(element)} ${element.attributes.get('status')} ${element.attributes.get('event')}`,
  );
  return [head, ...watchers];
}

test('watcher information: full, then what changed; full again on a refresh', () => {
  const bed = new TestBed();
  const own = new FakeNotifyPort();
  const port = new FakeNotifyPort();
  bed.rules = rules({}, { federated: 'confirm' });
  bed.subscribed(bob, port);
  const headers = ['Event: presence.winfo', 'Accept: application/watcherinfo+xml'];
  const toTag = bed.subscribed(aliceAor, own, { headers });
  assert.deepEqual(winfo(own.takeOne()), ['0 full', `sip:${bob} active approved`]);
  const theirs = bed.subscribed(dave, port, {}, 'federated');
  assert.deepEqual(winfo(own.takeOne()), ['1 partial', `sip:${dave} pending subscribe`]);
  bed.rules = rules({ [dave]: 'allowed' });
  bed.service.watcherRulesChanged(aliceAor);
  bed.clock.advance(0);
  assert.deepEqual(winfo(own.takeOne()), ['2 partial', `sip:${dave} active approved`]);
  bed.subscribed(aliceAor, own, { headers, toTag, cseq: 2 });
  assert.deepEqual(winfo(own.takeOne()), ['3 full', `sip:${bob} active approved`, `sip:${dave} active approved`]);
  bed.subscribed(dave, port, { toTag: theirs, cseq: 2, headers: ['Expires: 0'] }, 'federated');
  assert.deepEqual(winfo(own.takeOne()), ['4 partial', `sip:${dave} terminated timeout`]);
});
