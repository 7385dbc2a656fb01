import assert from 'node:assert/strict';
import { Baresip } from './baresip.ts';
import { baresipProgram } from './foreign-program.ts';
import type { Scene } from './interop.ts';
import { inNamespace } from './namespace.ts';

const alice = 'alice@contoso.test';
const bob = 'bob@fabrikam.test';

function signInBoth(scene: Scene): Promise<[Baresip, Baresip]> {
  return Promise.all([Baresip.signIn(scene, alice, bob, 4441), Baresip.signIn(scene, bob, alice, 4442)]);
}

await inNamespace(import.meta.filename, [baresipProgram], interop => {
  interop.test(
    'baresip: users of two federated organisations register over TLS and exchange messages, both directions',
    async scene => {
      const [a, b] = await signInBoth(scene);
      a.sendMessage('hello from contoso');
      await b.waitForMessage(alice, 'hello from contoso');
      b.sendMessage('hello from fabrikam');
      await a.waitForMessage(bob, 'hello from fabrikam');
    },
  );

  interop.test('baresip: a user whose name is not ASCII signs in and exchanges messages across the federation', async scene => {
    const user = { address: 'ärger@contoso.test', login: 'ärger', password: 'pw-for-this-test' };
    await scene.administer('contoso', 'Enable-CsUser', '-Identity', user.address, '-Password', user.password);
    await scene.administer('contoso', 'policy', 'grant', 'BasicAccess', user.address);
    const a = await Baresip.signIn(scene, alice, bob, 4441, user);
    const b = await Baresip.signIn(scene, bob, user.address, 4442);
    a.sendMessage('hello from here');
    await b.waitForMessage(user.address, 'hello from here');
    b.sendMessage('it is me');
    await a.waitForMessage(bob, 'it is me');
  });

  for (const [caller, callee, endedBy] of [
    [alice, bob, 'the caller'],
    [bob, alice, 'the one who was called'],
  ] as const) {
    interop.test(`baresip: ${caller} calls ${callee} across the federation; ${endedBy} hangs up`, async scene => {
      const both = await signInBoth(scene);
      const [a, b] = caller === alice ? both : both.toReversed();
      assert.ok(a && b);
      a.dial(callee);
      const incoming = await b.waitForEvent('CALL_INCOMING');
      assert.equal(incoming.peeruri, `sip:${caller}`);
      await a.waitForEvent('CALL_RINGING');
      b.accept();
      await Promise.all([a.waitForEvent('CALL_ESTABLISHED'), b.waitForEvent('CALL_ESTABLISHED')]);
      // its bridge has sound of its own on the side that was rung only
      await a.waitForAudio();
      const [ending, other] = endedBy === 'the caller' ? [a, b] : [b, a];
      ending.hangUp();
      await other.waitForEvent('CALL_CLOSED');
    });
  }

  interop.test('baresip: a call across the federation that is refused, and one that is given up', async scene => {
    const [a, b] = await signInBoth(scene);
    a.dial(bob);
    await b.waitForEvent('CALL_INCOMING');
    b.hangUp();
    assert.match((await a.waitForEvent('CALL_CLOSED')).param ?? '', /486/);
    a.dial(bob);
    await b.waitForEvent('CALL_INCOMING');
    await a.waitForEvent('CALL_RINGING');
    a.hangUp();
    await b.waitForEvent('CALL_CLOSED');
  });
});
