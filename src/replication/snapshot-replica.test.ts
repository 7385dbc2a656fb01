import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ConfigurationDocument } from '../model/configuration-object.ts';
import { ProjectedState } from './projected-state.ts';
import { documentOf, edgeFqdn, ReplicationTestBed } from './replication-test-bed.ts';
import { writeDeltaSnapshot, writeFullSnapshot } from './snapshot.ts';
import type { SnapshotReplica } from './snapshot-replica.ts';
import { createSnapshotKeyPem, readSigningKey, sealSnapshot } from './snapshot-signature.ts';

let bed: ReplicationTestBed;
before(async () => {
  bed = await ReplicationTestBed.create();
});
after(() => bed.close());

function full(document: ConfigurationDocument, recipient = edgeFqdn, key = bed.signingKey): { envelope: string; hash: string } {
  return sealSnapshot(writeFullSnapshot(ProjectedState.of(document, 'edge'), recipient, null, 1), key);
}

function delta(from: ConfigurationDocument, to: ConfigurationDocument, parentHash: string): { envelope: string; hash: string } {
  const difference = ProjectedState.of(to, 'edge').differenceFrom(ProjectedState.of(from, 'edge'));
  assert.ok(difference);
  const frame = { projection: 'edge', recipient: edgeFqdn, version: to.version, parentHash, createdAtMs: 2 } as const;
  return sealSnapshot(writeDeltaSnapshot({ ...frame, ...difference }), bed.signingKey);
}

async function mustApply(replica: SnapshotReplica, { envelope, hash }: { envelope: string; hash: string }): Promise<void> {
  const applied = await replica.apply(envelope);
  assert.ok(applied.ok, applied.ok ? '' : applied.error.text);
  assert.equal(applied.value.hash, hash);
}

function domains(replica: SnapshotReplica): string[] {
  return [...(replica.current?.tenants.values() ?? [])].flatMap(tenant => [...tenant.allowedDomains.keys()]).sort();
}

const first = documentOf(1, [['CsAllowedDomain', 'a.example', 1]]);
const second = documentOf(2, [
  ['CsAllowedDomain', 'a.example', 1],
  ['CsAllowedDomain', 'b.example', 2],
]);
const third = documentOf(3, [['CsAllowedDomain', 'b.example', 2]]);

