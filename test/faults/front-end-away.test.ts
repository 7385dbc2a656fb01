import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { PresenceWatch } from '../../src/lab/presence-watch.ts';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { notified, presenceClient, statusOf, told, tryToWatch, watching } from '../support/presence-client.ts';
import { killAtOnce } from '../support/process-end.ts';
import { until } from '../support/until.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
/** Pauses of 1, 2, 4, 8 and 16 seconds lie between so many attempts; the one after the last is the longest. */
const attemptsToLongestPause = 6;
const longestPauseMs = 30_000;
const pausesMs = 31_000;

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start();
});
after(() => lab?.stop());

/** Stands at the address of a server that is gone, and turns away who connects. */
class DeadServer {
  /** When a connection was tried, milliseconds; tries of the same moment are one. */
  readonly attempts: number[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(socket => {
      socket.resetAndDestroy();
      const now = performance.now();
      if (now - (this.attempts.at(-1) ?? -Infinity) > 500) this.attempts.push(now);
    });
  }

  static async at(host: string, port: number): Promise<DeadServer> {
    const dead = new DeadServer();
    dead.#server.listen(port, host);
    await once(dead.#server, 'listening');
    return dead;
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Writes until told to stop; what is refused is written again a moment later. */
async function keepWriting(from: TestEndpoint, to: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const sent = await from.sendMessage(to, 'Are you back?');
    assert.ok(sent.ok, sent.ok ? '' : sent.error.text);
    await delay(50);
  }
}

test('a Front End that was away is found by its proof of life and not by the end of a pause; a subscription that is accepted then is told', async t => {
  const reader = await lab.signIn('contoso', adam);
  const writer = await lab.signIn('lynconline', bob);
  const watched = await presenceClient(t, lab, alice);
  assert.equal(statusOf(await watched.publish('busy')), 200);
  const watcher = await presenceClient(t, lab, bob);
  const old = await watching(watcher, alice);
  await told(old, 'busy');

  const { frontEnd, pids } = lab.organisation('contoso');
  const { objects } = await lab.run('contoso', 'Get-CsPool');
  await killAtOnce(pids.frontEnd[0] as number);
  const dead = await DeadServer.at(frontEnd.host, Number(objects[0]?.trunkPort));
  const stop = new AbortController();
  t.after(() => stop.abort());
  const writing = keepWriting(writer, adam, stop.signal);
  assert.notEqual((await tryToWatch(watcher, alice)).answer.status, 200);
  await until(
    'the longest pause of the Edge',
    () => (dead.attempts.length === attemptsToLongestPause ? true : undefined),
    pausesMs + longestPauseMs,
  );
  await dead.close();
  const pauseEndsMs = (dead.attempts.at(-1) as number) + longestPauseMs;

  await lab.startAgain('contoso', 'frontend');
  const again = await until('a subscription', () => accepted(tryToWatch(watcher, alice)), longestPauseMs);
  const back = await reader.signIn();
  assert.equal(back.ok && back.value.status, 200);
  assert.ok(await reader.waitForMessage('Are you back?', longestPauseMs), 'a message arrives');
  assert.ok(performance.now() < pauseEndsMs, 'before the pause was over');
  stop.abort();
  await writing;
  await notified(again, 'with a state', ({ state }) => state.startsWith('active'));
  // who subscribed before learns at the next refresh that a killed server has forgotten it (rfc6665 4.1.2.2), and subscribes anew
  assert.equal(statusOf(await old.subscribe()), 481);
});

async function accepted(asked: ReturnType<typeof tryToWatch>): Promise<PresenceWatch | undefined> {
  const { watch, answer } = await asked;
  return answer.status === 200 ? watch : undefined;
}
