import assert from 'node:assert/strict';
import { sippProgram } from './foreign-program.ts';
import { userOf } from './interop.ts';
import { inNamespace } from './namespace.ts';
import { runSipp, SippReceiver } from './sipp.ts';
import { registers, sendsMessage, sendsMessageWithCredentials } from './sipp-scenario.ts';

const refusals = [
  { why: 'nobody has that address', to: 'nobody@contoso.test', status: 404, diagnostics: '4005;source="fe1.contoso.test"' },
  { why: 'the recipient is not signed in', to: 'adam@contoso.test', status: 480, diagnostics: undefined },
  { why: 'the recipient at a partner is not signed in', to: 'bob@fabrikam.test', status: 480, diagnostics: '1034;' },
  { why: 'the domain is no partner', to: 'eve@northwind.test', status: 504, diagnostics: '1005;source="fe1.contoso.test"' },
] as const;

await inNamespace(import.meta.filename, [sippProgram], interop => {
  interop.test('sipp: REGISTER with digest is accepted', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const { exit, messages } = await runSipp(scene, alice, registers(alice, 200));
    assert.equal(exit, 0);
    assert.match(messages, /^Contact: <sip:127\.0\.0\.1:\d+;transport=tcp>;expires=\d+/m);
  });

  interop.test('sipp: REGISTER with a wrong password is challenged again', async scene => {
    const alice = { ...userOf(scene.lab, 'alice@contoso.test'), password: 'not-her-password' };
    const { exit, messages } = await runSipp(scene, alice, registers(alice, 401));
    assert.equal(exit, 0);
    assert.doesNotMatch(messages, /^SIP\/2\.0 200/m);
  });

  interop.test('sipp: MESSAGE inside the organisation is delivered', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const adam = await SippReceiver.signIn(scene, userOf(scene.lab, 'adam@contoso.test'));
    const message = { from: alice, to: 'adam@contoso.test', text: 'hello adam', status: 200 };
    const { exit } = await runSipp(scene, alice, registers(alice, 200), sendsMessage(message));
    assert.equal(exit, 0);
    assert.match(await adam.waitForMessage('hello adam'), /^From: <sip:alice@contoso\.test>/m);
  });

  interop.test('sipp: MESSAGE across the federation is delivered, both directions', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const bob = userOf(scene.lab, 'bob@fabrikam.test');
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const receiver = await SippReceiver.signIn(scene, to);
      const text = `hello from ${from.login}`;
      const message = { from, to: to.address, text, status: 200 };
      const { exit } = await runSipp(scene, from, registers(from, 200), sendsMessage(message));
      assert.equal(exit, 0);
      const head = await receiver.waitForMessage(text);
      assert.match(head, new RegExp(`^From: <sip:${from.address}>`, 'm'));
      assert.doesNotMatch(head, /Authorization/);
      await receiver.stop();
    }
  });

  interop.test('sipp: MESSAGE without REGISTER is challenged, then delivered', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const adam = await SippReceiver.signIn(scene, userOf(scene.lab, 'adam@contoso.test'));
    const message = { from: alice, to: 'adam@contoso.test', text: 'hello again', status: 200 };
    const { exit } = await runSipp(scene, alice, sendsMessageWithCredentials(message));
    assert.equal(exit, 0);
    assert.doesNotMatch(await adam.waitForMessage('hello again'), /Authorization/);
  });

  interop.test('sipp: MESSAGE in the name of somebody else is refused', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const adam = userOf(scene.lab, 'adam@contoso.test');
    const message = { from: adam, to: 'bob@fabrikam.test', text: 'not from adam', status: 403 };
    const { exit } = await runSipp(scene, alice, registers(alice, 200), sendsMessage(message));
    assert.equal(exit, 0);
  });

  interop.test('sipp: MESSAGE to a partner is refused with the reason while its domain is blocked', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const bob = await SippReceiver.signIn(scene, userOf(scene.lab, 'bob@fabrikam.test'));
    const send = (text: string, status: number) =>
      runSipp(scene, alice, registers(alice, 200), sendsMessage({ from: alice, to: 'bob@fabrikam.test', text, status }));
    await scene.administer('contoso', 'domain', 'block', 'fabrikam.test');
    const refused = await send('while blocked', 403);
    assert.equal(refused.exit, 0);
    assert.match(refused.messages, /^ms-diagnostics: 1005;source="fe1\.contoso\.test";reason=".+"/m);
    await scene.administer('contoso', 'domain', 'allow', 'fabrikam.test');
    assert.equal((await send('while allowed', 200)).exit, 0);
    await bob.waitForMessage('while allowed');
  });

  for (const { why, to, status, diagnostics } of refusals) {
    interop.test(`sipp: MESSAGE is answered ${status}: ${why}`, async scene => {
      const alice = userOf(scene.lab, 'alice@contoso.test');
      const message = { from: alice, to, text: 'hello?', status };
      const { exit, messages } = await runSipp(scene, alice, registers(alice, 200), sendsMessage(message));
      assert.equal(exit, 0);
      const told = /^ms-diagnostics: (.*)$/m.exec(messages)?.[1];
      if (diagnostics === undefined) assert.equal(told, undefined);
      else assert.ok(told?.startsWith(diagnostics), told);
    });
  }
});
