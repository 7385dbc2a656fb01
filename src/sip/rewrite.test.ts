import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessageText } from '../testing/message-text.ts';
import { createRequest, createResponse } from './create-message.ts';
import { selectHeaders } from './header-selection.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { noteSource, requestSource } from './request-source.ts';
import { linesOf, rewriteRequest, rewriteResponse, viaLines } from './rewrite.ts';
import { byteLength, type OutgoingMessage, serialise, serialiseAll } from './serialise.ts';

function parse(text: string): SipMessage {
  const parsed = parseMessageText(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error.failure.text);
  return parsed.value;
}

function wire(message: OutgoingMessage): string {
  return Buffer.from(serialise(message)).toString('latin1');
}

function headers(message: OutgoingMessage): string[] {
  const lines = message.head.split('\r\n');
  assert.deepEqual(lines.slice(-2), ['', '']);
  return lines.slice(0, -2);
}

const invite = parse(
  [
    'INVITE sip:bob@b.test SIP/2.0',
    'Via: SIP/2.0/TLS p.test;branch=z9hG4bK2, SIP/2.0/UDP q.test',
    'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1',
    'Record-Route: <sip:p.test;lr>',
    'Route: <sip:me.test;lr>',
    'Route: <sip:next.test;lr>',
    'Max-Forwards: 70',
    'From: <sip:alice@a.test>;tag=1',
    'To: <sip:bob@b.test>',
    'Call-ID: c1@a.test',
    'CSeq: 7 INVITE',
    'X-One: 1',
    'P-Asserted-Identity: <sip:mallory@a.test>',
    'x-one: 2',
    'P-Asserted-Identity: <tel:+1>',
    'Content-Length: 3',
    '',
    'v=0',
  ].join('\r\n'),
) as SipRequest;

/** The INVITE as it comes from that address. */
function receivedFrom(address: string): SipRequest {
  const request = parse(wire(rewriteRequest(invite, {})));
  assert.ok(request.kind === 'request');
  noteSource(request, requestSource(address, 5061));
  return request;
}

test('nothing changed but the place of Content-Length', () => {
  assert.equal(wire(rewriteRequest(invite, {})), `${invite.head}\r\nv=0`);
});

test('a hop of a proxy', () => {
  const out = rewriteRequest(receivedFrom('192.0.2.9'), {
    requestUri: 'sip:bob@192.0.2.4:5061',
    lead: 'Via: SIP/2.0/TLS me.test;branch=z9hG4bK3\r\n',
    prepend: [['Record-Route', '<sip:me.test;lr>']],
    popTopRoute: true,
    maxForwards: 69,
    remove: selectHeaders(['P-Asserted-Identity', 'X-ONE']),
    append: [['ms-edge-proxy-message-trust', 'ms-source-type=x']],
    body: Buffer.from('v=0\r\n'),
  });
  assert.deepEqual(headers(out), [
    'INVITE sip:bob@192.0.2.4:5061 SIP/2.0',
    'Via: SIP/2.0/TLS me.test;branch=z9hG4bK3',
    'Record-Route: <sip:me.test;lr>',
    'Via: SIP/2.0/TLS p.test;branch=z9hG4bK2;received=192.0.2.9, SIP/2.0/UDP q.test',
    'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1',
    'Record-Route: <sip:p.test;lr>',
    'Route: <sip:next.test;lr>',
    'Max-Forwards: 69',
    'From: <sip:alice@a.test>;tag=1',
    'To: <sip:bob@b.test>',
    'Call-ID: c1@a.test',
    'CSeq: 7 INVITE',
    'ms-edge-proxy-message-trust: ms-source-type=x',
    'Content-Length: 5',
  ]);
});

test('lines of one header are taken from a message as they stand', () => {
  const vias = linesOf(invite, 'Via');
  assert.equal(vias, invite.head.slice(invite.head.indexOf('Via:'), invite.head.indexOf('Record-Route:')));
  assert.equal(linesOf(invite, 'Subject'), '');
  const out = rewriteRequest(invite, { lead: vias, remove: selectHeaders(['Via']) });
  assert.equal(wire(out), wire(rewriteRequest(invite, {})));
  const received = receivedFrom('192.0.2.9');
  assert.equal(viaLines(invite), vias);
  assert.equal(viaLines(received), vias.replace('z9hG4bK2', 'z9hG4bK2;received=192.0.2.9'));
  const putBack = rewriteRequest(received, { lead: viaLines(received), remove: selectHeaders(['Via']) });
  assert.equal(wire(putBack), wire(rewriteRequest(received, {})), 'what is taken out is not stamped');
});

