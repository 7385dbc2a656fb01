import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { parseConfiguration } from './configuration-file.ts';

const keyPair = { certificateFile: 'client.pem', keyFile: 'client-key.pem' };
const frontEnd = {
  role: 'frontend',
  name: 'fe1.contoso.test',
  pool: 'fe.contoso.test',
  dataFolder: 'data',
  internal: { certificateFile: 'internal.pem', keyFile: 'internal-key.pem', authorityFile: 'ca.pem' },
  client: { port: 5061, ...keyPair },
  trunk: { port: 5065 },
  api: { port: 8080, tokenFile: 'api-token' },
};

function parse(more: object) {
  return parseConfiguration(stringify({ ...frontEnd, ...more }), '/etc/parley/server.yaml');
}

test('listeners for WebSocket are optional; paths are absolute, and any origin may connect where none is named', () => {
  const without = parse({});
  assert.ok(without.ok && without.value.role === 'frontend');
  assert.deepEqual([without.value.webSocket, without.value.plainWebSocket], [undefined, undefined]);
  const both = parse({ webSocket: { port: 443, ...keyPair }, plainWebSocket: { host: '127.0.0.11', port: 8081 } });
  assert.ok(both.ok && both.value.role === 'frontend');
  assert.deepEqual(both.value.webSocket, {
    host: '0.0.0.0',
    port: 443,
    certificateFile: '/etc/parley/client.pem',
    keyFile: '/etc/parley/client-key.pem',
    allowedOrigins: [],
  });
  assert.deepEqual(both.value.plainWebSocket?.allowedOrigins, []);
});

test('one process unless more are asked for', () => {
  for (const [more, workers] of [
    [{}, 1],
    [{ workers: 2 }, 2],
  ] as const) {
    const parsed = parse(more);
    assert.equal(parsed.ok && parsed.value.role === 'frontend' ? parsed.value.workers : undefined, workers);
  }
});

const wrong: readonly [what: string, more: object, detail: RegExp][] = [
  [
    'plain WebSocket on the network',
    { plainWebSocket: { host: '192.0.2.1', port: 80 } },
    /plainWebSocket.host: expected a loopback/,
  ],
  ['plain SIP on the network', { plainClient: { host: '0.0.0.0', port: 5060 } }, /plainClient.host: expected a loopback/],
  ['no process at all', { workers: 0 }, /workers/],
  ['more processes than can be told apart', { workers: 17 }, /workers/],
  ['no certificate', { webSocket: { port: 443 } }, /webSocket.certificateFile/],
  [
    'a page as origin',
    { webSocket: { port: 443, ...keyPair, allowedOrigins: ['https://chat.contoso.test/page'] } },
    /origin such as/,
  ],
  ['a name as origin', { webSocket: { port: 443, ...keyPair, allowedOrigins: ['chat.contoso.test'] } }, /allowedOrigins.0/],
];
for (const [what, more, detail] of wrong) {
  test(`refused: ${what}`, () => {
    const parsed = parse(more);
    assert.equal(parsed.ok ? undefined : parsed.error.code, 'CONFIGURATION_INVALID');
    assert.match(parsed.ok ? '' : parsed.error.text, detail);
  });
}
