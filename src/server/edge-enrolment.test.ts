import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { createAuthority } from '../certificates/issue.ts';
import { loadKeyPair } from '../certificates/key-pair-file.ts';
import { parseFqdn } from '../model/names.ts';
import { createEnrolmentBundle } from '../replication/enrolment.ts';
import { createSnapshotKeyPem, readSigningKey, verifyKeyPem } from '../replication/snapshot-signature.ts';
import { prepareEdge, readEdgeConfiguration, signEdgeRequest, takeEnrolment, takenEnrolmentFile } from './edge-enrolment.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-enrol-'));
after(() => rmSync(folder, { recursive: true }));
const configurationFile = join(folder, 'edge.yaml');
writeFileSync(
  configurationFile,
  `role: edge
name: edge1.contoso.test
dataFolder: data
internal: { certificateFile: edge.pem, keyFile: edge.key, authorityFile: ca.pem }
external: { port: 5061, certificateFile: ext.pem, keyFile: ext.key }
inside: { port: 5062 }
replication: { port: 4443 }
enrolmentFile: bundle.json
federationTrustFiles: [trust.pem]
`,
);

function configuration() {
  const read = readEdgeConfiguration(configurationFile);
  assert.ok(read.ok, read.ok ? '' : read.error.text);
  return read.value;
}

test('the key is made on the Edge and never replaced; the CA signs the request, and the pair fits', async () => {
  const authority = await createAuthority({ name: 'Internal', validDays: 30 });
  const authorityFile = join(folder, 'ca.pem');
  const authorityKeyFile = join(folder, 'ca-key.pem');
  writeFileSync(authorityFile, authority.certificatePem);
  writeFileSync(authorityKeyFile, authority.keyPem);
  const prepared = await prepareEdge(configuration());
  assert.ok(prepared.ok);
  assert.equal(statSync(prepared.value.keyFile).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(prepared.value.requestFile, 'utf8'), /PRIVATE/);
  const again = await prepareEdge(configuration());
  assert.ok(!again.ok && again.error.code === 'FILE_EXISTS');
  const order = {
    requestFile: prepared.value.requestFile,
    names: ['edge1.contoso.test'],
    authorityFile,
    authorityKeyFile,
    days: 30,
  };
  const signed = await signEdgeRequest(order, systemClock);
  assert.ok(signed.ok);
  const { certificateFile, keyFile } = configuration().internal;
  writeFileSync(certificateFile, signed.value);
  const pair = await loadKeyPair({ certificateFile, keyFile, requiredNames: ['edge1.contoso.test'] }, systemClock);
  assert.ok(pair.ok, pair.ok ? '' : pair.error.text);
  const missing = await signEdgeRequest({ ...order, authorityFile: join(folder, 'nothing.pem') }, systemClock);
  assert.ok(!missing.ok && missing.error.code === 'FILE_NOT_READ');
  const noCa = await signEdgeRequest({ ...order, authorityFile: order.requestFile }, systemClock);
  assert.ok(!noCa.ok && noCa.error.code === 'FILE_NOT_READ');
});

test('a bundle is taken for its own recipient only, and a newer one replaces it', () => {
  const name = parseFqdn('edge1.contoso.test');
  const frontEnd = parseFqdn('fe1.contoso.test');
  assert.ok(name.ok && frontEnd.ok);
  const bundleFor = (recipient: typeof name.value, epoch: number) =>
    createEnrolmentBundle({
      recipient,
      internalCaPem: readFileSync(join(folder, 'ca.pem'), 'utf8'),
      verifyKeysPem: [verifyKeyPem(readSigningKey(createSnapshotKeyPem()))],
      internalNames: [frontEnd.value],
      epoch,
      certificateChainPem: null,
      expiresAtMs: systemClock.now() + 60_000,
    });
  const file = join(folder, 'bundle.json');
  for (const epoch of [1, 2]) {
    writeFileSync(file, bundleFor(name.value, epoch));
    const taken = takeEnrolment(configuration(), file, systemClock);
    assert.ok(taken.ok && taken.value.epoch === epoch);
    assert.equal(readFileSync(takenEnrolmentFile(configuration().dataFolder), 'utf8'), readFileSync(file, 'utf8'));
  }
  writeFileSync(file, bundleFor(frontEnd.value, 3));
  const foreign = takeEnrolment(configuration(), file, systemClock);
  assert.ok(!foreign.ok && foreign.error.code === 'ENROLMENT_BUNDLE_UNREADABLE');
  assert.match(readFileSync(takenEnrolmentFile(configuration().dataFolder), 'utf8'), /"epoch": 2/);
});
