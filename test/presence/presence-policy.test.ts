import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { presenceClient, statusOf, told, tryToWatch, watching } from '../support/presence-client.ts';
import { killAtOnce } from '../support/process-end.ts';
import { logEvents, refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
const fabrikam = ['fabrikam.test', 'fabrikam.lynconline.test'];
/** A NOTIFY that could not be delivered is tried again after 5 seconds, then after 10. */
const retryMs = 40_000;

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start();
});
after(() => lab?.stop());

/** What has been cut off at an organisation's Front End so far. */
function cutOff(name: 'contoso' | 'lynconline') {
  return logEvents(lab.log(name, 'frontend'), 'watcher-cut-off');
}

test('a user without external access can neither watch outside nor be watched from there', async t => {
  const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob)]);
  const [outward, inward] = [await watching(a, bob), await watching(b, alice)];
  await Promise.all([told(outward, 'online'), told(inward, 'online')]);
  const seen = inward.notifies.length;
  const cut = cutOff('contoso').length;

  await lab.run('contoso', 'Grant-CsExternalAccessPolicy', { identity: [alice], policyName: null });
  await t.test('SUBSCRIBE is refused with 403 and the reason', async () => {
    const { answer } = await tryToWatch(a, bob);
    assert.equal(answer.status, 403);
    assert.match(answer.get('ms-diagnostics') ?? '', /^1012;/);
    assert.equal(statusOf(await outward.subscribe()), 403, 'a refresh too');
  });
  await t.test('who watched before is told nothing more', async () => {
    assert.equal(statusOf(await a.publish('busy')), 200);
    const entry = await until('a line about it', () => cutOff('contoso')[cut]);
    assert.deepEqual([entry.user, entry.watcher, entry.code], [alice, bob, 'NOT_AUTHORISED_OUTSIDE']);
    assert.equal(inward.notifies.length, seen);
  });

  await lab.run('contoso', 'Grant-CsExternalAccessPolicy', { identity: [alice], policyName: 'BasicAccess' });
  await t.test('with the policy again the old subscription is gone, and a new one is served', async () => {
    assert.equal(statusOf(await inward.subscribe()), 481);
    await told(await watching(b, alice), 'busy');
    assert.equal(statusOf(await outward.subscribe()), 200);
  });
});

test('a presence policy says how many may watch a user, at once and for whoever comes next', async t => {
  const [a, c] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, adam)]);
  await lab.run('contoso', 'New-CsPresencePolicy', { identity: 'Quiet', maxCategorySubscription: 0 });
  await lab.run('contoso', 'Grant-CsPresencePolicy', { identity: [alice], policyName: 'Quiet' });
  assert.equal((await tryToWatch(c, alice)).answer.status, 403);
  await told(await watching(a, adam), 'online');
  await lab.run('contoso', 'Set-CsPresencePolicy', { identity: 'Quiet', maxCategorySubscription: 1 });
  const watch = await watching(c, alice);
  await told(watch, 'online');
  assert.equal((await tryToWatch(a, alice)).answer.status, 403);
  await lab.run('contoso', 'Set-CsPresencePolicy', { identity: 'Quiet', maxCategorySubscription: 0 });
  assert.equal(statusOf(await watch.subscribe()), 200, 'who watches already goes on');
  await lab.run('contoso', 'Grant-CsPresencePolicy', { identity: [alice], policyName: null });
  assert.equal((await tryToWatch(a, alice)).answer.status, 200);
});

test('a domain that is blocked in the middle is told nothing more, and tells nothing more', async t => {
  const [a, b, c] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob), presenceClient(t, lab, adam)]);
  const [outward, inward, inside] = [await watching(a, bob), await watching(b, alice), await watching(c, alice)];
  await Promise.all([told(outward, 'online'), told(inward, 'online'), told(inside, 'online')]);
  const seen = [outward.notifies.length, inward.notifies.length];
  const cut = cutOff('contoso').length;
  const refused = () => refusalsIn(lab.log('contoso', 'edge')).filter(({ code }) => code === 'DOMAIN_BLOCKED');
  const refusedBefore = refused().length;

  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: fabrikam, list: 'Blocked' });
  await Promise.all([a.publish('busy'), b.publish('away')]);
  await told(inside, 'busy');
  await until('a line about bob', () => cutOff('contoso')[cut]);
  await until("a refusal of bob's NOTIFY", () => refused()[refusedBefore]);
  assert.deepEqual([outward.notifies.length, inward.notifies.length], seen);
  assert.equal((await tryToWatch(a, bob)).answer.status, 403);
  const stranger = (await tryToWatch(b, alice)).answer;
  assert.equal(stranger.status, 504);

  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: fabrikam, list: 'Allowed' });
  // to the partner a block looks like an outage: what our user has asked for goes on; what our side has cut off has ended
  assert.deepEqual([statusOf(await outward.subscribe()), statusOf(await inward.subscribe())], [200, 481]);
  await told(outward, 'away', seen[0]);
  await told(await watching(b, alice), 'busy');
});

for (const [whose, name] of [
  ["the watcher's Edge", 'contoso'],
  ["the user's Edge", 'lynconline'],
] as const) {
  test(`${whose} is killed and starts again: the watcher is told what has changed meanwhile`, async t => {
    const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob)]);
    const watch = await watching(a, bob);
    await told(watch, 'online');
    await killAtOnce(lab.organisation(name).pids.edge[0] as number);
    assert.equal(statusOf(await b.publish('busy')), 200);
    assert.equal(statusOf(await b.publish('doNotDisturb')), 200);
    const restarted = await lab.startAgain(name, 'edge', `restarted-${name}.log`);
    const found = await watch.waitFor(({ shown }) => shown === 'doNotDisturb', retryMs);
    const log = readFileSync(join(lab.serverFolder(name, 'edge'), `restarted-${name}.log`), 'utf8');
    assert.ok(found, `${watch.notifies.map(({ shown }) => shown)}; ${log}`);
    assert.ok(restarted.running);
    assert.equal(statusOf(await watch.subscribe()), 200, 'it is the same subscription');
  });
}
