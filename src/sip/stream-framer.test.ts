import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientLimits, type ParseLimits } from './parse-limits.ts';
import { type Framed, StreamFramer } from './stream-framer.ts';

function head(start: string, ...more: string[]): string {
  const headers = [
    'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1',
    'From: <sip:alice@a.test>;tag=1',
    'To: <sip:bob@b.test>',
    'Call-ID: c1@a.test',
    'CSeq: 7 MESSAGE',
  ];
  return `${[start, ...headers, ...more].join('\r\n')}\r\n\r\n`;
}

const start = 'MESSAGE sip:bob@b.test SIP/2.0';
const withBody = `${head(start, 'Content-Type: text/plain', 'Content-Length: 12')}Hi\r\n\r\nthere!`;
const folded = `${head(start, 'X-Mine: a', ' b', 'l : 3')}abc`;
const response = head('SIP/2.0 200 OK', 'Content-Length: 0');
const noLength = head(start);
const refusedButFramed = `${head(start, 'Max-Forwards: 999', 'Content-Length: 5')}12345`;
const stream = `${withBody}\r\n\r\n${folded}${response}${refusedButFramed}${noLength}\r\n\r\n${withBody}`;

/** What the framer makes of the chunks, in words; keep-alive forms left out. */
function frame(chunks: readonly string[], limits: ParseLimits = clientLimits): string[] {
  const framer = new StreamFramer(limits);
  const seen: string[] = [];
  for (const chunk of chunks) {
    framer.push(Buffer.from(chunk, 'latin1'));
    for (;;) {
      const framed = framer.next();
      if (framed.kind === 'need-more') break;
      if (framed.kind !== 'keep-alive' || framed.form === 'ping') seen.push(inWords(framed));
      if (framed.kind === 'bad' && framed.fatal) return seen;
    }
  }
  return seen;
}

function inWords(framed: Framed): string {
  if (framed.kind === 'message') return `${framed.message.head}|${Buffer.from(framed.message.body).toString('latin1')}`;
  if (framed.kind === 'bad') return `bad ${framed.failure.code} ${framed.fatal} ${framed.request?.callId}`;
  return framed.kind;
}

const whole = frame([stream]);

test('messages and pings come out of one chunk', () => {
  assert.equal(whole.length, 8);
  assert.ok(whole[0]?.endsWith('|Hi\r\n\r\nthere!'));
  assert.equal(whole[1], 'keep-alive');
  assert.ok(whole[2]?.includes('X-Mine: a b\r\nContent-Length: 3\r\n|abc'));
  assert.ok(whole[3]?.startsWith('SIP/2.0 200 OK'));
  assert.equal(whole[4], 'bad MESSAGE_MALFORMED false c1@a.test');
  assert.ok(whole[5]?.endsWith('|'));
  assert.equal(whole[6], 'keep-alive');
  assert.equal(whole[7], whole[0]);
});

test('cut at every offset the same comes out', () => {
  for (let cut = 1; cut < stream.length; cut++) {
    assert.deepEqual(frame([stream.slice(0, cut), stream.slice(cut)]), whole, `cut at ${cut}`);
  }
});

test('in pieces of every small size, and byte by byte, the same comes out', () => {
  for (const size of [1, 2, 3, 4, 5, 7, 11, 64, 333]) {
    const pieces = stream.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(frame(pieces), whole, `pieces of ${size}`);
  }
});

test('chunks pushed ahead are read in order', () => {
  const framer = new StreamFramer();
  for (const byte of Buffer.from(stream, 'latin1')) framer.push(Uint8Array.of(byte));
  assert.equal(framer.bufferedBytes, stream.length);
  const seen: string[] = [];
  for (let framed = framer.next(); framed.kind !== 'need-more'; framed = framer.next()) {
    if (framed.kind !== 'keep-alive' || framed.form === 'ping') seen.push(inWords(framed));
  }
  assert.deepEqual(seen, whole);
  assert.equal(framer.bufferedBytes, 0);
});

test('keep-alives', () => {
  for (const [chunks, forms] of [
    [['\r\n\r\n'], ['ping']],
    [['\r\n'], ['pong']],
    [
      ['\r', '\n', '\r', '\n'],
      ['pong', 'ping'],
    ],
    [
      ['\r\n', `${response}\r\n`],
      ['pong', 'pong'],
    ],
    [['\r\n'.repeat(1000)], ['ping']],
  ] as const) {
    const framer = new StreamFramer();
    const seen: string[] = [];
    for (const chunk of chunks) {
      framer.push(Buffer.from(chunk));
      for (let framed = framer.next(); framed.kind !== 'need-more'; framed = framer.next()) {
        assert.notEqual(framed.kind, 'bad');
        if (framed.kind === 'keep-alive') seen.push(framed.form);
      }
    }
    assert.deepEqual(seen, forms);
  }
});

