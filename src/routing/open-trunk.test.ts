import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err } from '../base/result.ts';
import type { AddressAnswer, FederationResolver } from '../resolve/dns-answer.ts';
import { trunkOpener } from './open-trunk.ts';

test('of many addresses a few are tried', async () => {
  const sockets: Socket[] = [];
  const from = new Set<string>();
  const server = createServer(socket => {
    sockets.push(socket);
    from.add(socket.localAddress ?? '');
    socket.on('error', () => {});
    socket.destroy();
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const records = Array.from({ length: 30 }, (_, i) => ({ address: `127.0.1.${i + 1}`, family: 4 as const }));
  const addresses = async (): Promise<AddressAnswer> => ({ kind: 'found', records });
  const open = trunkOpener({
    clock: systemClock,
    resolver: { addresses } as unknown as FederationResolver,
    identity: () => ({ cert: '', key: '' }),
    verifier: { verify: () => err(failure('CERTIFICATE_MISSING')) },
    handler: { onMessage() {}, onBad() {}, onClosed() {} },
  });
  const opened = await open({ host: 'sip.fabrikam.test', port });
  assert.equal(opened.ok, false);
  assert.deepEqual([...from], ['127.0.1.1', '127.0.1.2', '127.0.1.3', '127.0.1.4']);
  server.close();
});
