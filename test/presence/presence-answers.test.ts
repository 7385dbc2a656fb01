import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PresenceEndpoint, PublishOptions } from '../../src/lab/presence-endpoint.ts';
import type { WatchOptions } from '../../src/lab/presence-watch.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { ended, notified, presenceClient, statusOf, told, tryToWatch, watching } from '../support/presence-client.ts';
import { until } from '../support/until.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const bob = 'bob@fabrikam.test';
const beth = 'beth@fabrikam.test';
const winfo = 'application/watcherinfo+xml';

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start();
});
after(() => lab?.stop());

/** A refusal: its status, a header it has to have, its diagnostics. */
interface Refused {
  readonly status: number;
  readonly header?: readonly [name: 'Min-Expires' | 'Allow-Events' | 'Accept', value: string];
}

const publications: readonly (readonly [what: string, options: PublishOptions, refused: Refused])[] = [
  ['for somebody else', { of: adam }, { status: 403 }],
  ['for somebody in another organisation', { of: bob }, { status: 403 }],
  ['for nobody there is', { of: 'nobody@contoso.test' }, { status: 403 }],
  ['with an entity-tag that nobody gave', { etag: 'never' }, { status: 412 }],
  ['for too short a time', { expiresSeconds: 59 }, { status: 423, header: ['Min-Expires', '60'] }],
  ['of another event', { event: 'dialog' }, { status: 489, header: ['Allow-Events', 'presence, presence.winfo'] }],
  ['of another document', { contentType: 'application/xpidf+xml' }, { status: 415, header: ['Accept', 'application/pidf+xml'] }],
  ['of a broken document', { body: Buffer.from('<presence') }, { status: 400 }],
  ['of a document with entities', { body: Buffer.from('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>') }, { status: 400 }],
];
const subscriptions: readonly (readonly [what: string, to: string, options: WatchOptions, refused: Refused])[] = [
  ['to nobody', 'nobody@contoso.test', {}, { status: 404 }],
  ['to nobody at the partner', 'nobody@fabrikam.test', {}, { status: 404 }],
  ['to a server', 'contoso.test', {}, { status: 404 }],
  ['to another event', adam, { event: 'dialog' }, { status: 489, header: ['Allow-Events', 'presence, presence.winfo'] }],
  ['to no event', adam, { event: '' }, { status: 489 }],
  ['for too short a time', adam, { expiresSeconds: 59 }, { status: 423, header: ['Min-Expires', '60'] }],
  ['for another document', adam, { accept: 'text/plain' }, { status: 406 }],
  ['with an extension', adam, { headers: [['Require', 'eventlist']] }, { status: 420 }],
  ['to the watchers of another', adam, { event: 'presence.winfo', accept: winfo }, { status: 403 }],
  ['to the watchers of another at the partner', bob, { event: 'presence.winfo', accept: winfo }, { status: 504 }],
  ['to another event at the partner', bob, { event: 'dialog' }, { status: 504 }],
  ['in a dialog that nobody knows', adam, { to: `<sip:${adam}>;tag=unknown` }, { status: 481 }],
  ['in a dialog that nobody knows at the partner', bob, { to: `<sip:${bob}>;tag=unknown` }, { status: 481 }],
  ['for too short a time at the partner', bob, { expiresSeconds: 59 }, { status: 423, header: ['Min-Expires', '60'] }],
];

test('refused', async t => {
  const a = await presenceClient(t, lab, alice);
  for (const [what, options, { status, header }] of publications) {
    await t.test(`PUBLISH ${what}: ${status}`, async () => {
      const answer = await a.publish('busy', options);
      assert.equal(statusOf(answer), status, answer.ok ? answer.value.get('ms-diagnostics') : '');
      if (header && answer.ok) assert.equal(answer.value.get(header[0]), header[1]);
    });
  }
  for (const [what, to, options, { status, header }] of subscriptions) {
    await t.test(`SUBSCRIBE ${what}: ${status}`, async () => {
      const { watch, answer } = await tryToWatch(a, to, options);
      assert.equal(answer.status, status, answer.get('ms-diagnostics'));
      if (header) assert.equal(answer.get(header[0]), header[1]);
      assert.equal(watch.notifies.length, 0);
    });
  }
});

test('a publication is renewed and taken back by its entity-tag, which is another each time', async t => {
  const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, adam)]);
  const watch = await watching(a, adam);
  const tags: string[] = [];
  const publish = async (...args: Parameters<PresenceEndpoint['publish']>) => {
    const answer = await b.publish(...args);
    assert.equal(statusOf(answer), 200);
    if (answer.ok) tags.push(answer.value.get('SIP-ETag') ?? '');
  };
  await publish('busy');
  await told(watch, 'busy');
  const seen = watch.notifies.length;
  await publish(undefined);
  await publish('away');
  await told(watch, 'away', seen);
  assert.equal(watch.notifies.length, seen + 1, 'what changes nothing is not told');
  assert.equal(statusOf(await b.publish('busy', { etag: tags[0] })), 412, 'an old tag');
  await publish(undefined, { expiresSeconds: 0 });
  await told(watch, 'online', seen);
  assert.equal(new Set(tags).size, tags.length);
});

