import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesFromLatin1 } from '../base/bytes.ts';
import { detach } from '../base/detach.ts';
import { formatAuthentication, parseAuthentication } from './challenge.ts';
import { splitCommaList } from './comma-list.ts';
import { parseCSeq } from './cseq.ts';
import { canonicalHeaderName, headerIdAt, headerIdOf, isSingleHeader, unknownHeaderId } from './header-name.ts';
import { formatNameAddress, malformedTag, parseNameAddress, tagAt } from './name-address.ts';
import { parseParameters } from './parameters.ts';
import { formatVia, parseVia, stampReceived } from './via.ts';

test('header names in any case and form have one id', () => {
  for (const [spelling, canonical] of [
    ['CALL-ID', 'Call-ID'],
    ['i', 'Call-ID'],
    ['V', 'Via'],
    ['cseq', 'CSeq'],
    ['L', 'Content-Length'],
    ['MS-Diagnostics-Public', 'ms-diagnostics-public'],
    ['www-authenticate', 'WWW-Authenticate'],
    ['o', 'Event'],
    ['u', 'Allow-Events'],
    ['x', 'Session-Expires'],
    ['p-asserted-identity', 'P-Asserted-Identity'],
  ] as const) {
    assert.equal(canonicalHeaderName(spelling), canonical);
    assert.equal(headerIdAt(bytesFromLatin1(`..${spelling}:`), 2, 2 + spelling.length), headerIdOf(canonical), spelling);
  }
  for (const unknown of ['X-Mine', 'q', 'Call-Id2', 'Vi', 'Toto']) {
    assert.equal(headerIdAt(bytesFromLatin1(unknown), 0, unknown.length), unknownHeaderId);
    assert.equal(headerIdOf(unknown), unknownHeaderId);
  }
  assert.ok(isSingleHeader(headerIdOf('ms-edge-proxy-message-trust')));
  assert.ok(!isSingleHeader(headerIdOf('Via')) && !isSingleHeader(headerIdOf('Contact')) && !isSingleHeader(unknownHeaderId));
});

test('lists are split outside quotes and brackets', () => {
  assert.deepEqual(splitCommaList('a, b ,,c'), ['a', 'b', 'c']);
  assert.deepEqual(splitCommaList('"a,\\"b" <sip:x,y@h>;q=1, <sip:c>'), ['"a,\\"b" <sip:x,y@h>;q=1', '<sip:c>']);
  assert.deepEqual(splitCommaList('"open, a'), ['"open, a']);
  assert.deepEqual(splitCommaList(' '), []);
});

test('parameters', () => {
  assert.deepEqual(
    [...(parseParameters(' ; A = b;c="x;\\"y" ;lr;a=2;') ?? [])],
    [
      ['a', 'b'],
      ['c', 'x;"y'],
      ['lr', ''],
    ],
  );
  for (const bad of ['a', ';a="x', ';;a', ';=b', ';a=b c', ';a="x"y', ';a=<b>', ';a=b,'])
    assert.equal(parseParameters(bad), undefined, bad);
});

test('name-addresses', () => {
  for (const [text, name, uri, params] of [
    ['<sip:a@b>', undefined, 'sip:a@b', []],
    ['sip:a@b;tag=1', undefined, 'sip:a@b', [['tag', '1']]],
    [
      '"A \\"x\\", <B>" <sip:a@b;lr>;tag=1;x',
      'A "x", <B>',
      'sip:a@b;lr',
      [
        ['tag', '1'],
        ['x', ''],
      ],
    ],
    ['Mr. Watson   <sip:a@b>', 'Mr. Watson', 'sip:a@b', []],
    ['"\xc3\xa9"<tel:+1> ; q = 0.1', '\xc3\xa9', 'tel:+1', [['q', '0.1']]],
    ['<sip:a@b>;+sip.instance="<urn:uuid:1>"', undefined, 'sip:a@b', [['+sip.instance', '<urn:uuid:1>']]],
  ] as const) {
    const address = parseNameAddress(text);
    assert.ok(address, text);
    assert.equal(address.displayName, name);
    assert.equal(address.uri, uri);
    assert.deepEqual([...address.params], params);
    assert.deepEqual(parseNameAddress(formatNameAddress(address)), address);
  }
  for (const bad of [
    '',
    '<>',
    'a',
    '"a <sip:b>',
    '"a" sip:b@c',
    '<sip:b',
    'Bell, A <sip:b>',
    '< sip:b@c >',
    'sip:a@b?x=y',
    '<sip:a>x',
    '<sip:a>,<sip:b>',
    '<sip:a>;;',
  ]) {
    assert.equal(parseNameAddress(bad), undefined, bad);
  }
});

test('tags', () => {
  for (const [text, tag] of [
    ['<sip:a@b>;tag=abc', 'abc'],
    ['sip:a@b;x=y;TAG=abc', 'abc'],
    ['<sip:a;tag=no>', undefined],
    ['<sip:a> ; tag = z', 'z'],
    ['"x" <sip:a>;tag=1;tag=2', '1'],
    ['<sip:a>;x=";tag=no"', undefined],
    ['<sip:a>;tag=a b', malformedTag],
    ['<sip:a>;tag="', malformedTag],
    ['x', malformedTag],
    ['<sip:a>;tag=', undefined],
  ] as const) {
    assert.equal(tagAt(text, 0, text.length), tag, text);
  }
});

