import { isDeepStrictEqual } from 'node:util';
import { errorRegistry } from '../../src/base/errors/registry.ts';
import { forwardRequest } from '../../src/routing/forward.ts';
import { parseAuthentication } from '../../src/sip/challenge.ts';
import { createResponse } from '../../src/sip/create-message.ts';
import { selectHeaders } from '../../src/sip/header-selection.ts';
import type { SipMessage, SipRequest } from '../../src/sip/message.ts';
import { parseNameAddress } from '../../src/sip/name-address.ts';
import type { ParseLimits } from '../../src/sip/parse-limits.ts';
import { serialise } from '../../src/sip/serialise.ts';
import { type Framed, StreamFramer } from '../../src/sip/stream-framer.ts';
import { parseSipUri, serialiseSipUri } from '../../src/sip/uri.ts';
import { parseVia, stampReceived } from '../../src/sip/via.ts';
import { readWholeMessage } from '../../src/sip/whole-message.ts';
import { parseMessage } from '../../src/testing/message-text.ts';
import { digestOf, framesOf, outcomeOf } from '../torture/judge-framing.ts';
import { tortureTable } from '../torture/torture-table.ts';
import type { Checked, PureTarget } from './pure-target.ts';
import type { RandomSource } from './random-source.ts';
import { nextSipInput, type Parties } from './sip-grammar.ts';

const parties: Parties = { from: 'alice@a.test', to: ['bob@b.test', '[2001:db8::1]', 'a.test'], domain: 'a.test' };
const sentBy = { transport: 'TLS', host: 'fe.a.test', port: 5061 } as const;
const longestByteByByte = 4096;

/** Framer, parser, header values, and what is written from what was read. */
export const sipTarget: PureTarget = {
  name: 'sip',
  corpus: 'sip',
  seeds: tortureTable.map(row => row.message),
  next: (random, seeds) => nextSipInput(random, parties, seeds),
  check: checkStream,
};

/** Feeds the bytes to framers whole and in pieces, and to the reader of datagrams, and looks into every message. */
function checkStream(input: string, random: RandomSource): Checked {
  const bytes = Buffer.from(input, 'latin1');
  const whole = framesOf([bytes]);
  const signature = whole.map(frame => signatureOf(frame)).join(' ');
  const problem = unequalCuts(bytes, whole, random) ?? unbounded(bytes) ?? firstProblem(whole) ?? datagramProblem(bytes);
  return { problem, signature };
}

function unequalCuts(bytes: Uint8Array, whole: readonly Framed[], random: RandomSource): string | undefined {
  const digest = digestOf(whole);
  const ways: (readonly Uint8Array[])[] = [cut(bytes, () => random.integer(bytes.length)), cut(bytes, () => random.length())];
  if (bytes.length <= longestByteByByte) ways.push(cut(bytes, () => 1));
  for (const chunks of ways) {
    const sizes = chunks.map(chunk => chunk.length).join(' ');
    if (digestOf(framesOf(chunks)) !== digest) return `another verdict when cut into ${sizes.slice(0, 200)}`;
  }
  return undefined;
}

function cut(bytes: Uint8Array, size: () => number): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + Math.max(1, size());
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** With small limits: what waits never exceeds them. */
function unbounded(bytes: Uint8Array): string | undefined {
  const limits: ParseLimits = { headBytes: 600, bodyBytes: 300, maxHeaders: 20 };
  const framer = new StreamFramer(limits);
  for (const chunk of cut(bytes, () => 64)) {
    framer.push(chunk);
    let framed = framer.next();
    while (framed.kind !== 'need-more' && !(framed.kind === 'bad' && framed.fatal)) {
      if (framed.kind === 'message') {
        const { head, body } = framed.message;
        if (body.length > limits.bodyBytes) return `a body of ${body.length} bytes`;
        // compact names are spelled out, so that a head may grow
        if (head.length > limits.headBytes + limits.maxHeaders * 32) return `a head of ${head.length} bytes`;
      }
      framed = framer.next();
    }
    if (framer.bufferedBytes > limits.headBytes + 2) return `${framer.bufferedBytes} bytes are kept waiting`;
  }
  return undefined;
}

function datagramProblem(bytes: Uint8Array): string | undefined {
  const framed = readWholeMessage(bytes);
  return framed.kind === 'need-more' ? 'a datagram waits for more' : firstProblem([framed]);
}

