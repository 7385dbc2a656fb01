import assert from 'node:assert/strict';
import { linphonecProgram } from './foreign-program.ts';
import { Linphonec } from './linphonec.ts';
import { inNamespace } from './namespace.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';

await inNamespace(import.meta.filename, [linphonecProgram], interop => {
  interop.test('linphonec: two users of one organisation exchange messages over TLS', async scene => {
    const [a, b] = await Promise.all([Linphonec.signIn(scene, alice), Linphonec.signIn(scene, adam)]);
    await a.chat(adam, 'lunch at noon?', 'DeliveredToUser');
    await b.waitForMessage(alice, 'lunch at noon?');
    await b.chat(alice, 'gladly', 'DeliveredToUser');
    await a.waitForMessage(adam, 'gladly');
  });

  interop.test('linphonec: users of two federated organisations exchange messages, both directions', async scene => {
    const [a, b] = await Promise.all([Linphonec.signIn(scene, alice), Linphonec.signIn(scene, bob)]);
    await a.chat(bob, 'grüße from contoso', 'DeliveredToUser');
    await b.waitForMessage(alice, 'grüße from contoso');
    await b.chat(alice, 'greetings from fabrikam', 'DeliveredToUser');
    await a.waitForMessage(bob, 'greetings from fabrikam');
  });

  interop.test('linphonec: a user whose name is not ASCII signs in and exchanges messages across the federation', async scene => {
    const user = { address: 'ärger@contoso.test', login: 'ärger', password: 'pw-for-this-test' };
    await scene.administer('contoso', 'Enable-CsUser', '-Identity', user.address, '-Password', user.password);
    await scene.administer('contoso', 'policy', 'grant', 'BasicAccess', user.address);
    const a = Linphonec.start(scene, { address: alice, user });
    await a.waitForRegistration('Ok');
    const b = await Linphonec.signIn(scene, bob);
    await a.chat(bob, 'who is there?', 'DeliveredToUser');
    await b.waitForMessage(user.address, 'who is there?');
    await b.chat(user.address, 'it is me', 'DeliveredToUser');
    await a.waitForMessage(bob, 'it is me');
  });

  interop.test('linphonec: a wrong password is refused, and the right one is accepted after it', async scene => {
    const wrong = Linphonec.start(scene, { address: alice, password: 'not-her-password' });
    await wrong.waitForRegistration('Failed');
    assert.deepEqual(wrong.answersTo('REGISTER'), [401, 401]);
    await Linphonec.signIn(scene, alice);
  });

  interop.test('linphonec: a message to somebody who is not signed in, or not there, is not delivered', async scene => {
    const [a, b] = await Promise.all([Linphonec.signIn(scene, alice), Linphonec.signIn(scene, adam)]);
    await b.quit();
    await a.chat(adam, 'are you there?', 'NotDelivered');
    await a.chat('nobody@contoso.test', 'is anybody there?', 'NotDelivered');
    await a.chat(bob, 'and you?', 'NotDelivered');
    assert.deepEqual(a.answersTo('MESSAGE'), [480, 404, 480]);
  });
});