test('replaced headers keep their place, missing ones are added', () => {
  const out = headers(
    rewriteRequest(invite, {
      replace: [
        ['P-Asserted-Identity', '<sip:alice@a.test>'],
        ['x-ONE', '3'],
        ['Route', '<sip:r1;lr>'],
        ['Route', '<sip:r2;lr>'],
        ['Subject', 's'],
        ['X-New', 'n'],
      ],
    }),
  );
  const expected = headers(rewriteRequest(invite, {}));
  expected.splice(4, 2, 'Route: <sip:r1;lr>', 'Route: <sip:r2;lr>');
  expected.splice(11, 4, 'x-ONE: 3', 'P-Asserted-Identity: <sip:alice@a.test>');
  expected.splice(-1, 0, 'Subject: s', 'X-New: n');
  assert.deepEqual(out, expected);
  // A rewrite leaves nothing behind for the next one.
  assert.equal(wire(rewriteRequest(invite, {})), `${invite.head}\r\nv=0`);
});

test('the top Via is popped, alone or from a list', () => {
  const response = parse(wire(createResponse(invite, 180, { toTag: 't' })));
  assert.ok(response.kind === 'response');
  const once = rewriteResponse(response, { popTopVia: true });
  assert.equal(headers(once)[1], 'Via: SIP/2.0/UDP q.test');
  const again = parse(wire(once));
  assert.ok(again.kind === 'response');
  assert.equal(headers(rewriteResponse(again, { popTopVia: true, status: 486 }))[1], 'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1');
});

test('responses copy what rfc3261 8.2.6 says', () => {
  assert.deepEqual(
    headers(
      createResponse(receivedFrom('192.0.2.9'), 200, { toTag: 't', contentType: 'a/b', headers: [['Contact', '<sip:c>']] }),
    ),
    [
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/TLS p.test;branch=z9hG4bK2;received=192.0.2.9, SIP/2.0/UDP q.test',
      'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1',
      'Record-Route: <sip:p.test;lr>',
      'From: <sip:alice@a.test>;tag=1',
      'To: <sip:bob@b.test>;tag=t',
      'Call-ID: c1@a.test',
      'CSeq: 7 INVITE',
      'Contact: <sip:c>',
      'Content-Type: a/b',
      'Content-Length: 0',
    ],
  );
  const trying = createResponse(invite, 100).head;
  assert.ok(!trying.includes('tag=t') && trying.includes('To: <sip:bob@b.test>\r\n') && !trying.includes('Record-Route'));
  assert.match(
    createResponse(invite, 404, { reason: 'Nobody' }).head,
    /^SIP\/2\.0 404 Nobody\r\n[^]*To: <sip:bob@b\.test>;tag=\w{8,}\r\n/,
  );
});

test('a request of our own', () => {
  const out = createRequest({
    method: 'NOTIFY',
    requestUri: 'sip:a@b',
    via: 'SIP/2.0/TLS me;branch=z9hG4bKx',
    from: '<sip:me>;tag=1',
    to: '<sip:a@b>;tag=2',
    callId: 'c',
    cseq: 3,
    route: ['<sip:r;lr>'],
    headers: [['Event', 'presence']],
    contentType: 'a/b',
    body: Buffer.from('xyz'),
  });
  const message = parse(wire(out));
  assert.ok(message.kind === 'request' && message.canonical);
  assert.deepEqual(
    [message.method, message.requestUri, message.get('Route'), message.get('Event'), message.maxForwards, message.toTag],
    ['NOTIFY', 'sip:a@b', '<sip:r;lr>', 'presence', 70, '2'],
  );
});

test('no value can break out of its line', () => {
  const evil = 'x\r\nEvil: 1\n\0\u010a\u010d';
  for (const out of [
    createRequest({
      method: `A${evil}`,
      requestUri: `sip:${evil}`,
      via: evil,
      from: evil,
      to: evil,
      callId: evil,
      cseq: 1,
      route: [evil],
      headers: [[evil, evil]],
      contentType: evil,
    }),
    createResponse(invite, 400, { reason: evil, toTag: evil, headers: [['X', evil]], contentType: evil }),
    rewriteRequest(invite, {
      requestUri: evil,
      prepend: [['X', evil]],
      replace: [
        ['X-One', evil],
        ['To', evil],
      ],
      append: [['X', evil]],
    }),
  ]) {
    assert.doesNotMatch(wire(out), /^Evil/m);
    assert.doesNotMatch(wire(out), /\0|\r(?!\n)|(?<!\r)\n/);
  }
});

