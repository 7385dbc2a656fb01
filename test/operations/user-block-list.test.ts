import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { runParley } from '../support/parley-command.ts';
import { killAtOnce } from '../support/process-end.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const alice = 'alice@contoso.test';
const bob = 'bob@fabrikam.test';
let lab: LabUnderTest;
let bobsClient: TestEndpoint;

before(async () => {
  lab = await LabUnderTest.start();
  bobsClient = await lab.signIn('lynconline', bob);
});
after(() => lab?.stop());

async function parley(...args: readonly string[]): Promise<string> {
  const { code, out, error } = await runParley([...args, '--lab', join(lab.folder, 'lab.json'), '--org', 'contoso']);
  assert.equal(code, 0, error);
  return out;
}

/** What bob is answered. */
async function answerToBob(): Promise<string> {
  const sent = await bobsClient.sendMessage(alice, 'Are you there?');
  assert.ok(sent.ok);
  const { status, reason, diagnostics } = sent.value;
  return `${status} ${reason} ${diagnostics}`;
}

test('blocked on the command line: bob meets somebody offline, the admin is told why', async () => {
  const offline = await answerToBob();
  assert.match(offline, /^480 /);
  await lab.signIn('contoso', alice);
  assert.match(await answerToBob(), /^200 /);
  assert.equal(await parley('user', 'block', alice, bob), `${alice} blocks ${bob}.\n`);
  await until('the block to act', async () => ((await answerToBob()) === offline ? true : undefined));
  const reason = `${alice} has blocked ${bob} by the entry ${bob} of their own block list`;
  const refusal = await until('the reason in the log', () =>
    refusalsIn(lab.log('contoso', 'frontend')).find(({ code }) => code === 'SENDER_BLOCKED_BY_USER'),
  );
  assert.ok(refusal.msg.startsWith(reason), refusal.msg);
  assert.ok(!lab.log('lynconline', 'frontend').includes('BLOCKED'), 'the partner is not told');
  const explained = await runParley(['explain', bob, alice, '--lab', join(lab.folder, 'lab.json'), '--org', 'contoso']);
  assert.match(explained.out, new RegExp(reason));
  assert.match(explained.out, /parley user unblock alice@contoso\.test bob@fabrikam\.test/);
});

test('a crash of the Front End does not lift a block; unblocking does', async () => {
  const [pid] = lab.organisation('contoso').pids.frontEnd;
  assert.ok(pid);
  await killAtOnce(pid);
  await lab.startAgain('contoso', 'frontend');
  await lab.signIn('contoso', alice);
  await until('the Edges to reach the Front End again', async () => ((await answerToBob()).startsWith('480') ? true : undefined));
  await parley('user', 'unblock', alice, bob);
  await until('bob to get through', async () => ((await answerToBob()).startsWith('200') ? true : undefined));
  assert.equal(await parley('user', 'block', alice), `${alice} has blocked nobody.\n`);
});
