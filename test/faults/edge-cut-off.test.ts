import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RequestOutcome, TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { killAtOnce } from '../support/process-end.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';

/** Front End and partners try again by themselves; this covers their longest pause. */
const recoveryMs = 30_000;

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

async function send(from: TestEndpoint, to: TestEndpoint, text: string): Promise<RequestOutcome> {
  const sent = await from.sendMessage(to.address, text);
  assert.ok(sent.ok, sent.ok ? '' : sent.error.text);
  return sent.value;
}

async function delivered(from: TestEndpoint, to: TestEndpoint, text: string): Promise<true | undefined> {
  const { status } = await send(from, to, text);
  if (status !== 200) return undefined;
  assert.equal((await to.waitForMessage(text, 5_000))?.from, from.address);
  return true;
}

test('an Edge that is killed is missed outside only, with the reason at once, and is taken back when it is there', async t => {
  assert.ok(await delivered(alice, bob, 'before'));
  await killAtOnce(lab.organisation('contoso').pids.edge[0] as number);

  await t.test('messages to partners are refused with the reason, not kept waiting', async () => {
    for (let i = 0; i < 5; i++) {
      const { status, diagnostics = '' } = await send(alice, bob, `while away ${i}`);
      assert.equal(status, 504);
      assert.match(diagnostics, /^1038;source="fe1\.contoso\.test";reason="Failed to connect to a peer server"/);
    }
    const refused = refusalsIn(lab.log('contoso', 'frontend'));
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['EDGE_UNREACHABLE_FROM_FRONT_END']));
    assert.match(refused[0]?.msg ?? '', /edge-int\.contoso\.test/);
    assert.equal(await bob.waitForMessage('while away 0', 0), undefined);
  });

  await t.test('a partner is told that it did not arrive', async () => {
    const { status, diagnostics = '' } = await send(bob, alice, 'to nobody');
    assert.equal(status, 504);
    assert.match(diagnostics, /^10\d\d;source="[^"]*lynconline\.test"/);
  });

  await t.test('inside, all goes on: messages, sign-in, changes', async () => {
    assert.ok(await delivered(alice, adam, 'inside'));
    assert.equal((await alice.signIn()).ok, true);
    const answer = await lab.client('contoso').run({ command: 'New-CsAllowedDomain', parameters: { identity: 'tailspin.test' } });
    assert.ok(answer.ok);
    // it says that the Edge has not applied it
    assert.deepEqual({ ...(answer.value.applied as object) }, { applied: 0, of: 1 });
  });

  await t.test('when it is back so is everything, with what was changed meanwhile', async () => {
    await lab.startAgain('contoso', 'edge');
    await until('a message to the partner', () => delivered(alice, bob, 'again'), recoveryMs);
    await until('a message from the partner', () => delivered(bob, alice, 'and back'), recoveryMs);
    // many users write at once over connections of which some have to be opened first
    const texts = Array.from({ length: 30 }, (_, i) => `all at once ${i}`);
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      assert.deepEqual(
        await Promise.all(texts.map(text => delivered(from, to, text))),
        texts.map(() => true),
      );
    }
    await until(
      'the Edge to follow',
      async () => {
        const { objects } = await lab.run('contoso', 'Get-CsManagementStoreReplicationStatus');
        return objects.every(({ upToDate }) => upToDate === true) ? true : undefined;
      },
      recoveryMs,
    );
  });
});
