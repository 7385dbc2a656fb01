import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsMediaType, parseMediaType } from './media-type.ts';

const types: readonly (readonly [text: string, name: string | undefined, charset?: string])[] = [
  ['application/pidf+xml', 'application/pidf+xml'],
  ['Application / PIDF+xml ; charset="UTF-8"', 'application/pidf+xml', 'UTF-8'],
  ['text/plain;charset=utf-8', 'text/plain', 'utf-8'],
  ['*/*', '*/*'],
  ['application', undefined],
  ['/xml', undefined],
  ['a/', undefined],
  ['a/b c', undefined],
  ['a/b;"x', undefined],
  ['', undefined],
];
for (const [text, name, charset] of types) {
  test(`media type ${text}`, () => {
    const type = parseMediaType(text);
    assert.equal(type?.name, name);
    assert.equal(type?.parameters.get('charset'), charset);
  });
}

const accepts: readonly (readonly [accept: readonly string[], accepted: boolean])[] = [
  [[], false],
  [['application/pidf+xml'], true],
  [['application/*'], true],
  [['*/*'], true],
  [['text/plain', 'APPLICATION/PIDF+XML;q=0.1'], true],
  [['text/plain'], false],
  [['application/pidf+xml;q=0', '*/*'], false],
  [['*/*;q=0', 'application/pidf+xml'], true],
  [['nonsense'], false],
];
for (const [accept, accepted] of accepts) {
  test(`Accept: ${accept.join(', ')}`, () => assert.equal(acceptsMediaType(accept, 'application/pidf+xml'), accepted));
}
