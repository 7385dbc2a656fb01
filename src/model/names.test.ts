import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1FromUtf8 } from '../base/bytes.ts';
import { aorOfUri, canonicalAor, parseAccountAor, parseAor, parseFqdn, uriOfAor } from './names.ts';

test('an address has one form, however a person writes it', () => {
  for (const text of [
    'Ärger@Contoso.TEST',
    ' sip:ärger@contoso.test. ',
    'SIPS:%C3%A4rger@contoso.test',
    'a\u0308rger@contoso.test',
    '%c3%84rger@contoso.test',
  ]) {
    assert.deepEqual(parseAor(text), { ok: true, value: 'ärger@contoso.test' }, text);
  }
  assert.deepEqual(parseAor('jo@bücher.test'), { ok: true, value: 'jo@xn--bcher-kva.test' });
  assert.deepEqual(parseAor('n%40contoso.test@northwind.test'), { ok: true, value: 'n%40contoso.test@northwind.test' });
});

test('what is no address is refused with the reason', () => {
  const wrong: readonly (readonly [text: string, why: RegExp])[] = [
    ['alice', /it has no @/],
    ['@contoso.test', /nothing stands before the @/],
    ['alice@', /no domain/],
    ['alice@con toso.test', /no domain/],
    ['a b@contoso.test', /a space is written %20 /],
    ['a\u0007b@contoso.test', /U\+0007 is written %07 /],
    ['a\u0085b@contoso.test', /U\+0085 is written %C2%85 /],
    ['a\u202eb@contoso.test', /U\+202E is written %E2%80%AE /],
    ['a@b@contoso.test', /"@" is written %40 /],
    ['a:b@contoso.test', /":" is written %3A /],
    ['<a@contoso.test', /"<" is written %3C /],
    ['a\ud800@contoso.test', /surrogate/],
    [`${'a'.repeat(257)}@contoso.test`, /256/],
  ];
  for (const [text, why] of wrong) {
    const read = parseAor(text);
    assert.equal(read.ok ? undefined : read.error.code, 'ADDRESS_INVALID', text);
    assert.match(read.ok ? '' : read.error.text, why, text);
  }
});

test('no user is made whose address has to be written with escapes, or would be cut', () => {
  for (const text of ['a{b}', '100%', 'x|y', 'ärger', "o'hara", 'a+b']) {
    assert.equal(parseAccountAor(`${text}@contoso.test`).ok, true, text);
  }
  for (const text of ['n%20x', 'a%00b', 'a%40b', 'a%E4b', '100%2520', 'a;b', 'a*b', 'a/b', 'a?b', 'a'.repeat(129)]) {
    const read = parseAccountAor(`${text}@contoso.test`);
    assert.equal(read.ok ? undefined : read.error.code, 'ADDRESS_INVALID', text);
  }
  for (const [text, why] of [
    ['a b', /cannot have a space/],
    ['a\u0001b', /cannot have the character U\+0001/],
    ['a@b', /cannot have "@"/],
  ] as const) {
    const read = parseAccountAor(`${text}@contoso.test`);
    assert.match(read.ok ? '' : String(read.error.details.why), why, 'no escape is offered that is refused next');
  }
});

test('an address leaves as a URI and comes back as itself', () => {
  for (const text of ['alice@contoso.test', 'a{b}@contoso.test', '100%@contoso.test', 'ärger@contoso.test', 'n%40a@b.test']) {
    const aor = canonicalAor(text);
    assert.equal(aor, text);
    const uri = uriOfAor(aor);
    assert.match(uri, /^sip:[!-~]+$/);
    const at = uri.lastIndexOf('@');
    assert.equal(aorOfUri(uri.slice(4, at), uri.slice(at + 1)), aor);
  }
  assert.equal(aorOfUri(latin1FromUtf8('ÄRGER'), 'Contoso.TEST.'), 'ärger@contoso.test');
});

test('an international domain is its ASCII form', () => {
  assert.deepEqual(parseFqdn('Bücher.test'), { ok: true, value: 'xn--bcher-kva.test' });
  for (const text of ['１２７.0.0.1', 'a b.test', 'ü_.test', '\u202e.test', `${'ü'.repeat(300)}.test`]) {
    assert.equal(parseFqdn(text).ok, false, text);
  }
});
