import { createResponse } from '../src/sip/create-message.ts';
import { rewriteRequest } from '../src/sip/rewrite.ts';
import { serialise } from '../src/sip/serialise.ts';
import { StreamFramer } from '../src/sip/stream-framer.ts';
import { formatVia } from '../src/sip/via.ts';

/** CPU time per message of framing, parsing, rewriting and serialising. */

const body =
  'Hello, this is a text of about the length that people send to each other in a chat, and a second sentence, so that the whole message has the seven hundred bytes of a usual one.';
const message = Buffer.from(
  [
    'MESSAGE sip:bob@fabrikam.test SIP/2.0',
    'Via: SIP/2.0/TLS 192.0.2.17:50123;branch=z9hG4bK.Qc4VwTz1s;rport;alias',
    'From: "Alice Example" <sip:alice@contoso.test>;tag=KDm2bXwp9',
    'To: <sip:bob@fabrikam.test>',
    'CSeq: 20 MESSAGE',
    'Call-ID: n0Yr3mXoQk-8f14e45f@192.0.2.17',
    'Max-Forwards: 70',
    'Supported: replaces, outbound, gruu, path',
    'Date: Sun, 22 Nov 2026 10:11:12 GMT',
    'Content-Type: text/plain;charset=UTF-8',
    `Content-Length: ${body.length}`,
    'User-Agent: Linphonec/5.1.65 (belle-sip/5.2.0)',
    'P-Asserted-Identity: <sip:alice@contoso.test>',
    '',
    body,
  ].join('\r\n'),
  'latin1',
);

type Work = (chunk: Uint8Array) => number;

const frameOnly: Work = chunk => {
  const framer = new StreamFramer();
  framer.push(chunk);
  return framer.next().kind.length;
};

const framer = new StreamFramer();

const frameAndParse: Work = chunk => {
  framer.push(chunk);
  const framed = framer.next();
  if (framed.kind !== 'message') throw new Error(framed.kind);
  return framed.message.callId.length + (framed.message.topVia.branch?.length ?? 0);
};

const relay: Work = chunk => {
  framer.push(chunk);
  const framed = framer.next();
  if (framed.kind !== 'message' || framed.message.kind !== 'request') throw new Error(framed.kind);
  const request = framed.message;
  const outgoing = rewriteRequest(request, {
    prepend: [
      ['Via', formatVia({ transport: 'TLS', host: 'fe1.contoso.test', port: 5061, branch: `z9hG4bK${request.cseq.number}` })],
    ],
    maxForwards: (request.maxForwards ?? 70) - 1,
  });
  return serialise(outgoing).length;
};

const answer: Work = chunk => {
  framer.push(chunk);
  const framed = framer.next();
  if (framed.kind !== 'message' || framed.message.kind !== 'request') throw new Error(framed.kind);
  return serialise(createResponse(framed.message, 200, { toTag: 'a1b2c3d4' })).length;
};

const rounds = 200_000;
for (const [name, work] of [
  ['new framer, frame and parse', frameOnly],
  ['frame and parse', frameAndParse],
  ['frame, parse, push Via, Max-Forwards, serialise', relay],
  ['frame, parse, answer 200, serialise', answer],
] as const) {
  for (let i = 0; i < 20_000; i++) work(message);
  const results: number[] = [];
  for (let run = 0; run < 5; run++) {
    const start = process.cpuUsage();
    for (let i = 0; i < rounds; i++) work(message);
    const used = process.cpuUsage(start);
    results.push((used.user + used.system) / rounds);
  }
  results.sort((a, b) => a - b);
  console.log(`${name.padEnd(50)} ${(results[2] as number).toFixed(2)} µs CPU per message of ${message.length} bytes`);
}
