import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor } from '../../model/names.ts';
import {
  alice,
  aliceAor,
  codeOf,
  document,
  okValue,
  publishRequest,
  received,
  request,
  TestBed,
} from '../../testing/presence-test-bed.ts';
import { sampleUser } from '../../testing/sample-configuration.ts';

const busy = document(['busy']);
const pidf = 'Content-Type: application/pidf+xml';
const refusals: readonly (readonly [
  what: string,
  headers: readonly string[],
  body: Uint8Array | string | undefined,
  code: string,
])[] = [
  ['no event', [pidf], busy, 'EVENT_NOT_SUPPORTED'],
  ['other event', ['Event: dialog', pidf], busy, 'EVENT_NOT_SUPPORTED'],
  ['watcher information', ['Event: presence.winfo', pidf], busy, 'EVENT_NOT_SUPPORTED'],
  ['no body', ['Event: presence'], undefined, 'MESSAGE_MALFORMED'],
  ['no content type', ['Event: presence'], busy, 'CONTENT_TYPE_NOT_SUPPORTED'],
  ['other content type', ['Event: presence', 'Content-Type: text/plain'], busy, 'CONTENT_TYPE_NOT_SUPPORTED'],
  ['other charset', ['Event: presence', `${pidf};charset=utf-16`], busy, 'CONTENT_TYPE_NOT_SUPPORTED'],
  ['encoded', ['Event: presence', pidf, 'Content-Encoding: gzip'], busy, 'CONTENT_ENCODING_NOT_SUPPORTED'],
  ['no XML', ['Event: presence', pidf], 'hello', 'BODY_MALFORMED'],
  ['document type', ['Event: presence', pidf], '<!DOCTYPE a><a/>', 'BODY_XML_REFUSED'],
  ['too brief', ['Event: presence', pidf, 'Expires: 59'], busy, 'EVENT_EXPIRY_TOO_BRIEF'],
  ['unknown tag', ['Event: presence', pidf, 'SIP-If-Match: x'], busy, 'ETAG_UNKNOWN'],
  ['refresh with an unknown tag', ['Event: presence', 'SIP-If-Match: x'], undefined, 'ETAG_UNKNOWN'],
  ['removal with an unknown tag', ['Event: presence', 'SIP-If-Match: x', 'Expires: 0'], undefined, 'ETAG_UNKNOWN'],
  ['two tags', ['Event: presence', pidf, 'SIP-If-Match: x, y'], busy, 'MESSAGE_MALFORMED'],
  ['a tag of nothing', ['Event: presence', pidf, 'SIP-If-Match: '], busy, 'MESSAGE_MALFORMED'],
  ['unknown tag before too brief', ['Event: presence', pidf, 'SIP-If-Match: x', 'Expires: 59'], busy, 'ETAG_UNKNOWN'],
  ['unknown tag before other content', ['Event: presence', 'Content-Type: a/b', 'SIP-If-Match: x'], busy, 'ETAG_UNKNOWN'],
  ['other event before two tags', ['Event: dialog', 'SIP-If-Match: x, y'], undefined, 'EVENT_NOT_SUPPORTED'],
  ['extension', ['Event: presence', pidf, 'Require: magic'], busy, 'EXTENSION_NOT_SUPPORTED'],
];
for (const [what, headers, body, code] of refusals) {
  test(`refused: ${what}`, () => {
    const bed = new TestBed();
    const publish = request('PUBLISH', aliceAor, { headers, ...(body === undefined ? {} : { body }) });
    assert.equal(codeOf(bed.service.publish(publish, alice)), code);
    assert.deepEqual([bed.counts.publications, bed.counts.presentities], [0, 0]);
  });
}

test('nobody publishes for another', () => {
  const bob = sampleUser({ aor: 'bob@contoso.test' as Aor });
  assert.equal(codeOf(new TestBed().service.publish(publishRequest(busy), bob)), 'PRESENCE_NOT_OWNER');
});

const lives: readonly (readonly [asked: string | undefined, granted: string])[] = [
  [undefined, '3600'],
  ['60', '60'],
  ['99999', '3600'],
  ['99999999999', '3600'],
  ['x', '3600'],
  ['0', '0'],
];
for (const [asked, granted] of lives) {
  test(`Expires: ${asked} is granted ${granted}`, () => {
    const bed = new TestBed();
    const headers = asked === undefined ? [] : [`Expires: ${asked}`];
    const response = received(okValue(bed.service.publish(publishRequest(busy, headers), alice)));
    assert.equal(response.get('Expires'), granted);
    assert.match(response.get('SIP-ETag') ?? '', /^[0-9a-f]{24}$/);
    assert.equal(bed.counts.publications, granted === '0' ? 0 : 1);
  });
}

