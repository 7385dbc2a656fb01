import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { failure } from '../base/failure.ts';
import { err } from '../base/result.ts';
import { createAuthority } from '../certificates/issue.ts';
import type { ConfigurationDocument } from '../model/configuration-object.ts';
import { ReplicaClient } from './replica-client.ts';
import { documentOf, edgeFqdn, frontEndFqdn, ReplicationTestBed, type ShortObject, TestSource } from './replication-test-bed.ts';
import { type PusherOptions, SnapshotPusher } from './snapshot-pusher.ts';
import type { SnapshotReplica } from './snapshot-replica.ts';
import { createSnapshotKeyPem, readSigningKey } from './snapshot-signature.ts';

let bed: ReplicationTestBed;
before(async () => {
  bed = await ReplicationTestBed.create();
});
after(() => bed.close());

const waitMs = 10_000;
const a: ShortObject = ['CsAllowedDomain', 'a.example', 1];
const b: ShortObject = ['CsAllowedDomain', 'b.example', 2];

async function pusherTo(port: number, change: Partial<PusherOptions> = {}, objects: readonly ShortObject[] = [a]) {
  const source = new TestSource(documentOf(1, objects, port));
  const pusher = bed.keep(new SnapshotPusher(await bed.pusherOptions(source, change)));
  const push = (document: ConfigurationDocument) => {
    source.set(document);
    return pusher.waitForApplied(document.version, waitMs);
  };
  return { source, pusher, push, first: pusher.waitForApplied({ epoch: 1, number: 1 }, waitMs) };
}

function domains(replica: SnapshotReplica): string[] {
  return [...(replica.current?.tenants.values() ?? [])].flatMap(tenant => [...tenant.allowedDomains.keys()]).sort();
}

describe('replication over mutual TLS', () => {
  it('pushes a full snapshot, then deltas; the Edge restarts from disk with the Front End down', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder);
    const receiver = await bed.receiver(replica);
    const { pusher, push, first } = await pusherTo(receiver.port);
    assert.deepEqual(await first, { applied: 1, of: 1 });
    const kinds: string[] = [];
    const apply = replica.apply.bind(replica);
    replica.apply = envelope => {
      kinds.push(/"kind":"(full|delta)"/.exec(envelope)?.[1] ?? '');
      return apply(envelope);
    };
    assert.deepEqual(await push(documentOf(2, [a, b], receiver.port)), { applied: 1, of: 1 });
    assert.deepEqual(await push(documentOf(3, [b], receiver.port)), { applied: 1, of: 1 });
    assert.deepEqual(kinds, ['delta', 'delta']);
    assert.deepEqual(domains(replica), ['b.example']);
    const [status] = pusher.status();
    assert.deepEqual([status?.upToDate, status?.version?.number, status?.failure], [true, 3, undefined]);
    assert.equal(status?.report?.pid, process.pid);
    pusher.close();
    await receiver.close();
    assert.deepEqual(domains(await bed.replica(folder)), ['b.example']);
  });

  it('falls back to a full snapshot when the Edge has lost its state, and when asked to', async () => {
    const folder = bed.newFolder();
    const receiver = await bed.receiver(await bed.replica(folder));
    const { port } = receiver;
    const { pusher, push, first } = await pusherTo(port);
    await first;
    await receiver.close();
    rmSync(folder, { recursive: true });
    const replica = await bed.replica(folder);
    await bed.receiver(replica, { port });
    // The connection of before is gone: the first attempt may meet its end, the retry must succeed.
    await push(documentOf(2, [a, b], port));
    while (domains(replica).length < 2) await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(domains(replica), ['a.example', 'b.example']);
    const before = replica.installed?.hash;
    const changed = new Promise<void>(resolve => replica.onChanged(() => resolve()));
    assert.ok(pusher.invoke(edgeFqdn).ok);
    await changed;
    assert.notEqual(replica.installed?.hash, before);
    const unknown = pusher.invoke('other.test');
    assert.equal(unknown.ok ? '' : unknown.error.code, 'EDGE_NOT_IN_TOPOLOGY');
  });

  it('runs a probe on the Edge', async () => {
    const receiver = await bed.receiver(await bed.replica(bed.newFolder()));
    const { pusher, first } = await pusherTo(receiver.port);
    await first;
    assert.deepEqual(await pusher.probe(edgeFqdn, { kind: 'test' }), { ok: true, value: { echo: { kind: 'test' } } });
    const unknown = await pusher.probe('other.test', {});
    assert.equal(unknown.ok ? '' : unknown.error.code, 'EDGE_NOT_IN_TOPOLOGY');
  });

  it('does not wait for an Edge that failed, and says what failed', async () => {
    const rows: [string, () => Promise<Partial<PusherOptions> & { port?: number }>, string][] = [
      ['nobody listens', async () => ({ port: 1 }), 'EDGE_UNREACHABLE'],
      ['no address', async () => ({ addressOf: async () => err(failure('NAME_INVALID', { name: 'x' })) }), 'EDGE_UNREACHABLE'],
      ['another name', async () => ({ identity: await bed.identity(['other.contoso.test']) }), 'REPLICATION_CERTIFICATE'],
      ['another CA', async () => ({ identity: await strangerIdentity() }), 'REPLICATION_CERTIFICATE'],
      ['another signing key', async () => ({ signingKey: strangeKey }), 'REPLICATION_APPLY_FAILED'],
    ];
    const replica = await bed.replica(bed.newFolder());
    const receiver = await bed.receiver(replica);
    for (const [name, change, code] of rows) {
      const { port = receiver.port, ...options } = await change();
      const { pusher, first } = await pusherTo(port, options);
      assert.deepEqual(await first, { applied: 0, of: 1 }, name);
      const [status] = pusher.status();
      assert.equal(status?.failure?.code, code, name);
      assert.equal(status?.upToDate, false);
      pusher.close();
    }
    assert.equal(replica.current, undefined);
    assert.equal(receiver.status().lastRefusal?.code, 'SNAPSHOT_SIGNATURE_BAD');
  });

  it('refuses an Edge with another name or CA before anything is sent', async () => {
    const identities = [await bed.identity(['other.contoso.test']), await strangerIdentity([edgeFqdn])];
    for (const identity of identities) {
      const receiver = await bed.receiver(await bed.replica(bed.newFolder()), { identity });
      const { pusher, first } = await pusherTo(receiver.port);
      assert.deepEqual(await first, { applied: 0, of: 1 });
      assert.equal(pusher.status()[0]?.failure?.code, 'REPLICATION_CERTIFICATE');
      pusher.close();
    }
  });

  it('tells an Edge that answers nonsense from one that is not there', async () => {
    const { chainPem, keyPem } = await bed.identity([edgeFqdn]);
    const server = createServer({ cert: chainPem, key: keyPem }, (_request, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { pusher, first } = await pusherTo((server.address() as AddressInfo).port);
    assert.deepEqual(await first, { applied: 0, of: 1 });
    assert.equal(pusher.status()[0]?.failure?.code, 'REPLICATION_STATUS_MISSING');
    pusher.close();
    server.closeAllConnections();
    server.close();
  });
});

