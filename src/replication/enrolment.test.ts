import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { createAuthority } from '../certificates/issue.ts';
import type { Fqdn } from '../model/names.ts';
import { createEnrolmentBundle, type EnrolmentBundle, readEnrolmentBundle } from './enrolment.ts';
import { createEnrolmentRequest, issueEnrolmentCertificate } from './enrolment-certificate.ts';
import { createSnapshotKeyPem, readSigningKey, verifyKeyPem } from './snapshot-signature.ts';

describe('enrolment', async () => {
  const fqdn = 'edge.contoso.test' as Fqdn;
  const authority = await createAuthority({ name: 'Internal CA', validDays: 2 });
  const request = await createEnrolmentRequest(fqdn);

  it('the key stays on the Edge; the Front End certifies it for the names it knows', async () => {
    const issued = await issueEnrolmentCertificate(request.requestPem, [fqdn], authority, 30, systemClock);
    assert.ok(issued.ok);
    const certificate = new X509Certificate(issued.value);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(request.keyPem)));
    assert.ok(certificate.verify(new X509Certificate(authority.certificatePem).publicKey));
    assert.equal(certificate.subjectAltName, `DNS:${fqdn}`);
    assert.ok(!request.requestPem.includes('PRIVATE'));
  });

  it('refuses what is no request', async () => {
    const issued = await issueEnrolmentCertificate('garbage', [fqdn], authority, 30, systemClock);
    assert.equal(issued.ok ? '' : issued.error.code, 'ENROLMENT_BUNDLE_UNREADABLE');
  });

  const bundle: EnrolmentBundle = {
    recipient: fqdn,
    internalCaPem: authority.certificatePem,
    verifyKeysPem: [verifyKeyPem(readSigningKey(createSnapshotKeyPem()))],
    internalNames: ['fe.contoso.test' as Fqdn],
    epoch: 3,
    certificateChainPem: null,
    expiresAtMs: 1_000,
  };
  const text = createEnrolmentBundle(bundle);

  it('a bundle is read as written', () => {
    assert.deepEqual(readEnrolmentBundle(text, 'b.json', fqdn, 999), { ok: true, value: bundle });
  });

  const refused: [string, string, string, number, RegExp][] = [
    ['no JSON', 'x', fqdn, 0, /not JSON/],
    ['another file', '{"kind":"x"}', fqdn, 0, /no enrolment bundle/],
    ['a changed file', text.replace('"epoch": 3', '"epoch": 1'), fqdn, 0, /checksum/],
    ['another computer', text, 'edge2.contoso.test', 0, /made for edge\.contoso\.test/],
    ['an old bundle', text, fqdn, 1_001, /expired/],
  ];
  for (const [name, content, at, nowMs, reason] of refused) {
    it(`refuses ${name}`, () => {
      const read = readEnrolmentBundle(content, 'b.json', at, nowMs);
      assert.equal(read.ok ? '' : read.error.code, 'ENROLMENT_BUNDLE_UNREADABLE');
      assert.match(read.ok ? '' : read.error.text, reason);
    });
  }
});
