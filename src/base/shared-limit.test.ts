import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Owners, OwnersOf } from './owners.ts';
import { type Place, type Share, SharedLimit } from './shared-limit.ts';

const portion = { most: 50, few: 2 };

test('one owner gets its share and no more, and others go on', () => {
  const whole = new SharedLimit('places', 100);
  const greedy = whole.share(portion);
  const honest = whole.share(portion);
  for (let i = 0; i < 50; i++) assert.ok(greedy.enter());
  assert.equal(greedy.enter(), false);
  assert.ok(honest.enter(25));
  assert.deepEqual([greedy.held, honest.held, whole.taken], [50, 25, 75]);
  assert.deepEqual(whole.refused, { share: 1, whole: 0 });
});

test('the last quarter is for owners who hold little', () => {
  const whole = new SharedLimit('places', 100);
  const [one, two, small] = [whole.share(portion), whole.share(portion), whole.share(portion)];
  assert.ok(one.enter(50));
  assert.ok(two.enter(25));
  assert.equal(two.enter(), false, 'three quarters are taken by owners who hold much');
  assert.ok(small.enter());
  assert.ok(small.enter());
  assert.equal(small.enter(), false);
  const others = Array.from({ length: 30 }, () => whole.share(portion));
  assert.equal(others.filter(share => share.enter()).length, 23);
  assert.equal(whole.taken, 100);
  assert.equal(whole.refused.whole, 7);
});

test('an amount is taken whole or not at all', () => {
  const whole = new SharedLimit('bytes', 1000);
  const share = whole.share({ most: 500, few: 500 });
  assert.equal(share.enter(501), false);
  assert.ok(share.enter(500));
  share.leave(500);
  assert.equal(whole.taken, 0);
});

test('a place is given back once', () => {
  const whole = new SharedLimit('places', 2);
  const share = whole.share({ most: 2, few: 2 });
  const [first, second] = [share.take(), share.take()] as [Place, Place];
  assert.equal(share.take(), undefined);
  first.giveBack();
  first.giveBack();
  assert.deepEqual([share.held, whole.taken], [1, 1]);
  second.giveBack();
  assert.ok(share.isIdle);
  assert.equal(whole.taken, 0);
});

test('owners who hold nothing are forgotten, those who hold something are not', () => {
  const whole = new SharedLimit('places', 1_000_000);
  const owners = new Owners<Share>(() => whole.share(portion));
  const holder = owners.of('holder');
  holder.enter();
  const idle = owners.of('idle');
  for (let i = 0; i < 10_000; i++) owners.of(`name ${i}`);
  assert.ok(owners.size <= 1024);
  assert.equal(owners.of('holder'), holder);
  assert.equal(holder.isRetired, false);
  assert.ok(idle.isRetired);
  assert.notEqual(owners.of('idle'), idle);
});

test('things of one name have one owner, also after it was forgotten', () => {
  const whole = new SharedLimit('places', 1_000_000);
  const owners = new Owners<Share>(() => whole.share(portion));
  const ofUsers = new OwnersOf<{ readonly id: string }, Share>(owners, ({ id }) => id);
  const [one, same] = [{ id: 'a' }, { id: 'a' }];
  assert.equal(ofUsers.of(one), ofUsers.of(same));
  const before = ofUsers.of(one);
  for (let i = 0; i < 2000; i++) owners.of(`name ${i}`);
  assert.ok(before.isRetired);
  assert.notEqual(ofUsers.of(one), before);
  assert.equal(ofUsers.of(one), ofUsers.of(same));
});
