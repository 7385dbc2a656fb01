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

test('the management API is on the network with a certificate, on loopback without one', () => {
  for (const host of ['127.0.0.1', '::1', 'localhost', undefined])
    assert.ok(parse({ api: { host, port: 8443, tokenFile: 't' } }).ok, host);
  const parsed = parse({ api: { host: '0.0.0.0', port: 8443, tokenFile: 't', tls: keyPair } });
  assert.ok(parsed.ok && parsed.value.role === 'frontend');
  assert.equal(parsed.value.api.tls?.keyFile, '/etc/parley/client-key.pem');
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
  [
    'management API without TLS on the network',
    { api: { host: '0.0.0.0', port: 8443, tokenFile: 't' } },
    /api.host: expected a loopback address, or api.tls with a certificateFile/,
  ],
  ['no process at all', { workers: 0 }, /workers/],
  ['more processes than can be told apart', { workers: 17 }, /workers/],
  ['no certificate', { webSocket: { port: 443 } }, /webSocket.certificateFile/],
  [
    'a page as origin',
    { webSocket: { port: 443, ...keyPair, allowedOrigins: ['https://chat.contoso.test/page'] } },
    /origin such as/,
  ],
  ['a name server by name', { nameServers: ['127.0.0.1:5353', 'ns.contoso.test'] }, /nameServers.1: expected an IP address/],
  ['a name server without a port', { nameServers: ['127.0.0.1:'] }, /nameServers.0/],
  ['a name server of IPv6 with a port and no brackets', { nameServers: ['[2001:db8::1]:53', '::1', 'g::1:53'] }, /nameServers.2/],
  ['a key that is not there', { trunk: {} }, /line \d+: trunk.port is missing\.$/],
  ['a port that is text', { trunk: { port: 'sip' } }, /trunk.port: expected a whole number from 1 to 65535\.$/],
  ['a port too high', { trunk: { port: 99_999 } }, /trunk.port: expected a whole number from 1 to 65535\.$/],
  ['a list as text', { nameServers: '127.0.0.1' }, /nameServers: expected a list\.$/],
  ['text as keys', { trunk: 'yes' }, /trunk: expected keys with values, set in below it\.$/],
  ['another word than those there are', { deployment: 'onprem' }, /deployment: expected on-premises or provider\.$/],
  ['a key like no other', { trunk: { port: 1, xyz: 1 } }, /unknown key "xyz" in trunk; there are host, port\.$/],
  ['no role', { role: undefined }, /role: expected frontend or edge/],
  ['a host with a space', { trunk: { host: 'a b', port: 1 } }, /trunk.host: expected an address or host name/],
  ['a path that is none', { dataFolder: 'a\u0000b' }, /dataFolder: expected a path/],
  ['a key of many lines', { [`a\nb${'c'.repeat(400)}`]: 1 }, /line \d+: unknown key "a\?bc{280,300}…\.$/],
  ['a name as origin', { webSocket: { port: 443, ...keyPair, allowedOrigins: ['chat.contoso.test'] } }, /allowedOrigins.0/],
];
for (const [what, more, detail] of wrong) {
  test(`refused: ${what}`, () => {
    const parsed = parse(more);
    assert.equal(parsed.ok ? undefined : parsed.error.code, 'CONFIGURATION_INVALID');
    assert.match(parsed.ok ? '' : parsed.error.text, detail);
  });
}

const unreadable: readonly [what: string, text: string, detail: RegExp][] = [
  ['an alias of nothing', 'role: *nobody', /line 1: not valid YAML: Unresolved alias.*nobody/],
  [
    'an alias of far too much',
    'a: &a [x,x]\n'.concat('bcdefgh'.replaceAll(/./g, k => `${k}: &${k} [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n`)),
    /line/,
  ],
  ['collections in collections', '['.repeat(1000), /line \d+/],
  ['a file that is no configuration', '#'.repeat(65_537), /line 1: the file has more than 65536 characters/],
  ['a tab', 'role: frontend\nclient:\n\tport: 1', /line 3/],
  ['the same key twice', 'role: edge\nrole: edge', /line 2: not valid YAML: Map keys must be unique/],
  ['a list', '- role: edge', /line 1/],
  ['nothing', '', /line 1/],
  ['two documents', 'role: edge\n---\nrole: edge', /line 2/],
];
for (const [what, text, detail] of unreadable) {
  test(`no YAML that can be used: ${what}`, () => {
    const parsed = parseConfiguration(text, '/etc/parley/server.yaml');
    assert.equal(parsed.ok ? undefined : parsed.error.code, 'CONFIGURATION_INVALID');
    assert.match(parsed.ok ? '' : parsed.error.text, detail);
  });
}
