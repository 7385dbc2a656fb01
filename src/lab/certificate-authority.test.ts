import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { certificatesOfPem } from '../certificates/certificate-facts.ts';
import { verifyPeerPath } from '../certificates/peer-path.ts';
import { loadTrustStore } from '../certificates/trust-store.ts';
import { openLabAuthority } from './certificate-authority.ts';

const folder = await mkdtemp(join(tmpdir(), 'parley-ca-'));
after(() => rm(folder, { recursive: true }));

test('the CA stays the same, its key is private, its certificates verify', async () => {
  const directory = join(folder, 'kept');
  const first = await openLabAuthority(directory);
  const again = await openLabAuthority(directory);
  assert.deepEqual(again.authority, first.authority);
  assert.equal((await stat(join(directory, 'ca-key.pem'))).mode & 0o777, 0o600);
  const trust = await loadTrustStore({ files: [again.certificateFile] });
  assert.ok(trust.ok);
  const issued = await first.issue(['edge.partner.test', 'partner.test'], { addresses: ['127.0.0.7'], days: 3, eku: 'server' });
  const verdict = verifyPeerPath(certificatesOfPem(issued.chainPem), trust.value, Date.now());
  assert.ok(verdict.ok);
  assert.deepEqual(verdict.value.names, ['edge.partner.test', 'partner.test']);
  assert.deepEqual(verdict.value.purposes, { server: true, client: false });
  const leaf = new X509Certificate(issued.certificatePem);
  assert.equal(leaf.checkIP('127.0.0.7'), '127.0.0.7');
  assert.ok(leaf.validToDate.getTime() - Date.now() < 3 * 86_400_000);
});

test('opened by several at once there is one CA and nothing left over', async () => {
  const directory = join(folder, 'raced');
  const opened = await Promise.all(Array.from({ length: 4 }, () => openLabAuthority(directory)));
  for (const one of opened) assert.equal(one.authority.certificatePem, opened[0]?.authority.certificatePem);
  assert.deepEqual(
    (await readdir(folder)).filter(name => name.startsWith('raced')),
    ['raced'],
  );
});
