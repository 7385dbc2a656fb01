import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { createAuthority, issueCertificate } from './issue.ts';
import { loadKeyPair } from './key-pair-file.ts';
import { loadTrustStore } from './trust-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'parley-keys-'));
after(() => rm(folder, { recursive: true }));
const dayMs = 86_400_000;
const authority = await createAuthority({ name: 'CA', validDays: 30 });
const usual = { names: ['edge.contoso.test', 'sip.contoso.test'], days: 30, eku: 'server' } as const;
const good = await issueCertificate(authority, usual);
const other = await issueCertificate(authority, usual);
const expired = await issueCertificate(authority, { ...usual, days: 2, notBefore: Date.now() - 9 * dayMs });
const early = await issueCertificate(authority, { ...usual, notBefore: Date.now() + dayMs });
const encrypted = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
}).privateKey;
const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

let files = 0;
async function file(text: string): Promise<string> {
  const path = join(folder, `file-${files++}.pem`);
  await writeFile(path, text);
  return path;
}

const rows: readonly { readonly row: string; readonly certificate: string; readonly key: string; readonly code: string }[] = [
  { row: 'certificate not PEM', certificate: 'hello', key: good.keyPem, code: 'CERTIFICATE_FILE_NOT_PEM' },
  { row: 'certificate broken', certificate: broken, key: good.keyPem, code: 'CERTIFICATE_FILE_NOT_PEM' },
  { row: 'files swapped', certificate: good.keyPem, key: good.certificatePem, code: 'CERTIFICATE_FILE_NOT_PEM' },
  { row: 'key not PEM', certificate: good.chainPem, key: '', code: 'CERTIFICATE_FILE_NOT_PEM' },
  { row: 'key with a pass phrase', certificate: good.chainPem, key: encrypted, code: 'CERTIFICATE_FILE_NOT_PEM' },
  { row: 'key of another certificate', certificate: good.chainPem, key: other.keyPem, code: 'CERTIFICATE_KEY_MISMATCH' },
  { row: 'expired', certificate: expired.chainPem, key: expired.keyPem, code: 'CERTIFICATE_FILE_EXPIRED' },
  { row: 'not yet valid', certificate: early.chainPem, key: early.keyPem, code: 'CERTIFICATE_FILE_NOT_YET_VALID' },
];

for (const { row, certificate, key, code } of rows) {
  test(`${row}: ${code}, naming the file`, async () => {
    const certificateFile = await file(certificate);
    const keyFile = await file(key);
    const loaded = await loadKeyPair({ certificateFile, keyFile }, systemClock);
    assert.equal(loaded.ok ? 'ok' : loaded.error.code, code);
    assert.match(loaded.ok ? '' : loaded.error.text, /file-\d+\.pem/);
    assert.doesNotMatch(loaded.ok ? '' : loaded.error.text + loaded.error.fix, /[{}]/, 'every placeholder is filled');
  });
}

test('a missing file is named', async () => {
  const certificateFile = join(folder, 'absent.pem');
  const loaded = await loadKeyPair({ certificateFile, keyFile: certificateFile }, systemClock);
  assert.ok(!loaded.ok);
  assert.equal(loaded.error.text, `The certificate file ${certificateFile} cannot be read: there is no such file.`);
});

test('a good pair loads, and lacking names are listed', async () => {
  const where = { certificateFile: await file(good.chainPem), keyFile: await file(good.keyPem) };
  const loaded = await loadKeyPair({ ...where, requiredNames: ['SIP.contoso.test'] }, systemClock);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.names, usual.names);
  assert.deepEqual(loaded.value.purposes, { server: true, client: false });
  const lacking = await loadKeyPair({ ...where, requiredNames: ['sip.contoso.test', 'sip.fabrikam.test'] }, systemClock);
  assert.equal(lacking.ok ? 'ok' : lacking.error.details['missing'], 'sip.fabrikam.test');
});

test('trust stores: files, the public CAs, duplicates, nothing', async () => {
  const both = await file(authority.certificatePem + good.certificatePem + authority.certificatePem);
  const loaded = await loadTrustStore({ files: [both] });
  assert.ok(loaded.ok);
  assert.equal(loaded.value.anchors.length, 2);
  const open = await loadTrustStore({ files: [both], publicCas: true });
  assert.ok(open.ok && open.value.anchors.length > 50);
  const empty = await loadTrustStore({ files: [] });
  assert.equal(empty.ok ? 'ok' : empty.error.code, 'CERTIFICATE_TRUST_EMPTY');
  const absent = await loadTrustStore({ files: [join(folder, 'absent.pem')] });
  assert.equal(absent.ok ? 'ok' : absent.error.code, 'CERTIFICATE_FILE_UNREADABLE');
});
