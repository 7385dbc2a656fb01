import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { userConnectionLimits } from '../../src/wire/connection.ts';
import { exchange, openClient, rawRequest, signIn, statusOf } from '../attacks/attacker.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { residentMiB } from '../support/process-memory.ts';
import { until } from '../support/until.ts';
import { type BareClient, bareResponse, headerOf } from '../torture/bare-client.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const body = 'x'.repeat(100 * 1024);
/** Sent at once, so that the reader is behind by this much. */
const batch = 20;
/** More than any buffer of two kernels and of the server takes: 200 MiB. */
const batches = 100;
/** What the server may need for it: its own limit is a little over 1 MiB for a client, the rest is garbage not yet collected. */
const maxGrowthMiB = 150;

let lab: LabUnderTest;
const clients: BareClient[] = [];

before(async () => {
  lab = await LabUnderTest.start();
});
after(async () => {
  for (const client of clients) client.close();
  await assertAtRest(lab);
  await lab?.stop();
});

async function connect(address: string): Promise<BareClient> {
  const client = await openClient(lab, 'contoso');
  client.answer = request => bareResponse(request, 200, 'OK');
  clients.push(client);
  await signIn(client, address);
  return client;
}

test('a client that stops reading is cut off before it costs memory, and nobody else notices', async t => {
  const pid = lab.organisation('contoso').pids.frontEnd[0] as number;
  const sender = await connect(alice);
  const reader = await connect(adam);
  assert.equal(statusOf(await exchange(sender, { from: alice, to: adam, body })), 200);
  for (let i = 0; i < batch; i++) sender.write(rawRequest({ from: alice, to: adam, callId: `fast-${i}`, body }));
  const fast = () =>
    sender.received.filter(
      message => headerOf(message, 'Call-ID')?.startsWith('fast-') && !message.startLine.startsWith('SIP/2.0 1'),
    );
  await until('the answers of a client that reads', () => (fast().length === batch ? true : undefined), 20_000);
  // what is over the limit is refused, and honestly so; who reads is not cut off
  for (const message of fast()) assert.match(String(statusOf(message)), /^(200|480)$/);
  assert.equal(statusOf(await exchange(sender, { from: alice, to: adam, body })), 200);
  assert.equal(reader.closed, false);
  const before = residentMiB(pid);
  reader.pause();
  let highest = before;
  let sent = 0;
  const refused = () =>
    sender.received.filter(message => headerOf(message, 'Call-ID')?.startsWith('slow-') && statusOf(message) === 480).length;
  for (let before = -1; refused() - before < batch && sent < batches * batch; sent += batch) {
    before = refused();
    for (let i = 0; i < batch; i++) sender.write(rawRequest({ from: alice, to: adam, callId: `slow-${sent + i}`, body }));
    // answered when everything before has been dealt with
    assert.equal(statusOf(await exchange(sender, { from: alice, to: alice })), 200, 'the sender is served all the while');
    highest = Math.max(highest ?? 0, residentMiB(pid) ?? 0);
  }
  assert.ok(sent < batches * batch, `still taken after ${sent} messages of 100 KB`);
  if (before !== undefined && highest !== undefined) {
    t.diagnostic(
      `all refused after ${sent} messages; resident ${Math.round(before)} MiB before, at most ${Math.round(highest)} MiB`,
    );
    assert.ok(highest - before < maxGrowthMiB, `the server grew by ${Math.round(highest - before)} MiB`);
  }
  await t.test('no message is told to be delivered that was not', () => {
    const told = sender.received.filter(
      message => headerOf(message, 'Call-ID')?.startsWith('slow-') && statusOf(message) === 200,
    );
    assert.deepEqual(told, []);
  });
  await t.test('the connection is closed, and the user may come back', async () => {
    // what the two kernels still take is followed by more, until they are full as well
    for (let waited = 0; waited < 3 * userConnectionLimits.stalledMs; waited += 1_000) {
      for (let i = 0; i < batch; i++) sender.write(rawRequest({ from: alice, to: adam, callId: `later-${waited}-${i}`, body }));
      await delay(1_000);
    }
    reader.resume();
    await until('the end of the connection', () => (reader.closed ? true : undefined), 60_000);
    await connect(adam);
    assert.equal(statusOf(await exchange(sender, { from: alice, to: adam, body: 'welcome back' })), 200);
  });
});
