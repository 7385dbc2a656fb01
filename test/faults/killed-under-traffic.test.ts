import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest, type OrganisationName, type ServerRole } from '../support/lab-under-test.ts';
import { killAtOnce } from '../support/process-end.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { until } from '../support/until.ts';

const seed = Number(process.env.PARLEY_SEED ?? 20_260_401);
/** Traffic before a process is killed, at most this long. */
const longestTrafficMs = 800;
/** Promised: a server that was killed serves again within this time of its start. */
const backInServiceMs = 5_000;
const victims: readonly (readonly [name: OrganisationName, role: ServerRole])[] = [
  ['contoso', 'edge'],
  ['contoso', 'frontend'],
  ['lynconline', 'edge'],
  ['lynconline', 'frontend'],
  ['contoso', 'frontend'],
  ['contoso', 'edge'],
];

let lab: LabUnderTest;
let alice: TestEndpoint;
let adam: TestEndpoint;
let bob: TestEndpoint;

before(async () => {
  lab = await LabUnderTest.start();
  alice = await lab.signIn('contoso', 'alice@contoso.test');
  adam = await lab.signIn('contoso', 'adam@contoso.test');
  bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

/** What became of the messages of one pair. */
interface Traffic {
  readonly acknowledged: string[];
  readonly refused: number[];
  /** Not answered: the connection ended. */
  lost: number;
}

/** Signs in again whenever the connection is gone, as a client does. */
async function staySignedIn(endpoint: TestEndpoint, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    if (!endpoint.connected) await endpoint.signIn();
    await delay(50);
  }
}

/** Sends one message after the other until told to stop. */
async function talk(from: TestEndpoint, to: TestEndpoint, traffic: Traffic, stop: AbortSignal): Promise<void> {
  for (let n = 0; !stop.aborted; n++) {
    if (!from.connected) {
      await delay(50);
      continue;
    }
    const text = `${from.address} ${n} ${traffic.acknowledged.length}`;
    const sent = await from.sendMessage(to.address, text);
    if (!sent.ok) traffic.lost++;
    else if (sent.value.status === 200) traffic.acknowledged.push(text);
    else {
      traffic.refused.push(sent.value.status);
      await delay(10);
    }
  }
}

test(`each process killed at a random moment under traffic is back in service, and what was answered 200 arrived (seed ${seed})`, async t => {
  const random = seededRandom(seed);
  const pids = new Map<string, number>();
  for (const name of ['contoso', 'lynconline'] as const) {
    const { frontEnd, edge } = lab.organisation(name).pids;
    pids.set(`${name} frontend`, frontEnd[0] as number).set(`${name} edge`, edge[0] as number);
  }
  const pairs = [
    [alice, adam],
    [alice, bob],
    [bob, alice],
  ] as const;
  for (const [i, [name, role]] of victims.entries()) {
    const victim = `${name} ${role}`;
    await t.test(`${victim}, ${i + 1}`, async each => {
      const stop = new AbortController();
      const traffic = pairs.map((): Traffic => ({ acknowledged: [], refused: [], lost: 0 }));
      const talking = pairs.map(([from, to], k) => talk(from, to, traffic[k] as Traffic, stop.signal));
      const staying = [alice, adam, bob].map(endpoint => staySignedIn(endpoint, stop.signal));
      await delay(100 + random() * longestTrafficMs);
      await killAtOnce(pids.get(victim) as number);
      pids.set(victim, (await lab.startAgain(name, role, `restarted-${i}.log`)).pid);
      const begin = performance.now();
      const counts = traffic.map(({ acknowledged }) => acknowledged.length);
      // two more of each: the first may have been under way
      const isBack = () => traffic.every(({ acknowledged }, k) => acknowledged.length > (counts[k] ?? 0) + 1);
      try {
        await until(`every pair to talk again after ${victim} was killed`, () => isBack() || undefined, 2 * backInServiceMs);
      } finally {
        stop.abort();
      }
      const backMs = performance.now() - begin;
      await Promise.all([...talking, ...staying]);
      const lost = traffic.reduce((sum, pair) => sum + pair.lost, 0);
      const refused = traffic.flatMap(pair => pair.refused);
      each.diagnostic(`back after ${Math.round(backMs)} ms; ${lost} lost, refused: ${[...new Set(refused)].join(' ') || 'none'}`);
      assert.ok(backMs < backInServiceMs, `back after ${Math.round(backMs)} ms`);
      // the recipient has no connection, or a server behind ours cannot be reached
      for (const status of refused) assert.ok([404, 407, 480, 503, 504].includes(status), `refused with ${status}`);
      for (const [k, [, to]] of pairs.entries()) {
        for (const text of traffic[k]?.acknowledged ?? []) assert.ok(await to.waitForMessage(text, 0), `${text} arrived`);
      }
    });
  }
});
