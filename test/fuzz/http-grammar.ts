import { chunked, httpPieces } from './http-pieces.ts';
import { mutate } from './mutate.ts';
import type { RandomSource } from './random-source.ts';

const paths = ['/v1/status', '/v1/snapshot', '/v1/probe', '/v1/', '/', '*', 'http://a.test/v1/status', '/v1/status?x=%00'];
const words: readonly string[] = [
  ...httpPieces,
  ...['true', '1e999', '-0', '"__proto__":{}', '['.repeat(5000), '{"a":'.repeat(2000)],
  ...['Upgrade: websocket\r\n', 'Connection: close\r\n'],
  ...['"kind":"full"', '"kind":"delta"', '"epoch":9007199254740993', '"number":-1', '"srv"', '"connect"', '"127.0.0.1"'],
];
const version = '{"epoch":1,"number":7}';
const full = `{"kind":"full","projection":"edge","recipient":"edge-int.contoso.test","version":${version},"parentHash":null,"createdAtMs":1,"objects":[]}`;
const delta = `{"kind":"delta","projection":"edge","recipient":"edge-int.contoso.test","version":${version},"parentHash":"00","createdAtMs":1,"changed":[],"removed":[]}`;
const bodies = [
  '',
  full,
  delta,
  `{"key":"1","signature":"00","text":${JSON.stringify(full)}}`,
  `{"keyId":"1","signature":"AA==","payload":${JSON.stringify(delta)}}`,
  '{"kind":"federation-srv","domain":"a.example"}',
  '{"kind":"own-srv","domain":"contoso.test","edgeFqdn":"sip.contoso.test"}',
  '{"kind":"peer-certificate","host":"sip.contoso.test","port":1,"expected":["sip.contoso.test"]}',
  '[]',
  'null',
  '"text"',
];

/** A request to the replication port, or what became of one. */
export function nextHttpInput(random: RandomSource, seeds: readonly string[]): string {
  const base = seeds.length > 0 && random.once(3) ? random.pick(seeds) : generateRequest(random);
  return random.once(5) ? base : mutate(random, base, words, seeds.length > 0 ? seeds : [base]);
}

function generateRequest(random: RandomSource): string {
  const body = random.pick(bodies);
  const method = random.pick(['GET', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS']);
  const framing = random.once(4) ? chunked(body) : `Content-Length: ${body.length}\r\n\r\n${body}`;
  return `${method} ${random.pick(paths)} HTTP/1.1\r\nHost: edge-int.contoso.test\r\nContent-Type: application/json\r\n${framing}`;
}
