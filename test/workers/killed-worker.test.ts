import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { homeSlot } from '../../src/workers/flow-name.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { ended, presenceEndpoint, statusOf, told, watching } from '../support/presence-client.ts';
import { isRunning, killAtOnce } from '../support/process-end.ts';
import { until } from '../support/until.ts';
import { WorkerPlaces } from '../support/worker-place.ts';

/** Promised: a worker that was killed serves again within this time. */
const backInServiceMs = 60_000;
const users = [...Array(8).keys()].map(n => `u${n}@contoso.test`);
/** Users whose presence is kept by a worker. */
const homedAt = (slot: number) => users.filter(address => homeSlot(address, 2) === slot);

let lab: LabUnderTest;
let places: WorkerPlaces;
before(async () => {
  lab = await LabUnderTest.start([], ['--workers', '2', '--load-users', String(users.length)]);
  places = new WorkerPlaces(lab, 'contoso');
});
after(() => lab?.stop());

function signInAt(slot: number, address: string): Promise<TestEndpoint> {
  return places.connectTo(
    slot,
    () => lab.signIn('contoso', address),
    endpoint => endpoint.close(),
  );
}

/** What became of the messages of one pair. */
interface Traffic {
  answered: number;
  refused: number;
  lost: number;
}

async function talk(from: TestEndpoint, to: string, traffic: Traffic, stop: AbortSignal): Promise<void> {
  for (let n = 0; !stop.aborted; n++) {
    if (!from.connected) await from.signIn();
    const sent = await from.sendMessage(to, `${n}`);
    if (!sent.ok) traffic.lost++;
    else if (sent.value.status === 200) traffic.answered++;
    else {
      traffic.refused++;
      await delay(10);
    }
  }
}

test('users of the other worker notice nothing when one is killed; its own come back', async () => {
  const [a, b, c] = ['alice@contoso.test', 'adam@contoso.test', 'u0@contoso.test'] as const;
  const staying = await signInAt(0, a);
  const peer = await signInAt(0, b);
  // the peer has an endpoint at the worker that dies, too: it is one that does not answer any more
  const second = await signInAt(1, b);
  const victim = await signInAt(1, c);
  const stop = new AbortController();
  const among = { answered: 0, refused: 0, lost: 0 };
  const across = { answered: 0, refused: 0, lost: 0 };
  const toVictim = { answered: 0, refused: 0, lost: 0 };
  const talking = [
    talk(staying, b, among, stop.signal),
    talk(victim, a, across, stop.signal),
    talk(peer, c, toVictim, stop.signal),
  ];
  try {
    await until('talk before', () => (among.answered > 50 && across.answered > 50 && toVictim.answered > 50) || undefined);
    assert.deepEqual([across.refused, across.lost, toVictim.refused, toVictim.lost], [0, 0, 0, 0]);
    const pid = places.pids.get(1) as number;
    await killAtOnce(pid);
    const counts = [among.answered, across.answered, toVictim.answered] as const;
    await until(
      'everybody to talk again',
      () =>
        (across.answered > counts[1] + 5 && toVictim.answered > counts[2] + 5 && among.answered > counts[0] + 20) || undefined,
      backInServiceMs,
    );
    await until('another process', () => (places.pids.get(1) === pid ? undefined : true), backInServiceMs);
  } finally {
    stop.abort();
  }
  await Promise.all(talking);
  assert.deepEqual([among.refused, among.lost], [0, 0], 'users of the other worker');
  assert.equal(second.connected, false);
  // the new process takes connections, and its users are reached from the other worker
  const anew = await signInAt(1, 'u1@contoso.test');
  const sent = await staying.sendMessage('u1@contoso.test', 'welcome back');
  assert.equal(sent.ok && sent.value.status, 200);
  for (const endpoint of [staying, peer, victim, anew]) endpoint.close();
});

test('presence kept by a killed worker: watchers are told to subscribe again, publishers publish anew', async t => {
  const [presentity, other] = homedAt(1) as [string, string];
  const [watcher] = homedAt(0) as [string];
  const signIn = (address: string) => {
    const endpoint = presenceEndpoint(lab, address);
    t.after(() => endpoint.close());
    return endpoint.signIn().then(answer => {
      assert.equal(statusOf(answer), 200);
      return endpoint;
    });
  };
  const signInAt0 = (address: string) =>
    places.connectTo(
      0,
      () => signIn(address),
      endpoint => endpoint.close(),
    );
  const bob = await signInAt0(presentity);
  const eve = await signInAt0(watcher);
  assert.equal(statusOf(await bob.publish('busy')), 200);
  const watch = await watching(eve, presentity);
  await told(watch, 'busy');
  await killAtOnce(places.pids.get(1) as number);
  await ended(watch, 'deactivated');
  const again = await watching(eve, presentity);
  await told(again, 'online');
  assert.equal(statusOf(await bob.publish('busy')), 412, 'the publication is gone');
  assert.equal(statusOf(await bob.publish('busy', { etag: '' })), 200);
  await told(again, 'busy');
  const gone = await watching(eve, other);
  await told(gone, 'offline');
});

test('a suspended user is signed out at both workers, and a policy taken away counts at both at once', async () => {
  const [first, second] = [await signInAt(0, 'u2@contoso.test'), await signInAt(1, 'u2@contoso.test')];
  await lab.run('contoso', 'Set-CsUser', { identity: ['u2@contoso.test'], enabled: false });
  await until('the sign-out at both', () => (first.connected || second.connected ? undefined : true));
  await lab.run('contoso', 'Set-CsUser', { identity: ['u2@contoso.test'], enabled: true });
  const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
  const both = [await signInAt(0, 'alice@contoso.test'), await signInAt(1, 'alice@contoso.test')];
  for (const endpoint of both) {
    const sent = await endpoint.sendMessage(bob.address, 'before');
    assert.equal(sent.ok && sent.value.status, 200);
  }
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['fabrikam.test'], list: 'blocked' });
  for (const endpoint of both) {
    const sent = await endpoint.sendMessage(bob.address, 'after');
    assert.equal(sent.ok && sent.value.status, 403);
  }
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['fabrikam.test'], list: 'allowed' });
  for (const endpoint of [...both, bob]) endpoint.close();
});

test('when the first worker ends, all do', async () => {
  const [first, second] = [places.pids.get(0) as number, places.pids.get(1) as number];
  await killAtOnce(first);
  await until('the end of the other', () => (isRunning(second) ? undefined : true));
});
