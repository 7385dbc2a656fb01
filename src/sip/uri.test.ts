import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSipUri, parseUri, type SipUri, serialiseSipUri } from './uri.ts';
import { equalSipUris } from './uri-comparison.ts';

function uri(text: string): SipUri {
  const parsed = parseSipUri(text);
  assert.ok(parsed.ok, `${text} is accepted`);
  return parsed.value;
}

test('SIP URIs are taken apart', () => {
  const full = uri('SIPS:Al%69ce:s%40c@Example.COM:5061;Transport=TLS;lr;gr=urn:uuid:1?Subject=x&b=c');
  assert.equal(full.scheme, 'sips');
  assert.equal(full.user, 'Al%69ce');
  assert.equal(full.password, 's%40c');
  assert.equal(full.host, 'example.com');
  assert.equal(full.port, 5061);
  assert.deepEqual(
    [...full.params],
    [
      ['transport', 'TLS'],
      ['lr', ''],
      ['gr', 'urn:uuid:1'],
    ],
  );
  assert.equal(full.headers, 'Subject=x&b=c');
  const v6 = uri('sip:[2001:DB8::1]:5060');
  assert.equal(v6.host, '[2001:db8::1]');
  assert.equal(v6.user, undefined);
  const gruu = uri('sip:alice@contoso.test;opaque=user:epid:Ab-c;gruu');
  assert.equal(gruu.params.get('opaque'), 'user:epid:Ab-c');
  assert.equal(uri('sip:user;par=u%40example.net@example.com').user, 'user;par=u%40example.net');
  assert.equal(uri('sip:a?b@example.com').user, 'a?b');
});

test('malformed SIP URIs are refused', () => {
  for (const text of [
    '',
    'alice@example.com',
    'sip:',
    'sip:@example.com',
    'sip:a@',
    'sip:a@b@c',
    'sip:a@b;x=@c',
    'sip:a b@example.com',
    'sip:a%4@b',
    'sip:a%zz@b',
    'sip:a@b:0',
    'sip:a@b:65536',
    'sip:a@b:x',
    'sip:a@b:',
    'sip:a@[::1',
    'sip:a@[xyz]',
    'sip:a@-b..',
    'sip:a@b;lr;lr',
    'sip:a@b;=x',
    'sip:a@b?x<y',
    'sip:a\r\nb@c',
    'sip:a@b\0',
    'sip:<a@b>',
    'sip:a@ü',
  ]) {
    const parsed = parseSipUri(text);
    assert.equal(parsed.ok, false, `${JSON.stringify(text)} is refused`);
    if (!parsed.ok && text !== '') assert.equal(parsed.error.code, 'URI_MALFORMED', text);
  }
  const tel = parseSipUri('tel:+15550100');
  assert.ok(!tel.ok && tel.error.code === 'URI_SCHEME_NOT_SUPPORTED');
});

test('other schemes are recognised and kept', () => {
  const tel = parseUri('TEL:+1-555;phone-context=x');
  assert.deepEqual(tel.ok && tel.value, { kind: 'other', scheme: 'tel', rest: '+1-555;phone-context=x' });
  assert.equal(parseUri('no scheme').ok, false);
});

test('SIP URIs survive serialising', () => {
  for (const text of ['sip:a@b', 'sips:a:p@b.c:5061;lr;transport=tcp?x=y', 'sip:[::1]', 'sip:h;maddr=1.2.3.4', 'sip:a:@b']) {
    assert.equal(serialiseSipUri(uri(text)), text);
  }
});

test('comparison as in rfc3261 19.1.4', () => {
  const equal = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    ['sip:alice@atlanta.com?subject=project%20x&priority=urgent', 'sip:alice@atlanta.com?priority=urgent&subject=project%20x'],
  ];
  const different = [
    ['sip:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['sip:biloxi.com', 'sip:bob@biloxi.com'],
    ['sip:a@b;gr=1', 'sip:a@b'],
    ['sip:a@b;maddr=1.1.1.1', 'sip:a@b'],
    ['sip:a@b', 'sip:a:@b'],
  ];
  for (const [left, right] of equal) {
    assert.ok(equalSipUris(uri(left as string), uri(right as string)), `${left} = ${right}`);
    assert.ok(equalSipUris(uri(right as string), uri(left as string)), `${right} = ${left}`);
  }
  for (const [left, right] of different) {
    assert.ok(!equalSipUris(uri(left as string), uri(right as string)), `${left} ≠ ${right}`);
    assert.ok(!equalSipUris(uri(right as string), uri(left as string)), `${right} ≠ ${left}`);
  }
});
