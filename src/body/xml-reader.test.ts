import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childElement, childElements, readXml, textOf, xmlLimits, xmlNamespace } from './xml-reader.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const bomb = `<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>`;
const many = (count: number, make: (i: number) => string): string => Array.from({ length: count }, (_, i) => make(i)).join('');

const attacks: readonly (readonly [what: string, body: string | Uint8Array, code: string])[] = [
  ['entity bomb', bomb, 'BODY_XML_REFUSED'],
  ['external entity', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 'BODY_XML_REFUSED'],
  ['external document type', '<!DOCTYPE a SYSTEM "http://dtd.test/a.dtd"><a/>', 'BODY_XML_REFUSED'],
  ['empty document type', '<!DOCTYPE a><a/>', 'BODY_XML_REFUSED'],
  ['entity without a document type', '<a>&b;</a>', 'BODY_MALFORMED'],
  ['crossed tags', '<a><b></a>', 'BODY_MALFORMED'],
  ['not closed', '<a><b/>', 'BODY_MALFORMED'],
  ['not closed tag', '<a', 'BODY_MALFORMED'],
  ['two roots', '<a/><b/>', 'BODY_MALFORMED'],
  ['text only', 'abc', 'BODY_MALFORMED'],
  ['nothing', '', 'BODY_MALFORMED'],
  ['comment only', '<!-- a -->', 'BODY_MALFORMED'],
  ['unbound prefix', '<p:a/>', 'BODY_MALFORMED'],
  ['attribute twice', '<a b="1" b="2"/>', 'BODY_MALFORMED'],
  ['attribute twice by namespace', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 'BODY_MALFORMED'],
  ['control character', '<a>\u0001</a>', 'BODY_MALFORMED'],
  ['control character of XML 1.1', '<?xml version="1.1"?><a>&#1;</a>', 'BODY_MALFORMED'],
  ['other encoding', '<?xml version="1.0" encoding="UTF-7"?><a/>', 'BODY_XML_REFUSED'],
  ['broken UTF-8', Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e), 'BODY_MALFORMED'],
  ['UTF-16', Uint8Array.from(Buffer.from('\ufeff<a/>', 'utf16le')), 'BODY_MALFORMED'],
  ['65 levels', many(65, () => '<a>') + many(65, () => '</a>'), 'BODY_XML_REFUSED'],
  ['20,000 levels', many(20_000, () => '<a>'), 'BODY_XML_REFUSED'],
  ['65 attributes', `<a ${many(65, i => `b${i}="" `)}/>`, 'BODY_XML_REFUSED'],
  ['65 namespaces', `<a ${many(65, i => `xmlns:b${i}="u" `)}/>`, 'BODY_XML_REFUSED'],
  ['too many elements', `<a>${many(xmlLimits.maxElements, () => '<b/>')}</a>`, 'BODY_XML_REFUSED'],
  ['too long', `<a>${' '.repeat(xmlLimits.maxBytes)}</a>`, 'BODY_XML_REFUSED'],
];

for (const [what, body, code] of attacks) {
  test(`refused: ${what}`, () => {
    const read = readXml(typeof body === 'string' ? bytes(body) : body);
    assert.equal(read.ok ? 'ok' : read.error.code, code);
  });
}

test('the limits themselves are allowed', () => {
  assert.ok(readXml(bytes(many(64, () => '<a>') + many(64, () => '</a>'))).ok);
  assert.ok(readXml(bytes(`<a ${many(64, i => `b${i}="" `)}/>`)).ok);
});

test('namespaces, attributes, text, CDATA, comments and the five entities', () => {
  const body = `\ufeff<?xml version='1.0' encoding='utf-8'?>
<p:a xmlns:p="u:1" xmlns="u:2" b="&lt;&quot;&#x41;" p:c="3" xml:lang="de"> one <!-- no --><?no no?><![CDATA[<two>]]><b/><p:b/><b> x </b></p:a>`;
  const read = readXml(bytes(body));
  assert.ok(read.ok);
  const root = read.value;
  assert.deepEqual([root.name, root.namespace], ['a', 'u:1']);
  assert.deepEqual(Object.fromEntries(root.attributes), { b: '<"A', '{u:1}c': '3', [`{${xmlNamespace}}lang`]: 'de' });
  assert.equal(textOf(root), 'one <two>');
  assert.equal(childElements(root, 'u:2', 'b').length, 2);
  assert.equal(textOf(childElements(root, 'u:2', 'b')[1]!), 'x');
  assert.equal(childElement(root, 'u:1', 'b')?.namespace, 'u:1');
  assert.equal(childElement(root, '', 'b'), undefined);
});

test('names of object prototypes are names like others', () => {
  const read = readXml(bytes('<__proto__ constructor="1" __proto__="2"><toString/></__proto__>'));
  assert.ok(read.ok);
  assert.deepEqual(
    [...read.value.attributes],
    [
      ['constructor', '1'],
      ['__proto__', '2'],
    ],
  );
});

test('a document cut anywhere is malformed', () => {
  const whole = '<a b="c"><d>e&amp;f</d><!-- g --></a>';
  for (let length = 0; length < whole.length; length++) assert.ok(!readXml(bytes(whole.slice(0, length))).ok, String(length));
  assert.ok(readXml(bytes(whole)).ok);
});