test('initial, refresh, modify, remove: a new tag each time, the old one is void', () => {
  const bed = new TestBed();
  bed.bound('i', 'f');
  const first = bed.published(['busy'], 'f');
  assert.equal(bed.seen().availability, 6500);
  const refreshed = received(okValue(bed.service.publish(publishRequest(undefined, [`SIP-If-Match: ${first}`]), alice, 'f')));
  const second = refreshed.get('SIP-ETag')!;
  assert.notEqual(second, first);
  assert.equal(codeOf(bed.service.publish(publishRequest(undefined, [`SIP-If-Match: ${first}`]), alice, 'f')), 'ETAG_UNKNOWN');
  const third = bed.published(['away'], 'f', [`SIP-If-Match: ${second}`]);
  assert.equal(bed.seen().availability, 15500);
  okValue(bed.service.publish(publishRequest(undefined, [`SIP-If-Match: ${third}`, 'Expires: 0']), alice, 'f'));
  assert.equal(bed.seen().availability, 3500);
  assert.equal(bed.counts.publications, 0);
});

test('Record-Route and Contact mean nothing in a PUBLISH', () => {
  const bed = new TestBed();
  const headers = ['Record-Route: <sip:p1.test;lr>', 'Contact: <tel:+1>, nonsense'];
  const response = received(okValue(bed.service.publish(publishRequest(busy, headers), alice)));
  assert.deepEqual([response.has('Record-Route'), response.has('Contact'), bed.counts.publications], [false, false, 1]);
});

test('what is not refreshed expires, and its tag with it', () => {
  const bed = new TestBed();
  bed.bound('i', 'f');
  const etag = bed.published(['busy'], 'f', ['Expires: 60']);
  bed.clock.advance(59_000);
  assert.equal(bed.counts.publications, 1);
  bed.clock.advance(2000);
  assert.equal(bed.counts.publications, 0);
  assert.equal(bed.seen().availability, 3500);
  assert.equal(codeOf(bed.service.publish(publishRequest(undefined, [`SIP-If-Match: ${etag}`]), alice)), 'ETAG_UNKNOWN');
});

test('a publication counts while its endpoint is registered', () => {
  const bed = new TestBed();
  bed.published(['busy'], 'f1');
  assert.equal(bed.seen().availability, 18500);
  bed.bound('one', 'f1');
  assert.equal(bed.seen().availability, 6500);
  bed.bound('two', 'f2');
  bed.unbound('one', 'f1');
  assert.equal(bed.seen().availability, 3500);
  bed.bound('one', 'f3');
  assert.equal(bed.seen().availability, 6500);
});

test('an endpoint that starts anew replaces what it published before', () => {
  const bed = new TestBed();
  bed.bound('one', 'f1');
  bed.published(['other'], 'f1');
  bed.published(['busy'], 'f1');
  bed.bound('one', 'f2');
  bed.published(['away'], 'f2');
  assert.equal(bed.counts.publications, 1);
  assert.equal(bed.seen().availability, 15500);
});

test('an endpoint has one publication: a second first one over the same connection replaces it, registered or not', () => {
  for (const registersFirst of [true, false]) {
    const bed = new TestBed();
    if (registersFirst) bed.bound('one', 'f1');
    bed.published(['busy'], 'f1');
    const etag = bed.published(['busy'], 'f1');
    if (!registersFirst) bed.bound('one', 'f1');
    bed.published(['away'], 'f1', [`SIP-If-Match: ${etag}`]);
    assert.equal(bed.counts.publications, 1);
    assert.equal(bed.seen().availability, 15500);
  }
});

test('the limit of a user: what no endpoint stands for goes first', () => {
  const bed = new TestBed({ maxPublicationsPerUser: 2 });
  bed.bound('one', 'f1');
  bed.published(['busy'], 'f1');
  bed.bound('two', 'f2');
  bed.published(['busy'], 'f2');
  bed.bound('three', 'f3');
  assert.equal(codeOf(bed.service.publish(publishRequest(busy), alice, 'f3')), 'PUBLICATION_LIMIT_REACHED');
  bed.unbound('one', 'f1');
  assert.equal(codeOf(bed.service.publish(publishRequest(busy), alice, 'f3')), 'ok');
  assert.equal(bed.counts.publications, 2);
});

test('the limit of the server', () => {
  const bed = new TestBed({ maxPublications: 1 });
  bed.published(['busy']);
  assert.equal(codeOf(bed.service.publish(publishRequest(busy), alice)), 'SERVER_BUSY');
});