describe('replication port', () => {
  it('answers with a reason what it does not accept', async () => {
    const refused: string[] = [];
    const replica = await bed.replica(bed.newFolder());
    const receiver = await bed.receiver(replica, { maxSnapshotBytes: 1_000, onRefused: error => refused.push(error.code) });
    const options = await bed.pusherOptions(new TestSource(documentOf(1, [])));
    const client = bed.keep(new ReplicaClient({ fqdn: edgeFqdn, port: receiver.port }, options));
    const rows: ['GET' | 'POST', string, string | undefined, string][] = [
      ['GET', '/', undefined, 'REPLICATION_REQUEST_INVALID'],
      ['GET', '/v1/snapshot', undefined, 'REPLICATION_REQUEST_INVALID'],
      ['POST', '/v1/snapshot', 'x'.repeat(1_001), 'REPLICATION_BODY_TOO_LARGE'],
      ['POST', '/v1/snapshot', 'x', 'SNAPSHOT_SIGNATURE_BAD'],
      ['POST', '/v1/probe', '{', 'REPLICATION_REQUEST_INVALID'],
    ];
    for (const [method, path, body, code] of rows) {
      const answer = await client.send(method, path, body);
      assert.ok(answer.ok, answer.ok ? '' : answer.error.text);
      assert.equal(answer.value.kind === 'refused' ? answer.value.code : 'done', code, `${method} ${path}`);
    }
    assert.deepEqual(
      refused,
      rows.map(row => row[3]),
    );
    const status = await client.send('GET', '/v1/status');
    assert.ok(status.ok && status.value.kind === 'done');
    assert.equal((JSON.parse(status.value.text) as { fqdn: string }).fqdn, edgeFqdn);
  });

  it('is open to a Front End though others fill it: with sockets that say nothing, or that speak TLS without an enrolled name', async () => {
    const receiver = await bed.receiver(await bed.replica(bed.newFolder()));
    const stranger = await bed.identity(['other.contoso.test']);
    const opened = [
      ...Array.from({ length: 200 }, () => connect(receiver.port, '127.0.0.1')),
      ...Array.from({ length: 60 }, () =>
        connectTls({
          port: receiver.port,
          host: '127.0.0.1',
          cert: stranger.chainPem,
          key: stranger.keyPem,
          rejectUnauthorized: false,
        }),
      ),
    ];
    for (const socket of opened) socket.on('error', () => {});
    try {
      const { first, push } = await pusherTo(receiver.port);
      assert.deepEqual(await first, { applied: 1, of: 1 });
      const again = Array.from({ length: 200 }, () => connect(receiver.port, '127.0.0.1').on('error', () => {}));
      opened.push(...again);
      assert.deepEqual(
        await push(documentOf(2, [a, b], receiver.port)),
        { applied: 1, of: 1 },
        'its connection is not the one that gives way',
      );
      assert.equal(receiver.connectionLimit.taken > 0, true);
    } finally {
      for (const socket of opened) socket.destroy();
    }
  });

  it('asks for the allowed names anew: a Front End that joins the pool may talk at once', async () => {
    const allowed = new Set<string>();
    const receiver = await bed.receiver(await bed.replica(bed.newFolder()), { allowedNames: () => allowed });
    const options = await bed.pusherOptions(new TestSource(documentOf(1, [])));
    const client = bed.keep(new ReplicaClient({ fqdn: edgeFqdn, port: receiver.port }, options));
    const before = await client.send('GET', '/v1/status');
    assert.equal(before.ok ? '' : before.error.code, 'REPLICATION_CERTIFICATE');
    allowed.add(frontEndFqdn);
    assert.ok((await client.send('GET', '/v1/status')).ok);
  });
});

async function strangerIdentity(names: readonly string[] = [frontEndFqdn]) {
  return bed.identity(names, await createAuthority({ name: 'Another CA', validDays: 2 }));
}

const strange = readSigningKey(createSnapshotKeyPem());
function strangeKey() {
  return strange;
}
