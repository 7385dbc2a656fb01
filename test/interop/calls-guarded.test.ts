import assert from 'node:assert/strict';
import { sippProgram } from './foreign-program.ts';
import { userOf } from './interop.ts';
import { inNamespace } from './namespace.ts';
import { runSipp, SippReceiver } from './sipp.ts';
import {
  acknowledges,
  answers,
  calleeSends,
  inDialog,
  invites,
  plainTextType,
  receives,
  receivesAnswer,
  takesCall,
} from './sipp-call.ts';
import { registers, sendsMessage } from './sipp-scenario.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
const beth = 'beth@fabrikam.test';

await inNamespace(import.meta.filename, [sippProgram], interop => {
  interop.test('sipp: inside a dialog a forged route is refused, and so is everybody who is not in it', async scene => {
    const callId = 'intruded@interop';
    const from = { ...userOf(scene.lab, alice), callId };
    const intruder = { ...userOf(scene.lab, adam), callId };
    const receiver = await SippReceiver.signIn(scene, userOf(scene.lab, bob), ...takesCall, answers('BYE'));
    const call = { from, to: bob };
    const forged = 'Route: <sip:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@fe.contoso.test;lr>';
    const { exit, messages } = await runSipp(
      scene,
      from,
      registers(from, 200),
      invites(call),
      receives(200),
      acknowledges(call),
      inDialog(call, 'BYE', { cseq: 2, route: forged }),
      receivesAnswer(481),
      inDialog(call, 'BYE', { cseq: 3, route: 'Route: <sip:fe.contoso.test;lr>' }),
      receivesAnswer(481),
      inDialog(call, 'BYE', { cseq: 4 }),
      receivesAnswer(200),
    );
    assert.equal(exit, 0);
    await receiver.waitFor(/^BYE sip:/m);

    const bye = messages.slice(messages.lastIndexOf('\nBYE '));
    const valueOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(bye)?.[1] ?? '';
    const ends = (sender: string) => [valueOf('From').replace(alice, sender), valueOf('To')] as const;
    const stolen = { from: intruder, to: bob };
    const known = { route: `Route: ${valueOf('Route')}`, uri: 'sip:bob@192.0.2.1' };
    const tried = await runSipp(
      scene,
      intruder,
      registers(intruder, 200),
      // in the own name: not an end of this dialog
      inDialog(stolen, 'BYE', { ...known, cseq: 5, ends: ends(adam) }),
      receivesAnswer(481),
      // in the name of an end: not who has signed in here
      inDialog(stolen, 'BYE', { ...known, cseq: 6, ends: ends(alice) }),
      receivesAnswer(403),
    );
    assert.equal(tried.exit, 0);
  });

  interop.test('sipp: while the partner is blocked nothing passes inside a dialog either, BYE included', async scene => {
    const callId = 'blocked@interop';
    const [from, to, starter, otherStarter] = [alice, bob, adam, beth].map(address => ({
      ...userOf(scene.lab, address),
      callId,
    }));
    assert.ok(from && to && starter && otherStarter);
    const call = { from, to: bob };
    const receiver = await SippReceiver.signIn(
      scene,
      userOf(scene.lab, bob),
      ...takesCall,
      answers('MESSAGE'),
      calleeSends('BYE'),
      receivesAnswer(504),
    );
    const calling = runSipp(
      scene,
      from,
      registers(from, 200),
      invites(call),
      receives(200),
      acknowledges(call),
      answers('MESSAGE'),
      inDialog(call, 'MESSAGE', { cseq: 2, headers: [plainTextType], body: 'still there?' }),
      receivesAnswer(403),
      inDialog(call, 'BYE', { cseq: 3 }),
      receivesAnswer(403),
    );
    await receiver.waitFor(/^ACK sip:/m);
    await scene.administer('contoso', 'domain', 'block', 'fabrikam.test');
    // a message with the Call-ID of the call reaches sipp in it: that is how both are told to go on
    for (const [sender, recipient] of [
      [starter, alice],
      [otherStarter, bob],
    ] as const) {
      const goOn = { from: sender, to: recipient, text: 'go on', status: 200 };
      const { exit } = await runSipp(scene, sender, registers(sender, 200), sendsMessage(goOn));
      assert.equal(exit, 0);
    }
    const { exit, messages } = await calling;
    assert.equal(exit, 0);
    assert.equal(messages.match(/^ms-diagnostics: 1005;source="fe1\.contoso\.test"/gm)?.length, 2);
    await receiver.waitFor(/^SIP\/2\.0 504 (?:.+\r?\n)+?CSeq: 1 BYE/m);
    await scene.administer('contoso', 'domain', 'allow', 'fabrikam.test');
  });
});
