import { presenceEndpointAt } from '../support/presence-client.ts';
import { Baresip } from './baresip.ts';
import { baresipProgram, linphonecProgram } from './foreign-program.ts';
import { frontEndOf } from './interop.ts';
import { Linphonec } from './linphonec.ts';
import { inNamespace } from './namespace.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';

/** What linphone makes of the states that a user can have; it has no word for idle or do-not-disturb. */
const linphoneWords = [
  ['busy', 'Busy'],
  ['idle', 'Online'],
  ['busyIdle', 'Busy'],
  ['online', 'Online'],
  ['doNotDisturb', 'Busy'],
  ['beRightBack', 'Away'],
  ['online', 'Online'],
  ['away', 'Away'],
  ['offline', 'Offline'],
] as const;

await inNamespace(import.meta.filename, [linphonecProgram, baresipProgram], interop => {
  for (const [where, watcher, user] of [
    ['inside an organisation', alice, adam],
    ['across the federation', alice, bob],
    ['across the federation, the other way', bob, alice],
  ] as const) {
    interop.test(`linphonec: a friend comes and goes, ${where}`, async scene => {
      const a = Linphonec.start(scene, { address: watcher, friends: [user] });
      await a.waitForFriend(user, 'Offline');
      const b = await Linphonec.signIn(scene, user);
      await a.waitForFriend(user, 'Online');
      const start = a.log.length;
      await b.quit();
      await a.waitForFriend(user, 'Offline', start);
    });
  }

  interop.test('linphonec: every state of a user in another organisation, in its own words', async scene => {
    const a = Linphonec.start(scene, { address: alice, friends: [bob] });
    await a.waitForFriend(bob, 'Offline');
    const endpoint = presenceEndpointAt(frontEndOf(scene.lab, { address: bob }), scene.lab.ca, bob);
    await endpoint.signIn();
    await a.waitForFriend(bob, 'Online');
    for (const [state, word] of linphoneWords) {
      const start = a.log.length;
      await endpoint.publish(state);
      await a.waitForFriend(bob, word, start);
    }
    await endpoint.signOut();
  });

  interop.test('baresip: users of two federated organisations see each other come and go', async scene => {
    const [a, b] = await Promise.all([Baresip.signIn(scene, alice, bob, 4441), Baresip.signIn(scene, bob, alice, 4442)]);
    // each publishes by itself as soon as it signs in; another word from us meanwhile would be a second publication beside that one
    await Promise.all([a.waitForContact('Online'), b.waitForContact('Online')]);
    await b.publish('offline');
    await a.waitForContact('Offline');
    await a.publish('offline');
    await b.waitForContact('Offline');
    await b.publish('online');
    await a.waitForContact('Online');
  });

  interop.test('linphonec watches baresip in another organisation, and baresip watches linphonec', async scene => {
    const a = Linphonec.start(scene, { address: alice, friends: [bob] });
    await a.waitForFriend(bob, 'Offline');
    const b = await Baresip.signIn(scene, bob, alice, 4442);
    await a.waitForFriend(bob, 'Online');
    await b.waitForContact('Online');
    const start = a.log.length;
    await b.publish('offline');
    await a.waitForFriend(bob, 'Offline', start);
    await a.quit();
    await b.waitForContact('Offline');
  });
});