test('what ends a stream, wherever it is cut', () => {
  const limits = { headBytes: 300, bodyBytes: 20, maxHeaders: 20 };
  for (const [source, code, callId] of [
    ['\rx', 'MESSAGE_MALFORMED', undefined],
    ['\nx', 'MESSAGE_MALFORMED', undefined],
    ['garbage\r\n\r\n', 'MESSAGE_MALFORMED', undefined],
    [head(start, 'Content-Length: 5', 'l: 6'), 'MESSAGE_MALFORMED', 'c1@a.test'],
    [head(start, 'Content-Length: -5'), 'MESSAGE_MALFORMED', 'c1@a.test'],
    [head(start, 'X: a\nb', 'Content-Length: 0'), 'MESSAGE_MALFORMED', 'c1@a.test'],
    [head(start, 'Content-Type: a/b'), 'MESSAGE_MALFORMED', 'c1@a.test'],
    [head(start, 'Content-Length: 99999999999'), 'MESSAGE_BODY_TOO_LARGE', 'c1@a.test'],
    [head(start, `X-Long: ${'x'.repeat(300)}`), 'MESSAGE_HEAD_TOO_LARGE', 'c1@a.test'],
    ['x'.repeat(303), 'MESSAGE_HEAD_TOO_LARGE', undefined],
  ] as const) {
    for (let cut = 0; cut < source.length; cut++) {
      const chunks = cut === 0 ? [...source] : [source.slice(0, cut), source.slice(cut), 'more'];
      assert.deepEqual(frame(chunks, limits).at(-1), `bad ${code} true ${callId}`, `${JSON.stringify(source)} cut at ${cut}`);
    }
  }
});

test('a head of exactly the limit is read, one byte more is not', () => {
  for (const [limit, kind] of [
    [response.length - 2, 'message'],
    [response.length - 3, 'bad'],
  ] as const) {
    for (const chunks of [[response], [...response]]) {
      const framer = new StreamFramer({ ...clientLimits, headBytes: limit });
      for (const chunk of chunks) framer.push(Buffer.from(chunk));
      assert.equal(framer.next().kind, kind);
    }
  }
});

test('after a fatal message the framer stays bad and keeps nothing', () => {
  const framer = new StreamFramer();
  framer.push(Buffer.from('garbage\r\n\r\n'));
  const first = framer.next();
  assert.equal(first.kind, 'bad');
  framer.push(Buffer.from(response));
  assert.equal(framer.next(), first);
  assert.equal(framer.bufferedBytes, 0);
});

test('too large a body is refused at once, passed over without being kept, and accepted under higher limits', () => {
  const big = `${head(start, 'Content-Length: 5000')}${'x'.repeat(5000)}`;
  let longest = 4999;
  const framer = new StreamFramer({ ...clientLimits, bodyBytes: 1000 }, { longestBody: () => longest });
  framer.push(Buffer.from(big.slice(0, -4000)));
  const refused = framer.next();
  assert.ok(refused.kind === 'bad' && !refused.fatal && refused.failure.code === 'MESSAGE_BODY_TOO_LARGE');
  assert.equal(framer.next().kind, 'need-more');
  assert.equal(framer.bufferedBytes, 0);
  framer.push(Buffer.from(big.slice(-4000)));
  assert.equal(framer.next().kind, 'need-more');
  longest = 5000;
  framer.push(Buffer.from(big));
  const accepted = framer.next();
  assert.ok(accepted.kind === 'message' && accepted.message.body.length === 5000);
});

test('memory for a message in parts is asked for before it is taken, and given back', () => {
  let held = 0;
  const room = {
    take: (bytes: number) => held + bytes <= 20_000 && ((held += bytes), true),
    giveBack: (bytes: number) => void (held -= bytes),
  };
  const framer = new StreamFramer(clientLimits, { room });
  const send = (text: string) => {
    framer.push(Buffer.from(text));
    return framer.next();
  };
  assert.equal(send(head(start, 'Content-Length: 15000')).kind, 'need-more');
  assert.equal(held, 15_000, 'the announced body is counted whole');
  assert.ok(framer.isInMessage);
  assert.equal(send('x'.repeat(15_000)).kind, 'message');
  assert.equal(held, 0);
  const refused = send(head(start, 'Content-Length: 25000'));
  assert.ok(refused.kind === 'bad' && !refused.fatal && refused.failure.code === 'NO_ROOM_FOR_MESSAGE' && refused.request);
  assert.equal(send('x'.repeat(25_000)).kind, 'need-more', 'passed over');
  assert.equal(send(`MESSAGE sip:x@contoso.test SIP/2.0\r\nX: ${'x'.repeat(9000)}`).kind, 'need-more');
  assert.ok(held > 9000);
  const full = send('x'.repeat(12_000));
  assert.ok(full.kind === 'bad' && full.fatal && full.failure.code === 'NO_ROOM_FOR_MESSAGE');
  assert.equal(held, 0);
  const left = new StreamFramer(clientLimits, { room });
  left.push(Buffer.from(head(start, 'Content-Length: 9')));
  left.next();
  assert.equal(held, 9);
  left.close();
  assert.equal(held, 0);
});