function firstProblem(frames: readonly Framed[]): string | undefined {
  for (const framed of frames) {
    const problem =
      framed.kind === 'message'
        ? messageProblem(framed.message)
        : framed.kind === 'bad'
          ? refusalProblem(framed.request)
          : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function messageProblem(message: SipMessage): string | undefined {
  const written = parseMessage(message.head, message.body);
  if (!written.ok) return `what was accepted is refused when written out: ${written.error.failure.text}`;
  if (!written.value.canonical) return 'what was written out is not canonical';
  if (!isDeepStrictEqual(written.value.headers(), message.headers())) return 'other headers after writing out';
  return valuesProblem(message) ?? (message.kind === 'request' ? requestProblem(message) : undefined);
}

/** Reads every value in every way: none may throw, and what was read and written has to be readable. */
function valuesProblem(message: SipMessage): string | undefined {
  for (const [name] of message.headers()) {
    if (message.get(name) === undefined) return `${name} is listed and not found`;
    for (const value of message.list(name)) {
      parseAuthentication(value);
      const address = parseNameAddress(value);
      const uri = address && parseSipUri(address.uri);
      if (uri?.ok && !parseSipUri(serialiseSipUri(uri.value)).ok) return `a URI in ${name} cannot be read any more when written`;
    }
  }
  if (parseNameAddress(message.get('From') ?? '') === undefined) return 'From was accepted and cannot be read';
  if (parseNameAddress(message.get('To') ?? '') === undefined) return 'To was accepted and cannot be read';
  if (parseVia(stampReceived(message.topVia, '192.0.2.1', 5061)) === undefined) return 'the Via cannot be read with received';
  return undefined;
}

const withoutRoute = selectHeaders(['Route']);

function requestProblem(request: SipRequest): string | undefined {
  // the pipelines let none of these through
  if (request.maxForwards === 0) return undefined;
  const forwarded = forwardRequest(request, sentBy, {
    remove: withoutRoute,
    append: [['P-Asserted-Identity', '<sip:a@a.test>']],
  });
  const [onward, ...more] = framesOf([serialise(forwarded.message)]);
  if (more.length > 0) return 'forwarded, it is several messages';
  if (onward?.kind !== 'message' || onward.message.kind !== 'request') return `forwarded, it is ${describe(onward)}`;
  const { message } = onward;
  if (!isDeepStrictEqual([...message.body], [...request.body])) return 'forwarded, its body is another';
  if (message.callId !== request.callId || message.fromTag !== request.fromTag || message.requestUri !== request.requestUri) {
    return 'forwarded, it is another request';
  }
  const [answer, ...rest] = framesOf([serialise(createResponse(request, 404))]);
  if (rest.length > 0) return 'its answer is several messages';
  if (answer?.kind !== 'message' || answer.message.kind !== 'response') return `its answer is ${describe(answer)}`;
  const same = answer.message.callId === request.callId && answer.message.cseq.number === request.cseq.number;
  return same && answer.message.topVia.branch === request.topVia.branch ? undefined : 'its answer belongs to another request';
}

/** The answer to a broken request may be broken in the same way, but it is one message. */
function refusalProblem(request: SipRequest | undefined): string | undefined {
  if (request === undefined) return undefined;
  const bytes = serialise(createResponse(request, 400));
  const frames = framesOf([bytes]);
  if (frames.length !== 1) return `the answer to a broken request is ${frames.length} messages`;
  const [answer] = frames;
  return answer?.kind === 'message' && answer.message.kind === 'request'
    ? 'the answer to a broken request is a request'
    : undefined;
}

function describe(framed: Framed | undefined): string {
  if (framed === undefined) return 'incomplete';
  return framed.kind === 'bad' ? `refused: ${framed.failure.text}` : framed.kind;
}

function signatureOf(framed: Framed): string {
  if (framed.kind === 'message') {
    const { message } = framed;
    const kind = message.kind === 'request' ? message.method : message.status;
    return `${kind}${message.canonical ? '' : '~'}${message.index.singles}`;
  }
  const text = framed.kind === 'bad' ? `${errorRegistry[framed.failure.code].severity} ${framed.failure.text.slice(0, 60)}` : '';
  return `${outcomeOf(framed)} ${text}`;
}
