import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { ended, presenceClient, statusOf, told, watching } from '../support/presence-client.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start();
});
after(() => lab?.stop());

for (const [name, watcher, presentity] of [
  ['inside an organisation', alice, adam],
  ['across the federation, to the provider', alice, bob],
  ['across the federation, from the provider', bob, alice],
] as const) {
  test(`${name}: the state at once, each change, offline, refresh, the end`, async t => {
    const watching_ = await presenceClient(t, lab, watcher);
    const watch = await watching(watching_, presentity);
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
