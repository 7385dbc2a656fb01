import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor } from '../../model/names.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { codeOf, FakeNotifyPort, subscribeRequest, watcher } from '../../testing/presence-test-bed.ts';
import { type SampleObject, sampleConfiguration, sampleUser } from '../../testing/sample-configuration.ts';
import { Notifier } from '../events/notifier.ts';
import { PresenceService } from './presence-service.ts';
import { watcherSource } from './watcher-source.ts';

const policy = (identity: string, maxCategorySubscription: number): SampleObject => ({
  kind: 'CsPresencePolicy',
  identity,
  body: { maxCategorySubscription },
});

test('the presence policy that governs a user says how many may watch; the next change of it counts', () => {
  let user = sampleUser();
  const configuration = { current: sampleConfiguration([policy('site:main', 1), policy('tag:Quiet', 0)]) };
  const clock = new FakeClock();
  const events = new Notifier(clock);
  const service = new PresenceService({
    clock,
    events,
    rules: watcherSource({ find: aor => (aor === user.aor ? user : undefined) }, configuration),
  });
  const port = new FakeNotifyPort();
  const subscribe = (n: number) => {
    const from = `w${n}@contoso.test`;
    return codeOf(events.subscribe({ request: subscribeRequest(from), subscriber: watcher(from as Aor), user, via: port }));
  };
  assert.deepEqual([subscribe(1), subscribe(2)], ['ok', 'SUBSCRIPTION_LIMIT_REACHED'], 'of the site');
  user = { ...user, policies: { CsPresencePolicy: 'Quiet' } };
  configuration.current = sampleConfiguration([policy('tag:Quiet', 2)]);
  assert.deepEqual([subscribe(3), subscribe(4)], ['ok', 'SUBSCRIPTION_LIMIT_REACHED'], 'granted');
  configuration.current = sampleConfiguration([policy('tag:Quiet', 0)]);
  assert.equal(subscribe(5), 'SUBSCRIPTION_LIMIT_REACHED', 'nobody more');
  assert.equal(events.counts.subscriptions, 2, 'those there are stay');
  service.close();
  events.close();
});
