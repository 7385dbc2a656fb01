import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { type DerElement, DerError, readBits, readBoolean, readDer, readDerList, readOid, readSmallInteger } from './der.ts';
import { createAuthority } from './issue.ts';

const element = (hex: string): DerElement => readDer(Buffer.from(hex, 'hex'));

/** Reads every constructed element down to the last. */
function walk({ tag, content }: DerElement): void {
  if ((tag & 0x20) !== 0) for (const inner of readDerList(content)) walk(inner);
}

test('a certificate cut at any offset is refused and nothing else happens', async () => {
  const { raw } = new X509Certificate((await createAuthority({ name: 'CA', validDays: 1 })).certificatePem);
  walk(readDer(raw));
  for (let end = 0; end < raw.length; end++) assert.throws(() => walk(readDer(raw.subarray(0, end))), DerError);
});

const refused: readonly [string, string][] = [
  ['an indefinite length', '30800000'],
  ['a length in more bytes than needed', '04810100'],
  ['a length with a leading zero', '0482008001'],
  ['a length over 16 MB', '048401000000'],
  ['a long tag', '1f8101'],
  ['bytes after the element', '040000'],
];
for (const [what, hex] of refused) test(`${what} is refused`, () => assert.throws(() => element(hex), DerError));

test('values', () => {
  assert.equal(readOid(element('06032a8648')), '1.2.840');
  assert.equal(readOid(element('0603550403')), '2.5.4.3');
  assert.throws(() => readOid(element('06022a86')), DerError);
  assert.throws(() => readOid(element('0600')), DerError);
  assert.equal(readBoolean(element('0101ff')), true);
  assert.throws(() => readBoolean(element('010101')), DerError);
  assert.equal(readSmallInteger(element('020103')), 3);
  assert.throws(() => readSmallInteger(element('0201ff')), DerError);
  assert.equal(readBits(element('03020780')), 0x8000);
  assert.throws(() => readBits(element('0300')), DerError);
});
