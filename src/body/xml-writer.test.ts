import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readXml, textOf } from './xml-reader.ts';
import { xmlDocument, xmlElement, xmlText } from './xml-writer.ts';

const texts = ['', 'plain', '<b>&"\'', ']]>', 'tab\there', 'line\nfeed\rreturn', 'ä€😀', '&amp;'];

for (const text of texts) {
  test(`text and attribute come back: ${JSON.stringify(text)}`, () => {
    const read = readXml(xmlDocument(xmlElement('a', { b: text, c: undefined }, [xmlText(text)])));
    assert.ok(read.ok);
    assert.equal(read.value.attributes.get('b'), text);
    assert.equal(read.value.attributes.has('c'), false);
    assert.equal(read.value.children.join(''), text);
  });
}

test('what XML cannot hold is left out', () => {
  const read = readXml(xmlDocument(xmlElement('a', {}, [xmlText('1\0\u0008\ud800\ufffe2\udc00')])));
  assert.ok(read.ok);
  assert.equal(textOf(read.value), '12');
});
