import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '../../base/clock.ts';
import { FailureError } from '../../base/failure.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { PostgresCluster, postgresMissing, type ShutdownMode } from '../../testing/postgres-cluster.ts';
import type { Store, StoreHint } from '../store.ts';
import { addUser, allow, binding, codeOf, commit, mustCommit } from '../suite/samples.ts';
import { openPostgresStore } from './postgres-store.ts';

let cluster: PostgresCluster;
let databases = 0;

async function mustOpen(url: string, clock: Clock = systemClock): Promise<Store> {
  const store = await openPostgresStore({ url, clock });
  assert.ok(store.ok, store.ok ? '' : store.error.text);
  return store.value;
}

/** Resolves with the first hint of that kind. */
function nextHint(store: Store, kind: StoreHint['kind']): Promise<StoreHint> {
  return new Promise(resolve => {
    const stop = store.onHint(hint => {
      if (hint.kind !== kind) return;
      stop();
      resolve(hint);
    });
  });
}

/** Repeats until it succeeds; the runner's time limit ends it. */
async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const result = await attempt().catch(error => {
      if (!(error instanceof FailureError)) throw error;
      return undefined;
    });
    if (result !== undefined) return result;
    await pause(20);
  }
}

const feedBackend = "from pg_stat_activity where application_name = 'parley change feed' and datname = current_database()";

describe('PostgreSQL goes away', { skip: postgresMissing(), timeout: 100_000 }, () => {
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(() => cluster?.remove());

  for (const mode of ['immediate', 'fast'] satisfies ShutdownMode[]) {
    it(`${mode} shutdown in the middle of changes: nothing acknowledged is lost, nothing is half there, the store heals`, () =>
      outage(mode));
  }
  it('a change whose commit broke is reported as unknown, and hinted at', unknownOutcome);
  it('the feed alone is lost: it comes back and says that hints may be missing', feedLost);
  it('a connection gone silent is found by the heartbeat', silentConnection);
  it('a change nobody was told of is found by the heartbeat', untoldChange);
});

async function outage(mode: ShutdownMode): Promise<void> {
  const store = await mustOpen(cluster.createDatabase(`outage${databases++}`));
  const acknowledged: string[] = [];
  const refused = new Set<string>();
  let stopping: Promise<void> | undefined;
  for (let i = 0; refused.size === 0 || i < 60; i++) {
    if (i === 40) stopping = pause(5).then(() => cluster.stopServer(mode));
    const identity = `d${i}.example`;
    const basedOn = { epoch: 1, number: acknowledged.length };
    const [result] = await Promise.all([
      commit(store, { basedOn, objects: [allow(identity, null)], users: [addUser(i)] }),
      store.writeBindings([binding()], []),
    ]);
    if (result.ok) acknowledged.push(identity);
    else refused.add(result.error.code);
  }
  await stopping;
  for (const code of refused) assert.match(code, /^STORE_(UNAVAILABLE|OUTCOME_UNKNOWN)$/);
  const basedOn = { epoch: 1, number: acknowledged.length };
  assert.equal(codeOf(await commit(store, { basedOn, objects: [allow('down.example', null)] })), 'STORE_UNAVAILABLE');
  assert.equal(codeOf(await store.writeBindings([binding()], [])), 'STORE_UNAVAILABLE');
  await assert.rejects(store.readConfiguration(), (error: unknown) => {
    assert.ok(error instanceof FailureError);
    return error.failure.code === 'STORE_UNAVAILABLE';
  });

  const resync = nextHint(store, 'resync');
  await cluster.startServer();
  const { version, objects } = await eventually(() => store.readConfiguration());
  await resync;
  const users = await store.readUsers();
  const kept = new Set(objects.map(object => object.identity));
  for (const identity of acknowledged) assert.ok(kept.has(identity), identity);
  assert.ok(!kept.has('down.example'));
  assert.equal(objects.length, version.number, 'every revision has its object');
  assert.equal(users.length, version.number, 'and its user');
  assert.ok(version.number - acknowledged.length <= (refused.has('STORE_OUTCOME_UNKNOWN') ? 1 : 0));
  assert.equal((await store.readRevisions(1))[0]?.number, version.number);
  await mustCommit(store, { objects: [allow('up.example', null)] });
  assert.equal(codeOf(await store.writeBindings([binding()], [])), 'ok');
  await store.close();
}

/** A connection to the server that a test can cut or hold up. */
class Passage {
  readonly url: string;
  readonly #server: Server;
  readonly #pairs: (readonly [Socket, Socket])[] = [];
  /** Told what a client sends; true = cut here, before it is passed on or after. */
  onSent: (bytes: Buffer) => 'pass' | 'pass and cut' = () => 'pass';