test('a state is asked for once with Expires 0, inside and across the federation', async t => {
  const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob)]);
  for (const [endpoint, user] of [
    [a, bob],
    [b, alice],
    [a, alice],
  ] as const) {
    const watch = await watching(endpoint, user, { expiresSeconds: 0 });
    assert.equal((await ended(watch, 'timeout')).shown, 'online');
    assert.equal(watch.notifies.length, 1);
  }
});

test('users see who watches them, and nobody else does', async t => {
  const [a, b, c] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob), presenceClient(t, lab, adam)]);
  const watchers = await watching(a, alice, { event: 'presence.winfo', accept: winfo });
  await notified(watchers, 'with all watchers', ({ body }) => body.includes('state="full"'));
  const says = (what: RegExp) => notified(watchers, `that says ${what}`, ({ body }) => what.test(body));
  const [outside, inside] = [await watching(b, alice), await watching(c, alice)];
  await says(/status="active"[^>]*>sip:bob@fabrikam\.test</);
  await says(/status="active"[^>]*>sip:adam@contoso\.test</);
  await Promise.all([told(outside, 'online'), told(inside, 'online')]);

  await t.test('a watcher inside who closes the connection is gone at once', async () => {
    c.close();
    await says(/status="terminated"[^>]*>sip:adam@contoso\.test</);
  });
  await t.test('one outside is gone when the next NOTIFY finds nobody', async () => {
    b.close();
    assert.equal(statusOf(await a.publish('busy')), 200);
    await says(/status="terminated"[^>]*>sip:bob@fabrikam\.test</);
  });
});

test('a watcher who answers 481 is told nothing more', async t => {
  const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob)]);
  const watch = await watching(b, alice);
  await told(watch, 'online');
  watch.nextAnswers.push({ status: 481 });
  assert.equal(statusOf(await a.publish('busy')), 200);
  await until('the end of it', async () => (statusOf(await watch.subscribe()) === 481 ? true : undefined));
});

test('a NOTIFY that the watcher puts off comes again, with the newest state', async t => {
  const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob)]);
  const watch = await watching(b, alice);
  await told(watch, 'online');
  watch.nextAnswers.push({ status: 503, headers: [['Retry-After', '1']] });
  assert.equal(statusOf(await a.publish('busy')), 200);
  await until('the NOTIFY of it', () => (watch.nextAnswers.length === 0 ? true : undefined));
  assert.equal(statusOf(await a.publish('away')), 200);
  await told(watch, 'away');
  assert.ok(!watch.notifies.some(({ shown }) => shown === 'busy'));
  assert.equal(statusOf(await watch.subscribe()), 200);
});

test('To does not decide whose name a NOTIFY bears', async t => {
  const a = await presenceClient(t, lab, alice);
  await presenceClient(t, lab, bob);
  for (const user of [adam, bob]) {
    const watch = await watching(a, user, { to: `<sip:${beth}>` });
    assert.equal((await notified(watch, 'at all', () => true)).from, user);
  }
});

test('the route of a NOTIFY leads back as that of the answer to its SUBSCRIBE does, inside and across the federation', async t => {
  const [a, b] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob)]);
  for (const [endpoint, user] of [
    [a, bob],
    [b, alice],
    [a, adam],
  ] as const) {
    const { watch, answer } = await tryToWatch(endpoint, user);
    const { request } = await notified(watch, 'at all', () => true);
    const route = request.list('Record-Route');
    assert.equal(route.length, answer.list('Record-Route').length, user);
    assert.equal(statusOf(await endpoint.request({ ...watch.draft(600), route })), 200, user);
  }
});

test('a request inside a dialog comes from one of its ends', async t => {
  const [a, b, c] = await Promise.all([presenceClient(t, lab, alice), presenceClient(t, lab, bob), presenceClient(t, lab, adam)]);
  const watch = await watching(a, bob);
  await told(watch, 'online');
  const { request } = watch.notifies[0] ?? assert.fail();
  await t.test('another user cannot end it with its Call-ID, tags and routes', async () => {
    assert.equal(statusOf(await c.request(watch.draft(0))), 481);
  });
  await t.test('a NOTIFY of a client is refused', async () => {
    const forged = await b.request({
      method: 'NOTIFY',
      requestUri: request.requestUri,
      to: request.get('To') ?? '',
      fromTag: request.fromTag ?? '',
      callId: request.callId,
      headers: [
        ['Event', 'presence'],
        ['Subscription-State', 'active;expires=60'],
      ],
    });
    assert.equal(statusOf(forged), 481);
  });
  assert.equal(statusOf(await watch.subscribe()), 200);
});