test('Via', () => {
  const via = parseVia('SIP/2.0/TLS Host.Example:5061;branch=z9hG4bKx;rport;received=10.0.0.1;alias');
  assert.deepEqual(via && [via.transport, via.host, via.port, via.branch, via.rport, via.received], [
    'TLS',
    'host.example',
    5061,
    'z9hG4bKx',
    '',
    '10.0.0.1',
  ]);
  const spaced = parseVia('SIP  / 2.0 / tcp    [::1] : 5060 ; branch  =  b1');
  assert.deepEqual(spaced && [spaced.transport, spaced.host, spaced.port, spaced.branch], ['TCP', '[::1]', 5060, 'b1']);
  for (const bad of [
    '',
    'SIP/2.0/TLS',
    'SIP/2.0/ h',
    'SIP/3.0/TLS h',
    'SIP/2.0/TLSh',
    'SIP/2.0/TLS h:0',
    'SIP/2.0/TLS h;;',
    'SIP/2.0/TLS h i',
    'SIP/2.0/TLS h, SIP/2.0/TLS i',
  ]) {
    assert.equal(parseVia(bad), undefined, bad);
  }
  assert.equal(
    formatVia({ transport: 'TLS', host: 'h', port: 1, branch: 'b', rport: true, extra: ';alias' }),
    'SIP/2.0/TLS h:1;branch=b;rport;alias',
  );
  assert.ok(via && spaced);
  assert.equal(
    stampReceived(via, '192.0.2.1', 77),
    'SIP/2.0/TLS host.example:5061;branch=z9hG4bKx;rport=77;alias;received=192.0.2.1',
  );
  assert.equal(stampReceived(spaced, '::1', 77), 'SIP/2.0/TCP [::1]:5060;branch=b1');
});

test('CSeq', () => {
  assert.deepEqual(parseCSeq('0009  INVITE'), { number: 9, method: 'INVITE' });
  assert.equal(parseCSeq('2147483647 X')?.number, 2147483647);
  for (const bad of ['', 'INVITE', '1', '1INVITE', '-1 A', '2147483648 A', '1 A B', '1 A/B', '99999999999999999999999 A'])
    assert.equal(parseCSeq(bad), undefined, bad);
});

test('challenges and credentials', () => {
  const parsed = parseAuthentication('Digest username="a\\"b", realm="x, y",nc=00000001 , qop=auth,uri="sip:h"');
  assert.equal(parsed?.scheme, 'Digest');
  assert.deepEqual(
    [...(parsed?.params ?? [])],
    [
      ['username', 'a"b'],
      ['realm', 'x, y'],
      ['nc', '00000001'],
      ['qop', 'auth'],
      ['uri', 'sip:h'],
    ],
  );
  for (const bad of ['', 'Digest"x"', 'Digest a', 'Digest a="', 'Digest a=1 b=2', 'Digest a=1,a=2', 'Digest =1'])
    assert.equal(parseAuthentication(bad), undefined, bad);
  assert.equal(
    formatAuthentication('challenge', 'Digest', { realm: 'r"', qop: 'auth', algorithm: 'MD5', stale: undefined }),
    'Digest realm="r\\"", qop="auth", algorithm=MD5',
  );
  assert.equal(formatAuthentication('credentials', 'Digest', { qop: 'auth', nc: '00000001' }), 'Digest qop=auth, nc=00000001');
});

test('a detached text is equal to its source', () => {
  const parent = 'x'.repeat(1000) + 'abcdefghijklmnopqrstuvwxyz';
  assert.equal(detach(parent.slice(1000)), 'abcdefghijklmnopqrstuvwxyz');
  assert.equal(detach('short'), 'short');
});

test('the parameters of a Via say the same in the order that servers write and in any other', () => {
  const read = (parameters: string) => {
    const via = parseVia(`SIP/2.0/TLS h${parameters}`);
    return via && [via.branch, via.rport, via.received];
  };
  for (const [usual, turned, expected] of [
    [';branch=b', ';x;branch=b', ['b', undefined, undefined]],
    [';branch=b;rport', ';rport;branch=b', ['b', '', undefined]],
    [';branch=b;rport=5061', ';rport=5061;branch=b', ['b', '5061', undefined]],
    [';branch=b;received=10.0.0.1', ';received=10.0.0.1;branch=b', ['b', undefined, '10.0.0.1']],
    [';branch=b;rport=1;received=10.0.0.1', ';received=10.0.0.1;rport=1;branch=b', ['b', '1', '10.0.0.1']],
    [';branch=b;rport;received=10.0.0.1', ';received="10.0.0.1";rport;branch=b', ['b', '', '10.0.0.1']],
    [';branch=b;rport=', ';rport=;branch=b', ['b', '', undefined]],
    [';branch=b;received=', ';received=;branch=b', ['b', undefined, '']],
    [';branch=b;rports=1', ';rports=1;branch=b', ['b', undefined, undefined]],
    [';branch=b;received=2001:db8::1', ';received=2001:db8::1;branch=b', ['b', undefined, '2001:db8::1']],
  ] as const) {
    assert.deepEqual(read(usual), read(turned), usual);
    if (!usual.includes('2001')) assert.deepEqual(read(usual), expected, usual);
  }
});
