import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { homeSlot } from '../../src/workers/flow-name.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { presenceEndpoint, statusOf, told, watching } from '../support/presence-client.ts';
import { until } from '../support/until.ts';
import { WorkerPlaces } from '../support/worker-place.ts';

const users = [...Array(8).keys()].map(n => `u${n}@contoso.test`);

let lab: LabUnderTest;
before(async () => {
  lab = await LabUnderTest.start([], ['--workers', '2', '--load-users', String(users.length)]);
});
after(() => lab?.stop());

async function subscriptions(): Promise<number> {
  const { url, token } = lab.organisation('contoso').api;
  const text = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
  const values = [...text.matchAll(/^parley_presence_subscriptions\{[^}]*\} (\d+)$/gm)].map(([, value]) => Number(value));
  assert.equal(values.length, 2);
  return values.reduce((sum, value) => sum + value, 0);
}

test('the subscriptions of a watcher whose connection closes end, whichever worker keeps them', async t => {
  const places = new WorkerPlaces(lab, 'contoso');
  const presentities = [0, 1].map(slot => users.find(address => homeSlot(address, 2) === slot) as string);
  const eve = await places.connectTo(
    1,
    async () => {
      const endpoint = presenceEndpoint(lab, 'alice@contoso.test');
      t.after(() => endpoint.close());
      assert.equal(statusOf(await endpoint.signIn()), 200);
      return endpoint;
    },
    endpoint => endpoint.close(),
  );
  for (const presentity of presentities) await told(await watching(eve, presentity), 'offline');
  assert.equal(await subscriptions(), 2);
  eve.close();
  await until('the end of the subscriptions', async () => (await subscriptions()) === 0 || undefined);
});