test('several messages in one block', () => {
  const one = createResponse(invite, 200, { toTag: 't' });
  const two = rewriteRequest(invite, {});
  assert.equal(Buffer.from(serialiseAll([one, two])).toString('latin1'), wire(one) + wire(two));
  assert.equal(byteLength(two), wire(two).length);
  assert.equal(serialiseAll([]).length, 0);
});

/** A small generator of pseudo-random numbers (xorshift), so that a failing seed can be run again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const spellings = {
  Via: ['Via', 'v', 'VIA'],
  From: ['From', 'f', 'from'],
  To: ['To', 't'],
  'Call-ID': ['Call-ID', 'i', 'Call-Id'],
  CSeq: ['CSeq', 'cseq'],
  Contact: ['Contact', 'm'],
  Supported: ['Supported', 'k'],
  'X-Thing': ['X-Thing'],
  Subject: ['Subject', 's'],
  'Max-Forwards': ['Max-Forwards', 'max-forwards'],
} as const;
const values: Readonly<Record<keyof typeof spellings, readonly string[]>> = {
  Via: ['SIP/2.0/TLS a.test;branch=z9hG4bK1', 'SIP / 2.0 / UDP [::1]:5060;branch=x, SIP/2.0/TCP b'],
  From: ['<sip:a@b>;tag=1', '"\xc3\xa9, \\"x\\" <y>" <sip:a@b;lr>;tag=1', 'sip:a@b;tag=1'],
  To: ['<sip:c@d>', 'Name <sips:c@d?x=y> ;tag=2'],
  'Call-ID': ['abc@d', '!.:-/{}'],
  CSeq: ['1 MESSAGE', '0007   MESSAGE'],
  Contact: ['*', '<sip:a@b>;q=0.1,<sip:c@d>'],
  Supported: ['', 'path, gruu'],
  'X-Thing': ['\xff\xfe "unbalanced', ';;,,', 'a:b: c'],
  Subject: ['', 'hello  world'],
  'Max-Forwards': ['0', '0070'],
};

test('parse → serialise → parse is the same message', () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const random = generator(seed * 7919);
    const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
    const space = (): string => pick(['', '', ' ', '\t', '\r\n ', '  \r\n\t ']);
    const names = Object.keys(spellings) as (keyof typeof spellings)[];
    const plain = random(3) === 0;
    const lines = names
      .flatMap(name => (['Contact', 'Supported', 'X-Thing', 'Via'].includes(name) && random(2) === 0 ? [name, name] : [name]))
      .sort(() => random(3) - 1)
      .map(name =>
        plain
          ? `${name}: ${pick(values[name])}`
          : `${pick(spellings[name])}${pick(['', ' '])}:${space()}${pick(values[name])}${space()}`,
      );
    const body = 'x'.repeat(random(40));
    const source = `MESSAGE sip:c@d SIP/2.0\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const first = parse(source);
    assert.ok(first.kind === 'request');
    const text = wire(rewriteRequest(first, {}));
    const second = parse(text);
    assert.ok(second.kind === 'request' && second.canonical, `seed ${seed}`);
    assert.deepEqual(second.headers(), first.headers(), `seed ${seed}`);
    assert.deepEqual(
      [
        second.method,
        second.requestUri,
        second.callId,
        second.cseq,
        second.fromTag,
        second.toTag,
        second.topVia,
        second.maxForwards,
      ],
      [first.method, first.requestUri, first.callId, first.cseq, first.fromTag, first.toTag, first.topVia, first.maxForwards],
    );
    assert.deepEqual(Buffer.from(second.body), Buffer.from(first.body));
    assert.equal(wire(rewriteRequest(second, {})), text, `seed ${seed}`);
  }
});

test('a tag is appended to a To that ends in a semicolon', () => {
  const source = 'OPTIONS sip:b@b.test SIP/2.0\r\nVia: SIP/2.0/TLS a.test;branch=z9hG4bK1\r\nFrom: <sip:a@a.test>;tag=1\r\n';
  for (const to of ['<sip:b@b.test>;', '<sip:b@b.test> ; ', 'sip:b@b.test;x=y;', '<sip:b@b.test;x=;>']) {
    const parsed = parseMessageText(`${source}To: ${to}\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n`);
    assert.ok(parsed.ok && parsed.value.kind === 'request', to);
    assert.equal(parse(wire(createResponse(parsed.value, 200, { toTag: 't' }))).toTag, 't', to);
  }
});