  private constructor(server: Server, database: string) {
    this.#server = server;
    const { port } = server.address() as { port: number };
    this.url = cluster.url(database).replace(`:${cluster.port}/`, `:${port}/`);
    server.on('connection', client => this.#join(client));
  }

  static async open(database: string): Promise<Passage> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Passage(server, database);
  }

  /** What is connected now stays connected and hears nothing any more. */
  silence(): void {
    for (const [client, server] of this.#pairs) {
      server.removeAllListeners('data');
      client.removeAllListeners('data');
    }
  }

  close(): void {
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  #join(client: Socket): void {
    const server = connect(cluster.port, '127.0.0.1');
    this.#pairs.push([client, server]);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    server.on('data', bytes => client.write(bytes));
    client.on('data', bytes => {
      const cut = this.onSent(bytes) === 'pass and cut';
      if (cut) server.removeAllListeners('data');
      server.write(bytes);
      if (cut) server.once('data', () => client.destroy());
    });
  }
}

async function unknownOutcome(): Promise<void> {
  const database = `unknown${databases++}`;
  cluster.createDatabase(database);
  const passage = await Passage.open(database);
  const store = await mustOpen(passage.url);
  const basedOn = { epoch: 1, number: 0 };
  const hinted = nextHint(store, 'configuration');
  // The server commits and its answer is lost: only the commit itself carries this word.
  passage.onSent = bytes => (bytes.includes('commit\0') ? 'pass and cut' : 'pass');
  const result = await commit(store, { basedOn, objects: [allow('a.example', null)] });
  assert.equal(codeOf(result), 'STORE_OUTCOME_UNKNOWN');
  await hinted;
  passage.onSent = () => 'pass';
  const { objects } = await eventually(() => store.readConfiguration());
  assert.equal(objects.length, 1);
  assert.equal(codeOf(await commit(store, { basedOn, objects: [allow('a.example', null)] })), 'STORE_CONFLICT');
  await store.close();
  passage.close();
}

async function feedLost(): Promise<void> {
  const database = `feed${databases++}`;
  const url = cluster.createDatabase(database);
  const [one, other] = [await mustOpen(url), await mustOpen(url)];
  const resyncs = [nextHint(one, 'resync'), nextHint(other, 'resync')];
  cluster.sql(database, `select pg_terminate_backend(pid) ${feedBackend}`);
  await mustCommit(one, { objects: [allow('meanwhile.example', null)] });
  await Promise.all(resyncs);
  const heard = nextHint(other, 'users');
  await mustCommit(one, { users: [addUser(1)] });
  await heard;
  await Promise.all([one.close(), other.close()]);
}

/** Lets what is under way over the network come to its end, as far as that shows in answers to others. */
async function settle(store: Store): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await store.readRevisions(1);
    // the feed's own connection answers in its own time, which no other query of ours tells
    await pause(20);
  }
}

async function silentConnection(): Promise<void> {
  const database = `silent${databases++}`;
  cluster.createDatabase(database);
  const passage = await Passage.open(database);
  const clock = new FakeClock();
  const store = await mustOpen(passage.url, clock);
  const before = cluster.sql(database, `select pid ${feedBackend}`);
  passage.silence();
  const hints: StoreHint[] = [];
  store.onHint(hint => hints.push(hint));
  for (let i = 0; i < 3; i++) clock.advance(5_000);
  // The retry waits for this clock too.
  while (hints.length === 0) {
    clock.advance(100);
    await pause(5);
  }
  assert.deepEqual(hints, [{ kind: 'resync' }]);
  assert.notEqual(cluster.sql(database, `select pid ${feedBackend} order by backend_start desc limit 1`), before);
  const writer = await mustOpen(cluster.url(database));
  const heard = nextHint(store, 'users');
  await mustCommit(writer, { users: [addUser(1)] });
  await heard;
  await writer.close();
  passage.close();
  await store.close();
}

async function untoldChange(): Promise<void> {
  const database = `untold${databases++}`;
  const clock = new FakeClock();
  const store = await mustOpen(cluster.createDatabase(database), clock);
  const before = cluster.sql(database, `select pid ${feedBackend}`);
  const hints: StoreHint[] = [];
  store.onHint(hint => hints.push(hint));
  clock.advance(5_000);
  await settle(store);
  cluster.sql(database, 'update store_state set revision = revision + 1');
  clock.advance(5_000);
  await settle(store);
  assert.deepEqual(hints, [], 'its message may still be on the way');
  // a loaded machine may answer a beat after the next one was due
  for (let beats = 0; beats < 20 && hints.length === 0; beats++) {
    clock.advance(5_000);
    await settle(store);
  }
  assert.deepEqual(hints, [{ kind: 'resync' }]);
  assert.equal(cluster.sql(database, `select pid ${feedBackend}`), before, 'the connection was sound');
  clock.advance(5_000);
  await settle(store);
  assert.equal(hints.length, 1);
  await store.close();
}
