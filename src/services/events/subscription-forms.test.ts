import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePidf, pidfMediaType } from '../../body/pidf.ts';
import type { Aor } from '../../model/names.ts';
import {
  alice,
  aliceAor,
  basicOf,
  FakeNotifyPort,
  nothingKept,
  okValue,
  received,
  stateLine,
  subscribeRequest,
  TestBed,
  watcher,
} from '../../testing/presence-test-bed.ts';
import { sampleUser } from '../../testing/sample-configuration.ts';
import { notifyBody } from './notifier-dialog.ts';
import type { ResourceList, ResourceReport } from './resource-list.ts';

const bob = 'bob@contoso.test';
const carol = sampleUser({ aor: 'carol@contoso.test' as Aor });
const dave = sampleUser({ aor: 'dave@contoso.test' as Aor });

test('a best-effort subscription: BENOTIFY requests, which nobody has to answer', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  const asked = { request: subscribeRequest(bob), subscriber: watcher(bob), user: alice, via: port, isBestEffort: true };
  okValue(bed.events.subscribe(asked));
  bed.clock.advance(0);
  const { request } = port.takeOne();
  assert.deepEqual([request.method, request.cseq.method, request.cseq.number], ['BENOTIFY', 'BENOTIFY', 1]);
  assert.deepEqual([bed.counts.subscriptions, bed.counts.outstanding], [1, 0]);
});

test('a watcher may take the first state with the answer: no NOTIFY repeats it, and the next one counts on', () => {
  const bed = new TestBed();
  bed.bound('i', 'f');
  const port = new FakeNotifyPort();
  const asked = { request: subscribeRequest(bob), subscriber: watcher(bob), user: alice, via: port, takesPiggyback: true };
  const answer = received(okValue(bed.events.subscribe(asked)));
  bed.clock.advance(0);
  assert.equal(port.take().length, 0);
  assert.deepEqual(
    ['Event', 'Content-Type', 'ms-piggyback-cseq'].map(name => answer.get(name)),
    ['presence', pidfMediaType, '1'],
  );
  assert.match(answer.get('Subscription-State') ?? '', /^active;expires=/);
  const document = parsePidf(answer.body);
  assert.ok(document.ok && document.value.tuples[0]?.basic === 'open');
  bed.unbound('i', 'f');
  const next = port.takeOne();
  assert.deepEqual([basicOf(next), next.request.cseq.number], ['closed', 2]);
  const once = { ...asked, request: subscribeRequest(bob, { callId: 'once', headers: ['Expires: 0'] }) };
  assert.match(received(okValue(bed.events.subscribe(once))).get('Subscription-State') ?? '', /^terminated;reason=timeout/);
  bed.events.deactivate();
  bed.clock.advance(0);
  assert.deepEqual(bed.counts, nothingKept);
});

/** Many documents in one body, each after a line that says whose it is. */
function listOf(users: ResourceList['users'], told: ResourceReport[][]): ResourceList {
  return {
    users,
    mediaType: 'multipart/related',
    assemble(reports, isFull, version) {
      told.push([...reports]);
      const lines = reports.map(({ user, state, body }) => `${user.aor} ${state.kind} ${body?.bytes.length ?? 0}`);
      const text = [`${version} ${isFull ? 'full' : 'partial'}`, ...lines].join('\n');
      return notifyBody('multipart/related', new TextEncoder().encode(text));
    },
  };
}

test('one subscription tells of many users: all of them first, then those that change, each by the own rules', () => {
  const bed = new TestBed();
  const port = new FakeNotifyPort();
  const told: ResourceReport[][] = [];
  const aors = () => told.at(-1)?.map(({ user, state }) => `${user.aor.split('@')[0]} ${state.kind}`);
  const list = listOf([alice, carol, dave], told);
  okValue(bed.events.subscribe({ request: subscribeRequest(bob), subscriber: watcher(bob), user: alice, via: port, list }));
  bed.clock.advance(0);
  assert.equal(port.takeOne().request.get('Content-Type'), 'multipart/related');
  assert.deepEqual(aors(), ['alice active', 'carol active', 'dave active']);
  assert.deepEqual([bed.counts.subscriptions, bed.counts.places, bed.counts.presentities], [1, 1, 3]);

  bed.bound('i', 'f');
  assert.match(new TextDecoder().decode(port.takeOne().request.body), /^1 partial\nalice@contoso.test active [1-9]/);
  assert.deepEqual(aors(), ['alice active']);

  bed.service.userRemoved(carol);
  bed.clock.advance(0);
  assert.match(stateLine(port.takeOne()) ?? '', /^active/);
  assert.deepEqual(aors(), ['carol terminated']);

  bed.rules = { verdicts: new Map([[bob, 'rejected']]), inside: 'allowed', federated: 'allowed' };
  bed.service.watcherRulesChanged(aliceAor);
  bed.clock.advance(0);
  port.takeOne();
  assert.deepEqual(aors(), ['alice terminated']);
  bed.service.watcherRulesChanged(dave.aor);
  bed.clock.advance(0);
  assert.equal(stateLine(port.takeOne()), 'terminated;reason=rejected', 'with the last resource it ends');
  bed.unbound('i', 'f');
  assert.deepEqual(bed.counts, nothingKept);
});

test('users whom the watcher may not see stand in the list as refused', () => {
  const bed = new TestBed();
  bed.rules = { verdicts: new Map([[bob, 'rejected']]), inside: 'allowed', federated: 'allowed' };
  const told: ResourceReport[][] = [];
  const port = new FakeNotifyPort();
  const list = listOf([alice, sampleUser({ aor: bob as Aor })], told);
  okValue(bed.events.subscribe({ request: subscribeRequest(bob), subscriber: watcher(bob), user: alice, via: port, list }));
  bed.clock.advance(0);
  assert.deepEqual(
    told[0]?.map(({ user, state, body }) => [user.aor, state.kind, body === undefined]),
    [
      [bob, 'active', false],
      [aliceAor, 'terminated', true],
    ],
  );
});

test('a user who was signed in before a restart is not shown as gone until there was time to come back; a block does not show', () => {
  const bed = new TestBed({}, new Set([aliceAor]));
  const blocked = 'blocked@contoso.test';
  bed.rules = { verdicts: new Map([[blocked, 'blocked']]), inside: 'allowed', federated: 'allowed' };
  const [port, blind] = [new FakeNotifyPort(), new FakeNotifyPort()];
  bed.subscribed(bob, port);
  bed.subscribed(blocked, blind);
  for (const each of [port, blind]) {
    const first = each.takeOne();
    assert.match(stateLine(first) ?? '', /^active/);
    assert.equal(first.request.body.length, 0);
  }
  bed.clock.advance(10_000);
  bed.bound('i', 'f');
  assert.equal(basicOf(port.takeOne()), 'open');
  assert.equal(blind.take().length, 0);
  bed.clock.advance(50_000);
  assert.equal(port.take().length, 0);
  assert.equal(basicOf(blind.takeOne()), 'closed', 'at the same moment as for a user who did not come back');

  const gone = new TestBed({}, new Set([aliceAor]));
  const watching = new FakeNotifyPort();
  gone.subscribed(bob, watching);
  watching.take();
  gone.clock.advance(60_000);
  assert.equal(basicOf(watching.takeOne()), 'closed');
});
