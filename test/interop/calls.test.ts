import assert from 'node:assert/strict';
import { sippProgram } from './foreign-program.ts';
import { type Scene, userOf } from './interop.ts';
import { inNamespace } from './namespace.ts';
import { runSipp, SippReceiver } from './sipp.ts';
import {
  acknowledges,
  acknowledgesRefusal,
  answers,
  answersOffer,
  calleeSends,
  cancels,
  inDialog,
  invites,
  isAcknowledged,
  isCancelled,
  isInvited,
  offersAgain,
  pauses,
  plainTextType,
  receives,
  receivesAnswer,
  refers,
  respondsToInvite,
  respondsToKeptInvite,
  takesCall,
} from './sipp-call.ts';
import { registers, type SippUser } from './sipp-scenario.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
const inside = [alice, adam] as const;
const outbound = [alice, bob] as const;
const inbound = [bob, alice] as const;

const rings = [isInvited(), respondsToInvite(180)];
const referTo = 'Refer-To: <sip:adam@contoso.test>';
const referNotice = ['Event: refer', 'Subscription-State: terminated;reason=noresource'];

/** Runs a call with `caller` through these steps; the callee's steps are what it answers with. Gives what the caller has seen. */
async function play(
  scene: Scene,
  [caller, callee]: readonly [string, string],
  steps: (call: { readonly from: SippUser; readonly to: string }) => readonly string[],
  ...answer: readonly string[]
): Promise<{ readonly receiver: SippReceiver; readonly messages: string }> {
  const from = userOf(scene.lab, caller);
  const receiver = await SippReceiver.signIn(scene, userOf(scene.lab, callee), ...answer);
  const { exit, messages } = await runSipp(scene, from, registers(from, 200), ...steps({ from, to: callee }));
  assert.equal(exit, 0, 'every answer is the expected one');
  return { receiver, messages };
}

