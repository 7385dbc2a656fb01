import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createSnapshotKeyPem, readSigningKey, sealSnapshot } from '../../src/replication/snapshot-signature.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { askReplication, type ReplicationAnswer } from '../support/replication-request.ts';
import { logEvents } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const edgeFqdn = 'edge-int.contoso.test';
const frontEnd = ['contoso', 'frontend'] as const;

let lab: LabUnderTest;
/** A snapshot as the Edge once took it: rightly signed, and old by now. */
let old: string;
let installed: ReplicationAnswer['body']['installed'];

before(async () => {
  lab = await LabUnderTest.start();
  old = readFileSync(join(lab.serverFolder('contoso', 'edge'), 'data', 'replica', 'snapshot'), 'utf8');
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Blocked' });
  ({ installed } = (await askReplication(lab, frontEnd, 'GET', '/v1/status')).body);
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

test('a snapshot that was changed on the way is refused', async () => {
  const [signature, text] = parts(old);
  const changed = text.replace('"fabrikam.test"', '"evil.example"');
  assert.notEqual(changed, text);
  await expectRefusal(`${signature}\n${changed}`, 403, 'SNAPSHOT_SIGNATURE_BAD', /does not fit the content/);
});

test('a snapshot signed with another key is refused', async () => {
  const { envelope } = sealSnapshot(parts(old)[1], readSigningKey(createSnapshotKeyPem()));
  await expectRefusal(envelope, 403, 'SNAPSHOT_SIGNATURE_BAD', /is not known here/);
});

test('a snapshot without a signature is refused', async () => {
  await expectRefusal(parts(old)[1], 403, 'SNAPSHOT_SIGNATURE_BAD', /no signature/);
});

test('an older snapshot with a good signature is refused, and admins are told', async () => {
  const { version } = JSON.parse(parts(old)[1].split('\n')[0] as string) as { version: { epoch: number; number: number } };
  await expectRefusal(old, 409, 'SNAPSHOT_OLDER', new RegExp(`${version.epoch}\\.${version.number} is older`));

  // the Front End hears of it with its next exchange
  await lab.run('contoso', 'Invoke-CsManagementStoreReplication', { replicaFqdn: edgeFqdn });
  const replica = await until('the refusal in the replication status', async () => {
    const { objects } = await lab.run('contoso', 'Get-CsManagementStoreReplicationStatus', { replicaFqdn: edgeFqdn });
    return objects[0]?.lastRefusalCode === 'SNAPSHOT_OLDER' ? objects[0] : undefined;
  });
  assert.equal(replica.upToDate, true);
  assert.match(String(replica.lastRefusal), /is older than the installed one/);
  assert.ok(Date.parse(String(replica.lastRefusalTime)) > Date.now() - 60_000);
  const { objects: findings } = await lab.run('contoso', 'Test-CsFederation', { domain: ['fabrikam.test'] });
  const finding = findings.find(({ id }) => id === 'EDG-02');
  assert.equal(finding?.status, 'warn');
  assert.match(String(finding?.message), /refused another .* is older/);
});

test('who holds an internal certificate of another server may not even ask', async () => {
  for (const holder of [
    ['contoso', 'edge'],
    ['lynconline', 'frontend'],
  ] as const) {
    for (const [method, path, body] of [
      ['GET', '/v1/status', undefined],
      ['POST', '/v1/snapshot', old],
    ] as const) {
      const answer = await askReplication(lab, holder, method, path, body);
      assert.equal(answer.body.failure?.code, 'REPLICATION_PEER_REFUSED');
      assert.equal(answer.status, 403);
    }
  }
});

/** Pushes an envelope with the Front End's certificate: it is refused, reported, logged, and nothing has changed. */
async function expectRefusal(envelope: string, status: number, code: string, text: RegExp): Promise<void> {
  const logged = () => logEvents(lab.log('contoso', 'edge'), 'replication-refused').filter(line => line.code === code);
  const before = logged().length;
  const answer = await askReplication(lab, frontEnd, 'POST', '/v1/snapshot', envelope);
  assert.equal(answer.status, status);
  assert.equal(answer.body.failure?.code, code);
  assert.match(answer.body.failure?.text ?? '', text);
  const { body } = await askReplication(lab, frontEnd, 'GET', '/v1/status');
  assert.deepEqual(body.installed, installed);
  assert.equal(body.lastRefusal?.code, code);
  assert.match(body.lastRefusal?.text ?? '', text);
  await until(`${code} in the log of the Edge`, () => logged()[before]);
}

/** The line of the signature, and the text that is signed. */
function parts(envelope: string): readonly [signature: string, text: string] {
  const end = envelope.indexOf('\n');
  return [envelope.slice(0, end), envelope.slice(end + 1)];
}
