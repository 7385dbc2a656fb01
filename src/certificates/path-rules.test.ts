import 'reflect-metadata';
import assert from 'node:assert/strict';
import { type webcrypto, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { X509CertificateGenerator } from '@peculiar/x509';
import { type CertificateFacts, readCertificateFacts } from './certificate-facts.ts';
import { createAuthority, issueCertificate } from './issue.ts';
import { checkCertificate, checkIssuer, checkLeafUsage } from './path-rules.ts';

async function factsOf(
  algorithm: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams,
  signing: webcrypto.Algorithm | webcrypto.EcdsaParams,
): Promise<CertificateFacts> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({ name: 'CN=x', keys, signingAlgorithm: signing });
  return read(made.toString('pem'));
}

function read(pem: string): CertificateFacts {
  const facts = readCertificateFacts(new X509Certificate(pem));
  assert.ok(facts.ok);
  return facts.value;
}

const publicExponent = new Uint8Array([1, 0, 1]);
const rsa = (bits: number, name = 'RSASSA-PKCS1-v1_5', hash = 'SHA-256') => ({ name, modulusLength: bits, publicExponent, hash });
const ec = (namedCurve: string) => ({ name: 'ECDSA', namedCurve });

const strengths: readonly [
  string,
  webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams,
  webcrypto.Algorithm | webcrypto.EcdsaParams,
  boolean,
][] = [
  ['RSA 2048 with SHA-256', rsa(2048), rsa(2048), true],
  ['RSA 1024 with SHA-256', rsa(1024), rsa(1024), false],
  ['RSA 2048 with SHA-1', rsa(2048, undefined, 'SHA-1'), rsa(2048, undefined, 'SHA-1'), false],
  ['P-384 with SHA-384', ec('P-384'), { name: 'ECDSA', hash: 'SHA-384' }, true],
  ['P-256 with SHA-1', ec('P-256'), { name: 'ECDSA', hash: 'SHA-1' }, false],
];

for (const [what, algorithm, signing, strong] of strengths) {
  test(`${what} is ${strong ? 'strong enough' : 'too weak'}`, async () => {
    const problem = checkCertificate(await factsOf(algorithm, signing), Date.now(), false);
    assert.equal(problem?.code, strong ? undefined : 'CERTIFICATE_WEAK');
  });
}

test('the signature of an anchor does not matter, its key does', async () => {
  const sha1 = await factsOf(ec('P-256'), { name: 'ECDSA', hash: 'SHA-1' });
  assert.equal(checkCertificate(sha1, Date.now(), true), undefined);
  const short = await factsOf(rsa(1024), rsa(1024));
  assert.equal(checkCertificate(short, Date.now(), true)?.code, 'CERTIFICATE_WEAK');
});

test('dates count to the last second', async () => {
  const authority = await createAuthority({ name: 'CA', validDays: 2 });
  const facts = read((await issueCertificate(authority, { names: ['a.test'], days: 1, eku: 'both' })).certificatePem);
  assert.equal(checkCertificate(facts, facts.notAfterMs, false), undefined);
  assert.equal(checkCertificate(facts, facts.notAfterMs + 1, false)?.code, 'CERTIFICATE_EXPIRED');
  assert.equal(checkCertificate(facts, facts.notBeforeMs, false), undefined);
  assert.equal(checkCertificate(facts, facts.notBeforeMs - 1, false)?.code, 'CERTIFICATE_NOT_YET_VALID');
});

test('an issuer is a CA by its basic constraints and by its key usage, where it has one', async () => {
  const authority = await createAuthority({ name: 'CA', validDays: 2 });
  const leaf = read((await issueCertificate(authority, { names: ['a.test'], days: 1, eku: 'both' })).certificatePem);
  const issuer = read(authority.certificatePem);
  const digitalSignature = 0x8000;
  assert.equal(checkIssuer([leaf], issuer), undefined);
  assert.equal(checkIssuer([leaf], { ...issuer, keyUsage: undefined }), undefined);
  assert.equal(checkIssuer([leaf], { ...issuer, basicCa: false })?.code, 'CERTIFICATE_NOT_A_CA');
  assert.equal(checkIssuer([leaf], { ...issuer, keyUsage: digitalSignature })?.code, 'CERTIFICATE_NOT_A_CA');
});

test('the key of a leaf must be usable in a handshake', async () => {
  const authority = await createAuthority({ name: 'CA', validDays: 2 });
  const leaf = read((await issueCertificate(authority, { names: ['a.test'], days: 1, eku: 'both' })).certificatePem);
  const keyCertSign = 0x0400;
  assert.equal(checkLeafUsage(leaf), undefined);
  assert.equal(checkLeafUsage({ ...leaf, keyUsage: undefined }), undefined);
  assert.equal(checkLeafUsage({ ...leaf, keyUsage: keyCertSign })?.code, 'CERTIFICATE_PURPOSE');
});