await inNamespace(import.meta.filename, [sippProgram], interop => {
  for (const pair of [inside, outbound, inbound]) {
    const [caller, callee] = pair;
    const title = `sipp: ${caller} calls ${callee}`;

    interop.test(`${title} and hangs up`, async scene => {
      const { receiver, messages } = await play(
        scene,
        pair,
        call => [
          invites(call),
          receives(180),
          receives(200),
          acknowledges(call),
          inDialog(call, 'BYE', { cseq: 2 }),
          receivesAnswer(200),
        ],
        ...takesCall,
        answers('BYE'),
      );
      await receiver.waitFor(/^BYE sip:/m);
      if (pair === inside) return;
      const ownFrontEnd = caller === alice ? /@fe\.contoso\.test/ : /@fe\.lynconline\.test/;
      const theirFrontEnd = caller === alice ? /@fe\.lynconline\.test/ : /@fe\.contoso\.test/;
      assert.match(messages, ownFrontEnd);
      assert.doesNotMatch(messages, theirFrontEnd, 'servers behind the Edge of the partner are not shown');
    });

    interop.test(`${title}, who hangs up`, async scene => {
      const { receiver } = await play(
        scene,
        pair,
        call => [invites(call), receives(180), receives(200), acknowledges(call), answers('BYE')],
        ...takesCall,
        calleeSends('BYE'),
        receivesAnswer(200),
      );
      await receiver.waitFor(/^SIP\/2\.0 200 (?:.+\r?\n)+?CSeq: 1 BYE/m);
    });

    interop.test(`${title}: re-INVITE, UPDATE, INFO and messages of both inside the dialog`, async scene => {
      await play(
        scene,
        pair,
        call => [
          invites(call),
          receives(200),
          acknowledges(call),
          offersAgain(call, 'INVITE', 2),
          '<recv response="100" optional="true"/>\n',
          receivesAnswer(200),
          acknowledges(call, 2),
          offersAgain(call, 'UPDATE', 3),
          receivesAnswer(200),
          inDialog(call, 'INFO', { cseq: 4 }),
          receivesAnswer(200),
          inDialog(call, 'MESSAGE', { cseq: 5, headers: [plainTextType], body: 'hello inside' }),
          receivesAnswer(200),
          answers('MESSAGE'),
          inDialog(call, 'BYE', { cseq: 6 }),
          receivesAnswer(200),
        ],
        ...takesCall,
        answersOffer('INVITE'),
        answersOffer('UPDATE'),
        answers('INFO'),
        answers('MESSAGE'),
        calleeSends('MESSAGE'),
        receivesAnswer(200),
        answers('BYE'),
      );
    });

    interop.test(`${title} and gives up while it rings`, async scene => {
      const { receiver } = await play(
        scene,
        pair,
        call => [
          invites(call),
          receives(180),
          cancels(call, 3),
          receivesAnswer(200),
          receivesAnswer(487),
          acknowledgesRefusal(call, 6),
        ],
        ...rings,
        isCancelled(),
      );
      assert.match(await receiver.waitFor(/^CANCEL sip:(?:.+\r?\n)+/m), /^Reason: SIP;cause=487;text="caller gave up"/m);
      await receiver.waitFor(/^ACK sip:/m);
    });

    interop.test(`${title} and vanishes while it rings`, async scene => {
      const { receiver } = await play(scene, pair, call => [invites(call), receives(180)], ...rings, isCancelled());
      await receiver.waitFor(/^ACK sip:/m);
    });

    interop.test(`${title}, who is busy`, async scene => {
      const { receiver } = await play(
        scene,
        pair,
        call => [invites(call), receives(486), acknowledgesRefusal(call, 4)],
        isInvited(),
        respondsToInvite(486),
        isAcknowledged(),
      );
      await receiver.waitFor(/^ACK sip:/m);
    });

    interop.test(`${title}: ringing is acknowledged reliably (rfc3262)`, async scene => {
      await play(
        scene,
        pair,
        call => [
          invites(call, ['Supported: 100rel']),
          receives(180),
          inDialog(call, 'PRACK', { cseq: 2, headers: ['RAck: 1 1 INVITE'] }),
          receivesAnswer(200),
          receives(200),
          acknowledges(call),
          inDialog(call, 'BYE', { cseq: 3 }),
          receivesAnswer(200),
        ],
        isInvited(),
        respondsToInvite(180, ['Require: 100rel', 'RSeq: 1']),
        answers('PRACK'),
        respondsToKeptInvite(),
        isAcknowledged(),
        answers('BYE'),
      );
    });

    interop.test(`${title}: transfer, asked for inside the dialog`, async scene => {
      await play(
        scene,
        pair,
        call => [
          invites(call),
          receives(200),
          acknowledges(call),
          inDialog(call, 'REFER', { cseq: 2, headers: [referTo] }),
          receivesAnswer(202),
          answers('NOTIFY'),
          inDialog(call, 'BYE', { cseq: 3 }),
          receivesAnswer(200),
        ],
        ...takesCall,
        answers('REFER', 202),
        calleeSends('NOTIFY', referNotice),
        receivesAnswer(200),
        answers('BYE'),
      );
    });
  }

  interop.test('sipp: a call to somebody with two endpoints: one answers, the other stops ringing', async scene => {
    const from = userOf(scene.lab, alice);
    const user = userOf(scene.lab, adam);
    const silent = await SippReceiver.signIn(scene, user, ...rings, isCancelled());
    const slow = [isInvited(), respondsToInvite(180), pauses(200), respondsToInvite(200), isAcknowledged(), answers('BYE')];
    const answering = await SippReceiver.signIn(scene, user, ...slow);
    const call = { from, to: adam };
    const steps = [invites(call), receives(200), acknowledges(call), inDialog(call, 'BYE', { cseq: 2 }), receivesAnswer(200)];
    const { exit } = await runSipp(scene, from, registers(from, 200), ...steps);
    assert.equal(exit, 0);
    assert.match(await silent.waitFor(/^CANCEL sip:(?:.+\r?\n)+/m), /^Reason: SIP;cause=200;/m);
    await silent.waitFor(/^ACK sip:/m);
    await answering.waitFor(/^BYE sip:/m);
    assert.doesNotMatch(silent.messages, /^BYE/m);
  });

  interop.test('sipp: REFER outside a dialog, and the NOTIFY that reports on it', async scene => {
    await play(
      scene,
      outbound,
      call => [refers(call, referTo), receives(202), answers('NOTIFY')],
      isInvited('REFER'),
      respondsToInvite(202),
      calleeSends('NOTIFY', referNotice),
      receivesAnswer(200),
    );
  });
});
