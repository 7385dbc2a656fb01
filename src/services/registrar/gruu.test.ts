import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor } from '../../model/names.ts';
import { publicGruu, readGruu } from './gruu.ts';

const alice = 'alice@contoso.test' as Aor;

const given: readonly (readonly [instance: string, gruu: string])[] = [
  ['<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>', 'sip:alice@contoso.test;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  ['<urn:gsma:imei:90420156-025763-0;svn=42>', 'sip:alice@contoso.test;gr=urn:gsma:imei:90420156-025763-0%3Bsvn%3D42'],
  ['<a b"c%41\\@?>', 'sip:alice@contoso.test;gr=a%20b%22c%2541%5C%40%3F'],
  ['<\xe9>', 'sip:alice@contoso.test;gr=%E9'],
];

for (const [instance, gruu] of given) {
  test(`the public GRUU of ${instance} names it again`, () => {
    assert.equal(publicGruu(alice, instance), gruu);
    assert.deepEqual(readGruu(gruu), { aor: alice, instance });
  });
}

for (const instance of ['epid:0123456789', 'sip:alice@192.0.2.1', '', '<>', '<a><b>', '<a>,<b>']) {
  test(`an endpoint without an instance of its own has no GRUU: ${instance}`, () => {
    assert.equal(publicGruu(alice, instance), undefined);
  });
}

test('what may not stand in a user part is escaped there', () => {
  const aor = 'a#b@contoso.test' as Aor;
  assert.equal(publicGruu(aor, '<x>'), 'sip:a%23b@contoso.test;gr=x');
  assert.deepEqual(readGruu('sip:a%23b@contoso.test;gr=x'), { aor, instance: '<x>' });
});

const read: readonly (readonly [uri: string, instance: string | undefined])[] = [
  ['sips:Alice@CONTOSO.test;transport=tls;GR=urn%3auuid%3aa', '<urn:uuid:a>'],
  ['sip:alice@contoso.test;gr', ''],
  ['sip:alice@contoso.test;gr=', ''],
  ['sip:alice@contoso.test', undefined],
  ['sip:alice;gr=x@contoso.test', undefined],
  ['sip:alice@contoso.test;grid=x', undefined],
  ['sip:alice@contoso.test;x-gr=x', undefined],
  ['sip:contoso.test;gr=x', undefined],
  ['tel:+1;gr=x', undefined],
  ['sip:alice@contoso.test;gr=x;gr=y', undefined],
];

for (const [uri, instance] of read) {
  test(`the endpoint that ${uri} names: ${instance ?? 'none'}`, () => {
    assert.equal(readGruu(uri)?.instance, instance);
    if (instance !== undefined) assert.equal(readGruu(uri)?.aor, alice);
  });
}
