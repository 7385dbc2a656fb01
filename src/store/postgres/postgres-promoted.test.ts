import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { PostgresCluster, postgresMissing } from '../../testing/postgres-cluster.ts';
import type { OpenedStore } from '../store.ts';
import { allow, mustCommit } from '../suite/samples.ts';
import { openPostgresStore } from './postgres-store.ts';

const open: { remove(): Promise<void> }[] = [];
after(async () => {
  for (const cluster of open) await cluster.remove();
});

async function until(what: string, look: () => unknown): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (await look()) return;
    await delay(50);
  }
  assert.fail(`not in time: ${what}`);
}

/** A port that leads to the server that is meant now, as the name of a service does. */
async function service(t: { after(f: () => void): void }) {
  let port = 0;
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, lead: (to: number) => void (port = to) };
}

async function mustOpen(url: string): Promise<OpenedStore> {
  const opened = await openPostgresStore({ url, clock: systemClock, poolSize: 2 });
  assert.ok(opened.ok, opened.ok ? '' : opened.error.text);
  return opened.value;
}

const identities = async (store: OpenedStore) => (await store.readConfiguration()).objects.map(({ identity }) => identity);

test('a standby that is promoted without the last changes begins a new epoch', { skip: postgresMissing() }, async t => {
  const primary = await PostgresCluster.start();
  open.push(primary);
  const address = new URL(primary.createDatabase('parley'));
  const front = await service(t);
  front.lead(primary.port);
  address.port = String(front.port);
  const store = await mustOpen(address.href);
  t.after(() => store.close());
  await mustCommit(store, { objects: [allow('kept.example', null)] });
  const standby = await PostgresCluster.standbyOf(primary);
  open.push(standby);
  const { version: before } = await store.readConfiguration();
  await standby.stopServer('fast');
  await mustCommit(store, { objects: [allow('lost.example', null)] });
  const lost = await store.readConfiguration();
  assert.deepEqual([before.epoch, lost.version.epoch], [1, 1], 'one server has one epoch');

  const hints: string[] = [];
  store.onHint(hint => hints.push(hint.kind));
  await primary.stopServer('immediate');
  await standby.startServer();
  standby.promote();
  front.lead(standby.port);
  await until('everything to be read again', () => hints.includes('resync'));
  const now = await store.readConfiguration();
  assert.ok(now.version.epoch > lost.version.epoch, `${now.version.epoch}`);
  assert.deepEqual(await identities(store), ['kept.example']);
  assert.match((await store.readRevisions(1))[0]?.summary ?? '', /promoted \(timeline 00000001, now 00000002\)/);

  const again = await mustOpen(address.href);
  t.after(() => again.close());
  assert.deepEqual((await again.readConfiguration()).version, now.version, 'once for each promotion');
  const next = await mustCommit(again, { objects: [allow('next.example', null)] });
  assert.equal(next.configuration.epoch, now.version.epoch);
});

test('a server whose timeline has a lower number is another one all the same', { skip: postgresMissing() }, async t => {
  const cluster = await PostgresCluster.start();
  open.push(cluster);
  const url = cluster.createDatabase('parley');
  const before = await mustOpen(url);
  await mustCommit(before, { objects: [allow('kept.example', null)] });
  const { version } = await before.readConfiguration();
  await before.close();
  // as a dump of a server that was promoted twice brings it to a new one
  cluster.sql('parley', "update store_state set timeline = '00000003'");
  const store = await mustOpen(url);
  t.after(() => store.close());
  assert.ok((await store.readConfiguration()).version.epoch > version.epoch);
  assert.match((await store.readRevisions(1))[0]?.summary ?? '', /is another server \(timeline 00000003, now 00000001\)/);
});
