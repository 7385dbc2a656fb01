import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { PresenceEndpoint } from '../../src/lab/presence-endpoint.ts';
import type { PresenceWatch } from '../../src/lab/presence-watch.ts';
import { exchange, openClient, rawRequest, signIn, statusOf as statusOfAnswer } from '../attacks/attacker.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import {
  ended,
  notified,
  presenceClient,
  presenceEndpoint,
  statusOf,
  told,
  tryToWatch,
  watching,
} from '../support/presence-client.ts';
import { isRunning, killAtOnce } from '../support/process-end.ts';
import { until } from '../support/until.ts';
import { type BareMessage, bareResponse, headerOf } from '../torture/bare-client.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
/** Connections between servers come back by themselves; this covers their longest pause. */
const recoveryMs = 30_000;

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start();
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

const pidOf = (name: 'contoso' | 'lynconline', role: 'frontEnd' | 'edge') => lab.organisation(name).pids[role][0] as number;

test("a partner's Edge restarts while the watched user changes: the watcher is told when it is back", async t => {
  const watched = await presenceClient(t, lab, alice);
  assert.equal(statusOf(await watched.publish('busy')), 200);
  const watch = await watching(await presenceClient(t, lab, bob), alice);
  await told(watch, 'busy');
  await killAtOnce(pidOf('lynconline', 'edge'));
  const before = watch.notifies.length;
  assert.equal(statusOf(await watched.publish('away')), 200);
  // the NOTIFY has found nobody by now
  await delay(1_500);
  await lab.startAgain('lynconline', 'edge');
  await told(watch, 'away', before, recoveryMs);
  assert.equal(statusOf(await watched.publish('busy')), 200);
  await told(watch, 'busy', before, recoveryMs);
  await watched.signOut();
});

test('a client that reads nothing for a while keeps its subscription, and gets the newest state when it reads again', async t => {
  const watched = await presenceClient(t, lab, alice);
  assert.equal(statusOf(await watched.publish('busy')), 200);
  const reader = await openClient(lab, 'contoso');
  t.after(() => reader.close());
  reader.answer = request => bareResponse(request, 200, 'OK');
  await signIn(reader, adam);
  const headers = ['Event: presence', 'Expires: 600', `Contact: <sip:${adam};transport=tls>`];
  const watches = { method: 'SUBSCRIBE', from: adam, to: alice, lines: headers };
  assert.equal(statusOfAnswer(await exchange(reader, watches)), 200);
  const notifies = (): readonly BareMessage[] => reader.received.filter(({ startLine }) => startLine.startsWith('NOTIFY '));
  await until('the first state', () => notifies()[0]);
  reader.pause();
  const sender = await openClient(lab, 'contoso');
  t.after(() => sender.close());
  sender.answer = request => bareResponse(request, 200, 'OK');
  await signIn(sender, alice);
  await fillQueue(sender);
  assert.equal(statusOf(await watched.publish('away')), 200);
  await delay(2_000);
  reader.resume();
  const newest = await until('the newest state', () => notifies().find(({ body }) => /away/.test(body)), recoveryMs);
  assert.match(headerOf(newest, 'Subscription-State') ?? '', /^active/);
  assert.equal(reader.closed, false);
  await watched.signOut();
});

test('an orderly stop tells watchers to subscribe again; after the start nobody is shown as gone before clients could come back', async t => {
  const watched = await presenceClient(t, lab, alice);
  assert.equal(statusOf(await watched.publish('busy')), 200);
  const watcher = await presenceClient(t, lab, bob);
  const watch = await watching(watcher, alice);
  await told(watch, 'busy');
  const offline = await watching(watcher, adam);
  await told(offline, 'offline');
  const pid = pidOf('contoso', 'frontEnd');
  process.kill(pid, 'SIGTERM');
  await ended(watch, 'deactivated');
  await until('the end of the Front End', () => (isRunning(pid) ? undefined : true));
  assert.deepEqual(shown(watch), ['busy'], 'never as gone');
  await lab.startAgain('contoso', 'frontend');
  const again = await untilWatching(watcher, alice);
  const first = await notified(again, 'that says nothing yet', ({ state }) => state.startsWith('active'));
  assert.equal(first.shown, undefined);
  // who was not signed in before is not awaited
  await told(await untilWatching(watcher, adam), 'offline');
  const back = presenceEndpoint(lab, alice);
  t.after(() => back.close());
  assert.equal(statusOf(await back.signIn()), 200);
  assert.equal(statusOf(await back.publish('away')), 200);
  await told(again, 'away');
  assert.ok(!shown(again).includes('offline'), 'never as gone');
});

/** Sends until the server has no room for the reader any more. */
async function fillQueue(sender: Awaited<ReturnType<typeof openClient>>): Promise<void> {
  const body = 'x'.repeat(100 * 1024);
  const isRefused = (message: BareMessage) =>
    headerOf(message, 'Call-ID')?.startsWith('fill-') === true && /^SIP\/2\.0 [45]/.test(message.startLine);
  for (let sent = 0; !sender.received.some(isRefused); sent++) {
    assert.ok(sent < 2_000, 'the queue is never full');
    sender.write(rawRequest({ from: alice, to: adam, callId: `fill-${sent}`, body }));
    if (sent % 20 === 19) await exchange(sender, { from: alice, to: alice });
  }
}

const shown = (watch: PresenceWatch) => [...new Set(watch.notifies.flatMap(notify => notify.shown ?? []))];

/** Subscribes as soon as the way is there again. */
function untilWatching(watcher: PresenceEndpoint, presentity: string): Promise<PresenceWatch> {
  const attempt = async () => {
    const { watch, answer } = await tryToWatch(watcher, presentity);
    return answer.status === 200 ? watch : undefined;
  };
  return until(`a subscription to ${presentity}`, attempt, recoveryMs);
}
