import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { issueFiles } from './issue-files.ts';

let base: string;
before(() => {
  base = mkdtempSync(join(tmpdir(), 'parley-issue-'));
});
after(() => rmSync(base, { recursive: true }));

test('a certificate from the CA of the lab, before the lab has ever started', async () => {
  const dir = join(base, 'lab');
  const issued = await issueFiles(dir, ['Edge.Northwind.test', '127.0.0.31'], { eku: 'server', days: 3 }, systemClock);
  assert.ok(issued.ok);
  const { certificateFile, keyFile, authorityFile } = issued.value;
  assert.equal(authorityFile, join(dir, 'ca', 'ca.pem'));
  const certificate = new X509Certificate(readFileSync(certificateFile));
  assert.ok(certificate.verify(new X509Certificate(readFileSync(authorityFile)).publicKey));
  assert.equal(certificate.subjectAltName, 'DNS:edge.northwind.test, IP Address:127.0.0.31');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  const again = await issueFiles(dir, ['other.northwind.test'], { out: join(base, 'out') }, systemClock);
  assert.ok(again.ok);
  assert.equal(again.value.certificateFile, join(base, 'out', 'other.northwind.test.pem'));
  assert.ok(
    new X509Certificate(readFileSync(again.value.certificateFile)).checkIssued(new X509Certificate(readFileSync(authorityFile))),
  );
});

for (const name of ['localhost', 'bad name', '../../escape', '127.0.0.1']) {
  test(`no certificate for "${name}" alone`, async () => {
    const issued = await issueFiles(join(base, 'lab'), [name], {}, systemClock);
    assert.ok(!issued.ok);
    assert.equal(issued.error.code, 'LAB_NAME_UNUSABLE');
  });
}