describe('snapshot replica', () => {
  it('is empty before the first snapshot and starts again from disk afterwards', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder);
    assert.equal(replica.current, undefined);
    const seen: number[] = [];
    replica.onChanged(current => seen.push(current.version.number));
    const base = full(first);
    await mustApply(replica, base);
    const step = delta(first, second, base.hash);
    await mustApply(replica, step);
    await mustApply(replica, delta(second, third, step.hash));
    assert.deepEqual(seen, [1, 2, 3]);
    const restarted = await bed.replica(folder);
    assert.deepEqual(domains(restarted), ['b.example']);
    assert.deepEqual(restarted.installed?.version, third.version);
    assert.equal(restarted.installed?.hash, replica.installed?.hash);
    assert.equal(restarted.lastRefusal, undefined);
    const fourth = documentOf(4, [
      ['CsAllowedDomain', 'a.example', 4],
      ['CsAllowedDomain', 'b.example', 2],
    ]);
    await mustApply(restarted, delta(third, fourth, restarted.installed?.hash ?? ''));
    assert.deepEqual(domains(restarted), ['a.example', 'b.example']);
    assert.deepEqual(domains(await bed.replica(folder)), ['a.example', 'b.example']);
    assert.deepEqual(
      readdirSync(folder).filter(name => name.endsWith('.new')),
      [],
    );
  });

  it('refuses and remembers a bad signature, an older state, another recipient, an earlier epoch', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder, { minEpoch: 1 });
    await mustApply(replica, full(second));
    const restored = documentOf(1, [['CsAllowedDomain', 'r.example', 1]], 4443, 2);
    const rows: [string, string][] = [
      [full(third, edgeFqdn, readSigningKey(createSnapshotKeyPem())).envelope, 'SNAPSHOT_SIGNATURE_BAD'],
      [full(third).envelope.replace('b.example', 'x.example'), 'SNAPSHOT_SIGNATURE_BAD'],
      [full(first).envelope, 'SNAPSHOT_OLDER'],
      [full(third, 'edge2.contoso.test').envelope, 'SNAPSHOT_WRONG_RECIPIENT'],
      [sealSnapshot('{}', bed.signingKey).envelope, 'SNAPSHOT_UNREADABLE'],
    ];
    for (const [envelope, code] of rows) {
      const applied = await replica.apply(envelope);
      assert.equal(applied.ok ? 'ok' : applied.error.code, code);
      assert.equal(replica.lastRefusal?.code, code);
      assert.deepEqual(domains(replica), ['a.example', 'b.example']);
    }
    await mustApply(replica, full(restored));
    assert.equal((await replica.apply(full(third).envelope)).ok, false, 'a higher number of an earlier epoch is older');
    assert.deepEqual(replica.lastRefusal?.version, { epoch: 1, number: 3 });
    assert.deepEqual(domains(await bed.replica(folder)), ['r.example']);
    const enrolledLater = await bed.replica(bed.newFolder(), { minEpoch: 2 });
    assert.equal((await enrolledLater.apply(full(third).envelope)).ok, false);
  });

  it('takes a delta on its parent only, and does not count asking for a full one as refusal', async () => {
    const replica = await bed.replica(bed.newFolder());
    const base = full(first);
    const lone = await replica.apply(delta(first, second, base.hash).envelope);
    assert.equal(lone.ok ? 'ok' : lone.error.code, 'SNAPSHOT_PARENT_UNKNOWN');
    await mustApply(replica, base);
    const wrong = await replica.apply(delta(first, second, 'f'.repeat(64)).envelope);
    assert.equal(wrong.ok ? 'ok' : wrong.error.code, 'SNAPSHOT_PARENT_UNKNOWN');
    assert.equal(replica.lastRefusal, undefined);
  });

  it('ignores deltas that a crash left beside a newer full snapshot', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder);
    const base = full(first);
    await mustApply(replica, base);
    const step = delta(first, second, base.hash);
    await mustApply(replica, step);
    const leftOver = readFileSync(join(folder, 'delta-000000'));
    await mustApply(replica, full(third));
    assert.equal(existsSync(join(folder, 'delta-000000')), false);
    writeFileSync(join(folder, 'delta-000000'), leftOver);
    const restarted = await bed.replica(folder);
    assert.deepEqual(domains(restarted), ['b.example']);
    assert.equal(restarted.lastRefusal, undefined);
  });

  it('a changed file on disk is refused and reported at the start; the next push repairs it', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder);
    await mustApply(replica, full(first));
    const file = join(folder, 'snapshot');
    writeFileSync(file, readFileSync(file, 'utf8').replace('a.example', 'evil.example'));
    const restarted = await bed.replica(folder);
    assert.equal(restarted.current, undefined);
    assert.equal(restarted.lastRefusal?.code, 'SNAPSHOT_SIGNATURE_BAD');
    await mustApply(restarted, full(second));
    assert.deepEqual(domains(await bed.replica(folder)), ['a.example', 'b.example']);
  });

  it('a damaged delta leaves the state before it', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder);
    const base = full(first);
    await mustApply(replica, base);
    await mustApply(replica, delta(first, second, base.hash));
    writeFileSync(join(folder, 'delta-000000'), 'garbage');
    const restarted = await bed.replica(folder);
    assert.deepEqual(domains(restarted), ['a.example']);
    assert.equal(restarted.lastRefusal?.code, 'SNAPSHOT_SIGNATURE_BAD');
  });

  it('keeps running on the old state when the new one cannot be written', async () => {
    const folder = bed.newFolder();
    const replica = await bed.replica(folder);
    await mustApply(replica, full(first));
    // In the way of the temporary file, for root as for anybody.
    mkdirSync(join(folder, 'snapshot.new'));
    const applied = await replica.apply(full(second).envelope);
    assert.equal(applied.ok ? 'ok' : applied.error.code, 'SNAPSHOT_NOT_INSTALLED');
    assert.deepEqual(domains(replica), ['a.example']);
    assert.deepEqual(domains(await bed.replica(folder)), ['a.example']);
  });
});
