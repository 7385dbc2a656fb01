import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1FromUtf8 } from '../base/bytes.ts';
import { canonicalUserPart, canonicalUserText, escapeUserPart, unescapeBytes } from './user-part.ts';

/** As on the wire, the canonical form, as we write it. */
const forms: readonly (readonly [wire: string, canonical: string, written: string])[] = [
  ['Alice', 'alice', 'alice'],
  ['al%69ce', 'alice', 'alice'],
  ["o'hara.x_y-z~!*()&=+$,;?/", "o'hara.x_y-z~!*()&=+$,;?/", "o'hara.x_y-z~!*()&=+$,;?/"],
  ['a%7Bb%7D', 'a{b}', 'a%7Bb%7D'],
  ['a{b}', 'a{b}', 'a%7Bb%7D'],
  ['x%7cy', 'x|y', 'x%7Cy'],
  ['100%25', '100%', '100%25'],
  ['100%', '100%', '100%25'],
  ['%C3%84rger', 'ärger', '%C3%A4rger'],
  [latin1FromUtf8('Ärger'), 'ärger', '%C3%A4rger'],
  ['a%CC%88rger', 'ärger', '%C3%A4rger'],
  ['%E4%BD%A0%F0%9F%98%80', '你😀', '%E4%BD%A0%F0%9F%98%80'],
  ['n%20x', 'n%20x', 'n%20x'],
  ['n%40contoso.test', 'n%40contoso.test', 'n%40contoso.test'],
  ['null-%00-null', 'null-%00-null', 'null-%00-null'],
  ['a%3Ab%22%3c%3E%5C', 'a%3ab%22%3c%3e%5c', 'a%3Ab%22%3C%3E%5C'],
  ['%7F%C2%85%E2%80%AE', '%7f%c2%85%e2%80%ae', '%7F%C2%85%E2%80%AE'],
  // what looks like an escape once it is resolved
  ['a%2520b', 'a%2520b', 'a%2520b'],
  ['a%252', 'a%2', 'a%252'],
  // no UTF-8: a lone byte, an overlong form, half a surrogate pair, a sequence cut short
  ['a%E4b', 'a%e4b', 'a%E4b'],
  ['%C0%AF', '%c0%af', '%C0%AF'],
  ['%ED%A0%80', '%ed%a0%80', '%ED%A0%80'],
  ['%C3', '%c3', '%C3'],
];

test('each spelling of a user part has its one form, and its one form in a URI', () => {
  for (const [wire, canonical, written] of forms) {
    assert.equal(canonicalUserPart(wire), canonical, wire);
    assert.equal(escapeUserPart(canonical), written, wire);
    assert.equal(canonicalUserPart(written), canonical, written);
    assert.equal(canonicalUserText(canonical), canonical, canonical);
  }
});

test('the form of a form is the same, for every character and next to every other kind of piece', () => {
  const pieces = [
    '',
    'e',
    'Σ',
    '%',
    '%4',
    '%e',
    '%E4',
    '%2',
    '25',
    '%25',
    '\u0301',
    '\u0308',
    'i\u0307',
    '@',
    '%40',
    '%ED%A0%80',
  ];
  const characters: string[] = [];
  for (let code = 0; code < 0x500; code++) characters.push(String.fromCodePoint(code));
  for (const code of [
    0x1e9e, 0x1fb3, 0x2028, 0x202e, 0x2126, 0x3000, 0x212a, 0xac00, 0xfb1d, 0xfdd0, 0xffff, 0x10400, 0x1d15e, 0x1fffe, 0x2f800,
  ]) {
    characters.push(String.fromCodePoint(code));
  }
  for (const character of characters) {
    for (const piece of pieces) {
      for (const text of [character + piece, piece + character]) {
        const canonical = canonicalUserText(text);
        assert.equal(canonicalUserText(canonical), canonical, JSON.stringify(text));
        assert.equal(canonical.toLowerCase(), canonical, JSON.stringify(text));
        const written = escapeUserPart(canonical);
        assert.match(written, /^(?:[\w\-.!~*'()&=+$,;?/]|%[0-9A-F]{2})*$/);
        assert.equal(canonicalUserPart(written), canonical, JSON.stringify(text));
      }
    }
  }
});

test('escapes are resolved byte by byte', () => {
  assert.equal(unescapeBytes('j%40s0n%00'), 'j@s0n\0');
  assert.equal(unescapeBytes('100%'), '100%');
});
