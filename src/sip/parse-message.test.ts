import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessage, parseMessageText } from '../testing/message-text.ts';
import { createResponse } from './create-message.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { clientLimits } from './parse-limits.ts';
import { type ParseError } from './parse-message.ts';

const base = [
  'OPTIONS sip:bob@b.test SIP/2.0',
  'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'From: <sip:alice@a.test>;tag=1',
  'To: <sip:bob@b.test>',
  'Call-ID: c1@a.test',
  'CSeq: 7 OPTIONS',
];

function text(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The base message with the line beginning with `start` exchanged for `lines`. */
function changed(start: string, ...lines: string[]): string {
  return text(base.flatMap(line => (line.startsWith(start) ? lines : [line])));
}

function accepted(source: string): SipMessage {
  const parsed = parseMessageText(source);
  assert.ok(parsed.ok, parsed.ok ? '' : `${parsed.error.failure.text}\n${source}`);
  return parsed.value;
}

function request(source: string): SipRequest {
  const message = accepted(source);
  assert.ok(message.kind === 'request');
  return message;
}

function refused(source: string): ParseError {
  const parsed = parseMessageText(source);
  assert.ok(!parsed.ok, `refused: ${source}`);
  return parsed.error;
}

test('a plain request', () => {
  const message = request(
    text([...base, 'Supported: path, gruu', 'X-Mine:  v ', 'Supported: outbound', 'Content-Length: 4']) + 'body',
  );
  assert.equal(message.method, 'OPTIONS');
  assert.equal(message.requestUri, 'sip:bob@b.test');
  assert.equal(message.maxForwards, 70);
  assert.deepEqual(
    [message.callId, message.fromTag, message.toTag, message.cseq],
    ['c1@a.test', '1', undefined, { number: 7, method: 'OPTIONS' }],
  );
  assert.equal(message.topVia.branch, 'z9hG4bK1');
  assert.deepEqual(message.all('Supported'), ['path, gruu', 'outbound']);
  assert.deepEqual(message.list('k'), ['path', 'gruu', 'outbound']);
  assert.equal(message.get('x-mINE'), 'v');
  assert.equal(message.get('X-Other'), undefined);
  assert.ok(message.has('to') && !message.has('Contact'));
  assert.equal(message.from.uri, 'sip:alice@a.test');
  assert.equal(Buffer.from(message.body).toString(), 'body');
});

test('a response', () => {
  const source = text(['SIP/2.0 480 Not \xc3\xa4vailable', ...base.slice(1)]);
  const message = accepted(source);
  assert.ok(message.kind === 'response' && message.status === 480 && message.reason === 'Not \xc3\xa4vailable');
  for (const [line, reason] of [
    ['SIP/2.0 200 ', ''],
    ['SIP/2.0 200', ''],
  ] as const) {
    const other = accepted(text([line, ...base.slice(1)]));
    assert.ok(other.kind === 'response' && other.status === 200 && other.reason === reason);
  }
  for (const line of ['SIP/2.0 99 x', 'SIP/2.0 700 x', 'SIP/2.0 4294967301 x', 'SIP/2.0  200 OK', 'SIP/2.0 2x0 OK', 'SIP/2.0']) {
    assert.equal(refused(text([line, ...base.slice(1)])).failure.code, 'MESSAGE_MALFORMED', line);
  }
  assert.equal(refused(text(['SIP/3.0 200 OK', ...base.slice(1)])).failure.code, 'VERSION_NOT_SUPPORTED');
});

test('other spellings are accepted and rendered in canonical form', () => {
  const message = request(
    'OPTIONS sip:bob@b.test SIP/2.0\r\nv : SIP/2.0/TLS\r\n a.test;branch=z9hG4bK1\r\nMAX-forwards:\t70\r\nf:<sip:alice@a.test>;\r\n\ttag=1\r\n' +
      't\t:  <sip:bob@b.test>  \r\ni:c1@a.test\r\ncseq: 7\r\n  OPTIONS\r\ns:\r\nX-Mine: a\r\n \r\n b\r\nl:0\r\n\r\n',
  );
  assert.equal(message.canonical, false);
  assert.equal(
    message.head,
    'OPTIONS sip:bob@b.test SIP/2.0\r\nVia: SIP/2.0/TLS a.test;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:alice@a.test>; tag=1\r\n' +
      'To: <sip:bob@b.test>\r\nCall-ID: c1@a.test\r\nCSeq: 7 OPTIONS\r\nSubject: \r\nX-Mine: a b\r\nContent-Length: 0\r\n',
  );
  assert.equal(message.fromTag, '1');
  assert.equal(message.get('Subject'), '');
  const again = request(`${message.head}\r\n`);
  assert.equal(again.canonical, true);
  assert.deepEqual(again.headers(), message.headers());
  assert.equal(request(text([...base, 'Content-Length:     0'])).canonical, true);
});

test('what is accepted', () => {
  for (const source of [
    changed('Max-Forwards'),
    changed('OPTIONS', 'OPTIONS sip:[2001:db8::1]:5061;x=%20 sip/2.0'),
    changed('From', 'From: "\xe2\x82\xac, \\"" <sip:alice@a.test;x=y>;tag=1'),
    changed('To', 'To: isbn:2983792873'),
    changed('Via', 'Via: SIP/2.0/TLS a.test;branch=1, SIP/2.0/UDP b.test', 'Via: SIP/2.0/XYZ c.test'),
    text([...base, `X-Long: ${'a'.repeat(20_000)}`]),
    text([...base, "!Weird%Na*me_+`'~: \x01\x7f"]),
    text([...base, 'X-A: 1', 'X-A: 2', 'Contact: *', 'Contact: *']),
  ]) {
    accepted(source);
  }
});

test('what is refused as malformed', () => {
  for (const source of [
    '',
    '\r\n\r\n',
    'OPTIONS sip:b SIP/2.0',
    'OPTIONS sip:b SIP/2.0\r\n\r\n',
    ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(name => changed(name)),
    ...['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'].map(name =>
      text([...base, base.find(line => line.startsWith(name)) as string]),
    ),
    ...[
      'Content-Length: 0',
      'Content-Type: a/b',
      'Expires: 1',
      'Event: presence',
      'SIP-If-Match: a',
      'ms-edge-proxy-message-trust: x',
    ].map(line => text([...base, line, line])),
    text([...base, 'Content-Length: 0', 'l: 1']),
    ...['', '-1', '+1', '1 2', '1,1', '0x1', '1e3', '99999999999999999999'].map(value =>
      text([...base, `Content-Length: ${value}`]),
    ),
    changed('Max-Forwards', 'Max-Forwards: 256'),
    changed('Max-Forwards', 'Max-Forwards: -1'),
    changed('Max-Forwards', 'Max-Forwards: '),
    changed('CSeq', 'CSeq: 7 INVITE'),
    changed('CSeq', 'CSeq: 2147483648 OPTIONS'),
    changed('CSeq', 'CSeq: 7'),
    changed('Call-ID', 'Call-ID: a b'),
    changed('Call-ID', 'Call-ID: '),
    changed('To', 'To: "x <sip:b>'),
    changed('From', 'From: a, b'),
    changed('Via', 'Via: nonsense'),
    ...[
      'OPTIONS  sip:b SIP/2.0',
      'OPTIONS sip:b  SIP/2.0',
      'OPTIONS sip:b SIP/2.0 ',
      ' OPTIONS sip:b SIP/2.0',
      'OPTIONS <sip:b> SIP/2.0',
      'OPTIONS sip:b x SIP/2.0',
      'OPTIONS b SIP/2.0',
      'OPTIONS sip:b',
      'OPTIONS sip:b HTTP/1.1',
      'OPT(IONS sip:b SIP/2.0',
      'OPTIONS',
    ].map(line => changed('OPTIONS', line)),
    text([...base, 'X-A: a\rb']),
    text([...base, 'X-A: a\nb']),
    text([...base, 'X-A: a\0b']),
    text([...base, 'X\nY: a']),
    text([...base, 'X-A: a\r\r\nX: b']),
    text([...base, 'NoColon']),
    text([...base, ': x']),
    text([...base, 'X Y: z']),
    text([...base, 'X(Y: z']),
    text([...base, ' ']).replace('SIP/2.0\r\n', 'SIP/2.0\r\n folded\r\n'),
  ]) {
    assert.equal(refused(source).failure.code, 'MESSAGE_MALFORMED', JSON.stringify(source));
  }
});

test('limits', () => {
  const long = text([...base, `X: ${'a'.repeat(clientLimits.headBytes)}`]);
  const many = text([...base, ...Array.from({ length: 251 }, (_, i) => `X-A: ${i}`)]);
  const manyFolded = text([...base, ...Array.from({ length: 251 }, (_, i) => `X-A : ${i}`)]);
  for (const source of [long, many, manyFolded]) {
    const error = refused(source);
    assert.equal(error.failure.code, 'MESSAGE_HEAD_TOO_LARGE');
    assert.equal(error.request?.callId, 'c1@a.test');
  }
  accepted(text([...base, ...Array.from({ length: 250 }, (_, i) => `X-A: ${i}`)]));
  const body = parseMessage(text(base), new Uint8Array(11), { ...clientLimits, bodyBytes: 10 });
  assert.ok(!body.ok && body.error.failure.code === 'MESSAGE_BODY_TOO_LARGE' && body.error.request !== undefined);
});

test('a refused request can be answered', () => {
  for (const [source, code] of [
    [changed('CSeq', 'CSeq: 2147483648 OPTIONS'), 'MESSAGE_MALFORMED'],
    [changed('OPTIONS', 'OPTIONS sip:bob@b.test SIP/7.0'), 'VERSION_NOT_SUPPORTED'],
    [changed('OPTIONS', 'OPTIONS  <sip:bob@b.test>  SIP/2.0'), 'MESSAGE_MALFORMED'],
    [text([...base, 'X-A: a\rb', 'Bad']), 'MESSAGE_MALFORMED'],
    [text([...base, 'From: <sip:other@a.test>;tag=2']), 'MESSAGE_MALFORMED'],
    [changed('Via', 'v: SIP/2.0/TLS a.test;branch=z9hG4bK1;;,'), 'MESSAGE_MALFORMED'],
  ] as const) {
    const error = refused(source);
    assert.equal(error.failure.code, code);
    assert.ok(error.request, source);
    assert.equal(error.request.method, 'OPTIONS');
    const { head } = createResponse(error.request, 400, { toTag: 'x' });
    assert.match(head, /^SIP\/2\.0 400 Bad Request\r\nVia: SIP\/2\.0\/TLS a\.test;branch=z9hG4bK1/);
    assert.match(
      head,
      /\r\nFrom: <sip:alice@a\.test>;tag=1\r\nTo: <sip:bob@b\.test>;tag=x\r\nCall-ID: c1@a\.test\r\nCSeq: \d+ OPTIONS\r\n/,
    );
    assert.equal(head.match(/^From:/gm)?.length, 1);
  }
  assert.equal(refused(text(['SIP/2.0 200 OK', ...base.slice(2)])).request, undefined);
  assert.equal(refused('garbage').request, undefined);
});
