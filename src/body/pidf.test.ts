import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PidfDocument, parsePidf, renderPidf } from './pidf.ts';
import { renderWatcherInformation } from './winfo.ts';
import { childElement, childElements, readXml, textOf } from './xml-reader.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const document: PidfDocument = {
  entity: 'sip:alice@contoso.test',
  tuples: [
    {
      id: 't1',
      basic: 'open',
      contact: 'sip:alice@contoso.test',
      priority: 800,
      notes: [{ text: 'on <site> & away', lang: 'en' }],
      timestampMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    },
    { id: 't2', notes: [] },
  ],
  activities: [{ name: 'busy' }, { name: 'other', text: 'do-not-disturb' }],
  userInput: { idle: true, lastInputMs: Date.UTC(2026, 0, 1) },
  device: 'urn:uuid:1',
  personNotes: [{ text: 'Zurück um 3 😀', lang: 'de' }],
  notes: [{ text: 'plain' }],
};

test('a document comes back as it was rendered', () => {
  assert.deepEqual(parsePidf(renderPidf(document)), { ok: true, value: document });
});

test('a document of a client, with what is not understood left out', () => {
  const parsed = parsePidf(
    bytes(`<?xml version="1.0"?>
<pr:presence xmlns:pr="urn:ietf:params:xml:ns:pidf" xmlns:d="urn:ietf:params:xml:ns:pidf:data-model"
    xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:bob@contoso.test">
  <pr:tuple id="a"><pr:status><pr:basic> Open </pr:basic></pr:status><x:y xmlns:x="u">1</x:y>
    <pr:contact priority="2">sip:bob@192.0.2.1</pr:contact><pr:timestamp>soon</pr:timestamp></pr:tuple>
  <d:person id="p"><r:activities><r:note>talking</r:note><r:on-the-phone/></r:activities><r:mood><r:happy/></r:mood>
    <r:place-is><r:audio><r:noisy/></r:audio></r:place-is><d:note/></d:person>
</pr:presence>`),
  );
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value, {
    entity: 'pres:bob@contoso.test',
    tuples: [{ id: 'a', basic: 'open', contact: 'sip:bob@192.0.2.1', notes: [] }],
    activities: [{ name: 'on-the-phone' }],
    personNotes: [],
    notes: [],
  });
});

test('activities in the status, as clients of the drafts have them', () => {
  const parsed = parsePidf(
    bytes(`<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:a@b.test"><tuple id="1"><status><basic>open</basic>
      <e:activities xmlns:e="urn:ietf:params:xml:ns:pidf:status:rpid"><e:away/></e:activities></status></tuple></presence>`),
  );
  assert.deepEqual(parsed.ok && parsed.value.activities, [{ name: 'away' }]);
});

test('limits: tuples, notes and their length', () => {
  const tuples = '<tuple id="1"><status/></tuple>'.repeat(40);
  const notes = `<note>${'x'.repeat(5000)}</note>`.repeat(20);
  const parsed = parsePidf(bytes(`<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="e">${tuples}${notes}</presence>`));
  assert.ok(parsed.ok);
  assert.equal(parsed.value.tuples.length, 32);
  assert.equal(parsed.value.notes.length, 16);
  assert.equal(parsed.value.notes[0]?.text.length, 2048);
});

const refused: readonly (readonly [string, string])[] = [
  ['<presence/>', 'BODY_MALFORMED'],
  ['<a xmlns="urn:ietf:params:xml:ns:pidf"/>', 'BODY_MALFORMED'],
  ['<!DOCTYPE presence><presence xmlns="urn:ietf:params:xml:ns:pidf"/>', 'BODY_XML_REFUSED'],
];
for (const [body, code] of refused) {
  test(`refused: ${body}`, () => {
    const parsed = parsePidf(bytes(body));
    assert.equal(parsed.ok ? 'ok' : parsed.error.code, code);
  });
}

test('a name that is no rpid activity makes up no element', () => {
  const text = new TextDecoder().decode(renderPidf({ ...document, activities: [{ name: 'x><evil' }] }));
  assert.match(text, /<rpid:other>x&gt;&lt;evil<\/rpid:other>/);
});

test('watcher information', () => {
  const rendered = renderWatcherInformation({
    version: 3,
    state: 'partial',
    resource: 'sip:alice@contoso.test',
    event: 'presence',
    watchers: [
      {
        id: 'w1',
        uri: 'sip:bob@contoso.test',
        displayName: 'Bob "B"',
        status: 'active',
        event: 'approved',
        expiresSeconds: 59.6,
      },
      { id: 'w2', uri: 'sip:eve@evil.test', status: 'pending', event: 'subscribe', subscribedSeconds: 5 },
    ],
  });
  const read = readXml(rendered);
  assert.ok(read.ok);
  const ns = 'urn:ietf:params:xml:ns:watcherinfo';
  assert.deepEqual(Object.fromEntries(read.value.attributes), { version: '3', state: 'partial' });
  const list = childElement(read.value, ns, 'watcher-list')!;
  assert.deepEqual(Object.fromEntries(list.attributes), { resource: 'sip:alice@contoso.test', package: 'presence' });
  const watchers = childElements(list, ns, 'watcher');
  assert.deepEqual(watchers.map(textOf), ['sip:bob@contoso.test', 'sip:eve@evil.test']);
  assert.deepEqual(
    watchers.map(watcher => Object.fromEntries(watcher.attributes)),
    [
      { id: 'w1', status: 'active', event: 'approved', 'display-name': 'Bob "B"', expiration: '60' },
      { id: 'w2', status: 'pending', event: 'subscribe', 'duration-subscribed': '5' },
    ],
  );
});
