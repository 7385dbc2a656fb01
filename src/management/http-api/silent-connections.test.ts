import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { startApi } from '../../testing/api-fixture.ts';
import { type ManagementFixture, openManagement } from '../../testing/management-fixture.ts';
import { ConnectionShare } from '../../wire/connection-share.ts';
import { createHttpServer } from './http-server.ts';
import type { ManagementApi } from './management-api.ts';

const silent = 300;

let fixture: ManagementFixture;
let api: ManagementApi;
const sockets: Socket[] = [];

before(async () => {
  fixture = await openManagement();
  api = await startApi(fixture.management);
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  await api.close();
  await fixture.close();
});

async function openSilent(count: number, port: number, localAddress: (i: number) => string): Promise<Socket[]> {
  const opened = Array.from({ length: count }, (_, i) => connect({ host: '127.0.0.1', port, localAddress: localAddress(i) }));
  for (const socket of opened) socket.on('error', () => undefined).resume();
  sockets.push(...opened);
  await Promise.all(opened.map(socket => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
  return opened;
}

function status(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer the-token' };
    request(`${api.url}/api/v1/CsTenant`, { headers, agent: false }, response => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

const places: readonly [string, (i: number) => string][] = [
  ['the same address', () => '127.0.0.1'],
  ['another address', () => '127.0.0.9'],
  ['an address each', i => `127.0.1.${(i % 250) + 1}`],
];
for (const [from, localAddress] of places) {
  test(`${silent} silent connections from ${from}: who has a token is answered, again and again`, async () => {
    const opened = await openSilent(silent, Number(new URL(api.url).port), localAddress);
    for (let i = 0; i < 5; i++) assert.equal(await status(), 200);
    const isOpen = (socket: Socket) => !socket.destroyed;
    while (opened.filter(isOpen).length > 128) await new Promise(resolve => setImmediate(resolve));
  });
}

test('a connection that has shown a token stays while silent ones come and go', async () => {
  const port = Number(new URL(api.url).port);
  const [known] = (await openSilent(1, port, () => '127.0.0.1')) as [Socket];
  const ask = async () => {
    known.write('GET /api/v1/CsTenant HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer the-token\r\n\r\n');
    return String(await once(known, 'data')).slice(0, 15);
  };
  assert.equal(await ask(), 'HTTP/1.1 200 OK');
  await openSilent(silent, port, () => '127.0.0.1');
  assert.equal(await ask(), 'HTTP/1.1 200 OK');
});

test('who sends no request, or half of one, is told so and closed; every count returns to zero', async () => {
  const share = new ConnectionShare({ strangersPerSource: 8, strangers: 8, known: 8 });
  const patience = { headersMs: 200, requestMs: 400, keepAliveMs: 200, checkMs: 50 };
  const server = createHttpServer((_request, response) => response.end('{}'), { share, patience });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const beginnings = [
    '',
    'GET / HTTP/1.1\r\nHost: x\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  const opened = await openSilent(beginnings.length, port, () => '127.0.0.1');
  await Promise.all(
    opened.map(async (socket, i) => {
      socket.write(beginnings[i] as string);
      await once(socket, 'close');
    }),
  );
  server.close();
  await once(server, 'close');
  // the last socket says so after the server does
  while (share.connections > 0) await new Promise(resolve => setImmediate(resolve));
});
