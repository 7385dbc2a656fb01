import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { ended, presenceClient, presenceEndpoint, statusOf, told, watching } from '../support/presence-client.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
const beth = 'beth@fabrikam.test';
const anna = 'anna@contoso.test';
/** The shortest life that is granted; what ends after it is begun first and looked at last. */
const shortestSeconds = 60;
const expiryMs = 2 * shortestSeconds * 1000;

let lab: LabUnderTest;
let expiring: Awaited<ReturnType<typeof beginToExpire>>;

before(async () => {
  lab = await LabUnderTest.start();
  expiring = await beginToExpire();
});
after(async () => {
  for (const endpoint of expiring?.endpoints ?? []) endpoint.close();
  await lab?.stop();
});

for (const [name, watcher, presentity] of [
  ['inside an organisation', alice, adam],
  ['across the federation, to the provider', alice, bob],
  ['across the federation, from the provider', bob, alice],
] as const) {
  test(`${name}: the state at once, each change, offline, refresh, the end`, async t => {
    const watch = await watching(await presenceClient(t, lab, watcher), presentity);
    const first = await told(watch, 'offline');
    assert.equal(first.from, presentity);
    assert.match(first.state, /^active;expires=\d+$/);

    const user = await presenceClient(t, lab, presentity);
    await told(watch, 'online');
    assert.equal(statusOf(await user.publish('busy')), 200);
    await told(watch, 'busy');
    assert.equal(statusOf(await user.publish('doNotDisturb')), 200);
    await told(watch, 'doNotDisturb');

    const before = watch.notifies.length;
    assert.equal(statusOf(await watch.subscribe(300)), 200);
    const renewed = await told(watch, 'doNotDisturb', before);
    assert.match(renewed.state, /^active;expires=(299|300)$/);

    user.close();
    await told(watch, 'offline', before);
    assert.equal(statusOf(await watch.subscribe(0)), 200);
    const last = await ended(watch, 'timeout');
    assert.equal(last.shown, 'offline');
  });
}

/** A publication and a subscription, each across the federation and for the shortest time. */
async function beginToExpire() {
  const users = [{ identity: anna, displayName: 'Anna', password: 'pw-anna' }];
  await lab.run('contoso', 'Enable-CsUser', { users, externalAccessPolicy: 'BasicAccess' });
  const endpoints = [presenceEndpoint(lab, anna), presenceEndpoint(lab, beth)] as const;
  const [watcher, user] = endpoints;
  assert.deepEqual([statusOf(await watcher.signIn()), statusOf(await user.signIn())], [200, 200]);
  const [watch, long] = [await watching(watcher, beth, { expiresSeconds: shortestSeconds }), await watching(watcher, beth)];
  assert.equal(statusOf(await user.publish('busy', { expiresSeconds: shortestSeconds })), 200);
  await Promise.all([told(watch, 'busy'), told(long, 'busy')]);
  return { endpoints, watch, long, told: long.notifies.length };
}

test('what nobody renews expires: a publication and a subscription', async () => {
  const { watch, long, told: seen } = expiring;
  await Promise.all([ended(watch, 'timeout', expiryMs), told(long, 'online', seen, expiryMs)]);
  assert.equal(statusOf(await watch.subscribe()), 481);
  assert.equal(statusOf(await long.subscribe()), 200);
});
