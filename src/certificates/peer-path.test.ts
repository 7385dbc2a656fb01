import assert from 'node:assert/strict';
import { constants, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import { certificatesOfPem } from './certificate-facts.ts';
import { type Authority, createAuthority, issueCertificate } from './issue.ts';
import { requirePeerName } from './names.ts';
import { createPeerPathVerifier, type PresentedChain, type VerifiedPeer, verifyPeerPath } from './peer-path.ts';
import { parseTrustStore, type TrustStore } from './trust-store.ts';

const dayMs = 86_400_000;
const now = Date.now();
const fqdn = 'edge.partner.test';
const usual = { names: [fqdn], days: 30, eku: 'both' } as const;

/** What a peer presents: certificates and the key of the first one. */
interface Presented {
  readonly chainPem: string;
  readonly keyPem: string;
}

const root = await createAuthority({ name: 'Trusted root', validDays: 30 });
const issuing = await createAuthority({ name: 'Issuing CA', validDays: 30, issuer: root, pathLength: 0 });
const strangerRoot = await createAuthority({ name: 'Unknown root', validDays: 30 });
const namesake = await createAuthority({ name: 'Trusted root', validDays: 30 });
const noCas = await createAuthority({ name: 'Root without CAs below', validDays: 30, pathLength: 0 });
const expiredRoot = await createAuthority({ name: 'Expired root', validDays: 5, notBefore: now - 10 * dayMs });
const trust = unwrap(
  parseTrustStore([root, noCas, expiredRoot].map(({ certificatePem }) => certificatePem).join(''), 'the test'),
);

/** `[permitted or excluded] dNSName` as a critical name constraints extension. */
function dnsConstraint(which: 'permitted' | 'excluded', domain: string) {
  const name = Buffer.from(domain);
  const wrap = (tag: number, content: Buffer) => Buffer.concat([Buffer.from([tag, content.length]), content]);
  const subtrees = wrap(which === 'permitted' ? 0xa0 : 0xa1, wrap(0x30, wrap(0x82, name)));
  return { oid: '2.5.29.30', critical: true, der: wrap(0x30, subtrees) };
}

const emailOnly = { oid: '2.5.29.37', critical: false, der: Buffer.from('300a06082b06010505070304', 'hex') };
const invented = { oid: '1.3.6.1.4.1.99999.1', critical: true, der: Buffer.from('0500', 'hex') };

/** A CA below the trusted root with one peculiarity. */
function subordinate(name: string, options: Partial<Parameters<typeof createAuthority>[0]> = {}): Promise<Authority> {
  return createAuthority({ name, validDays: 30, issuer: root, ...options });
}

const leafAsIssuer = await issueCertificate(root, { ...usual, names: ['other.test'] });
const belowNoCas = await createAuthority({ name: 'CA below it', validDays: 30, issuer: noCas });
const belowIssuing = await createAuthority({ name: 'CA too deep', validDays: 30, issuer: issuing });
const expiredIssuing = await subordinate('Expired CA', { validDays: 5, notBefore: now - 10 * dayMs });

const rows: readonly { readonly row: string; readonly present: () => Promise<Presented>; readonly expected: string }[] = [
  { row: 'both purposes', present: () => issueCertificate(issuing, usual), expected: 'verified' },
  { row: 'server purpose only', present: () => issueCertificate(issuing, { ...usual, eku: 'server' }), expected: 'verified' },
  { row: 'client purpose only', present: () => issueCertificate(issuing, { ...usual, eku: 'client' }), expected: 'verified' },
  { row: 'no purpose extension', present: () => issueCertificate(issuing, { ...usual, eku: 'none' }), expected: 'verified' },
  { row: 'straight from the root', present: () => issueCertificate(root, usual), expected: 'verified' },
  {
    row: 'purpose e-mail only',
    present: () => issueCertificate(issuing, { ...usual, eku: 'none', extensions: [emailOnly] }),
    expected: 'CERTIFICATE_PURPOSE',
  },
  {
    row: 'issuer restricted to the purpose e-mail',
    present: async () => issueCertificate(await subordinate('Mail CA', { extensions: [emailOnly] }), usual),
    expected: 'CERTIFICATE_PURPOSE',
  },
  {
    row: 'self-signed, server purpose only',
    present: () => issueCertificate(undefined, { ...usual, eku: 'server' }),
    expected: 'CERTIFICATE_SELF_SIGNED',
  },
  { row: 'self-signed, both purposes', present: () => issueCertificate(undefined, usual), expected: 'CERTIFICATE_SELF_SIGNED' },
  {
    row: 'unknown CA with its root sent along, server purpose only',
    present: async () => withMore(await issueCertificate(strangerRoot, { ...usual, eku: 'server' }), strangerRoot),
    expected: 'CERTIFICATE_ISSUER_UNKNOWN',
  },
  {
    row: 'unknown CA with its root sent along, both purposes',
    present: async () => withMore(await issueCertificate(strangerRoot, usual), strangerRoot),
    expected: 'CERTIFICATE_ISSUER_UNKNOWN',
  },
  {
    row: 'unknown CA, root not sent',
    present: () => issueCertificate(strangerRoot, usual),
    expected: 'CERTIFICATE_CHAIN_INCOMPLETE',
  },
  {
    row: 'CA with the name of a trusted one',
    present: () => issueCertificate(namesake, usual),
    expected: 'CERTIFICATE_SIGNATURE',
  },
  {
    row: 'CA with the name of a trusted one, its root sent along',
    present: async () => withMore(await issueCertificate(namesake, usual), namesake),
    expected: 'CERTIFICATE_SIGNATURE',
  },
  {
    row: 'trusted chain attached to a foreign leaf',
    present: async () => withMore(await issueCertificate(strangerRoot, usual), issuing, root),
    expected: 'CERTIFICATE_CHAIN_INCOMPLETE',
  },
  {
    row: 'expired',
    present: () => issueCertificate(issuing, { ...usual, days: 5, notBefore: now - 10 * dayMs }),
    expected: 'CERTIFICATE_EXPIRED',
  },
  {
    row: 'not yet valid',
    present: () => issueCertificate(issuing, { ...usual, notBefore: now + dayMs }),
    expected: 'CERTIFICATE_NOT_YET_VALID',
  },
  { row: 'intermediate expired', present: () => issueCertificate(expiredIssuing, usual), expected: 'CERTIFICATE_EXPIRED' },
  { row: 'anchor expired', present: () => issueCertificate(expiredRoot, usual), expected: 'CERTIFICATE_EXPIRED' },
  {
    row: 'wrong name',
    present: () => issueCertificate(issuing, { ...usual, names: ['edge.other.test'] }),
    expected: 'CERTIFICATE_NAME_MISMATCH',
  },
  {
    row: 'name only in CN',
    present: () => issueCertificate(issuing, { ...usual, names: [], subjectName: fqdn }),
    expected: 'CERTIFICATE_NAME_MISMATCH',
  },
  {
    row: 'name in CN, another in subjectAltName',
    present: () => issueCertificate(issuing, { ...usual, names: ['edge.other.test'], subjectName: fqdn }),
    expected: 'CERTIFICATE_NAME_MISMATCH',
  },
  {
    row: 'wildcard',
    present: () => issueCertificate(issuing, { ...usual, names: ['*.partner.test'] }),
    expected: 'CERTIFICATE_NAME_MISMATCH',
  },
  {
    row: 'name in other letter case',
    present: () => issueCertificate(issuing, { ...usual, names: ['EDGE.Partner.Test'] }),
    expected: 'verified',
  },
  {
    row: 'intermediate missing',
    present: async () => leafAlone(await issueCertificate(issuing, usual)),
    expected: 'CERTIFICATE_CHAIN_INCOMPLETE',
  },
  {
    row: 'a root and a stranger sent along, out of order',
    present: async () => {
      const issued = await issueCertificate(issuing, usual);
      return withMore(leafAlone(issued), root, strangerRoot, issuing);
    },
    expected: 'verified',
  },
  {
    row: 'non-CA issuer',
    present: () => issueCertificate(leafAsIssuer, usual),
    expected: 'CERTIFICATE_NOT_A_CA',
  },
  {
    row: 'path length of the anchor exceeded',
    present: () => issueCertificate(belowNoCas, usual),
    expected: 'CERTIFICATE_PATH_LENGTH',
  },
  {
    row: 'path length of an intermediate exceeded',
    present: () => issueCertificate(belowIssuing, usual),
    expected: 'CERTIFICATE_PATH_LENGTH',
  },
  {
    row: 'unknown critical extension',
    present: () => issueCertificate(issuing, { ...usual, extensions: [invented] }),
    expected: 'CERTIFICATE_CRITICAL_EXTENSION',
  },
  {
    row: 'unknown critical extension of the issuer',
    present: async () => issueCertificate(await subordinate('Odd CA', { extensions: [invented] }), usual),
    expected: 'CERTIFICATE_CRITICAL_EXTENSION',
  },
  {
    row: 'unknown extension that is not critical',
    present: () => issueCertificate(issuing, { ...usual, extensions: [{ ...invented, critical: false }] }),
    expected: 'verified',
  },
  {
    row: 'name constraints permit the name',
    present: async () => issueCertificate(await constrained('permitted', 'partner.test'), usual),
    // The subject is a directory name, which these constraints leave alone.
    expected: 'verified',
  },
  {
    row: 'name constraints permit other names',
    present: async () => issueCertificate(await constrained('permitted', 'other.test'), usual),
    expected: 'CERTIFICATE_NAME_CONSTRAINTS',
  },
  {
    row: 'name constraints permit a name that only ends alike',
    present: async () => issueCertificate(await constrained('permitted', 'ner.test'), usual),
    expected: 'CERTIFICATE_NAME_CONSTRAINTS',
  },
  {
    row: 'name constraints exclude the name',
    present: async () => issueCertificate(await constrained('excluded', 'partner.test'), usual),
    expected: 'CERTIFICATE_NAME_CONSTRAINTS',
  },
];

function constrained(which: 'permitted' | 'excluded', domain: string): Promise<Authority> {
  return subordinate(`CA ${which} ${domain}`, { extensions: [dnsConstraint(which, domain)] });
}

function withMore(issued: Presented, ...more: readonly Authority[]): Presented {
  return { ...issued, chainPem: issued.chainPem + more.map(({ certificatePem }) => certificatePem).join('') };
}

function leafAlone(issued: Presented & { readonly certificatePem: string }): Presented {
  return { keyPem: issued.keyPem, chainPem: issued.certificatePem };
}

function unwrap<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.text);
  return result.value;
}

function outcome(result: Result<VerifiedPeer>): string {
  const named = result.ok ? requirePeerName(result.value.names, [fqdn]) : result;
  return named.ok ? 'verified' : named.error.code;
}

const ours = await issueCertificate(issuing, { ...usual, names: ['edge.contoso.test'] });

/** The certificates seen by our side of a finished mutual-TLS connection with a peer in the given role. */
async function handshake(
  peerIs: 'client' | 'server',
  peer: Presented,
  version: SecureVersion,
): Promise<readonly X509Certificate[]> {
  const [serving, calling] = peerIs === 'server' ? [peer, ours] : [ours, peer];
  // Without any CA the TLS library accepts nobody. Where it accepts a client, Node reads and thereby empties the peer's chain.
  const common = { rejectUnauthorized: false, ca: [], minVersion: version, maxVersion: version };
  const server = createServer({
    ...common,
    cert: serving.chainPem,
    key: serving.keyPem,
    requestCert: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({
    ...common,
    port: (server.address() as AddressInfo).port,
    cert: calling.chainPem,
    key: calling.keyPem,
  });
  const [[accepted]] = (await Promise.all([once(server, 'secureConnection'), once(client, 'secureConnect')])) as [
    [TLSSocket],
    unknown,
  ];
  const presented: X509Certificate[] = [];
  let certificate = (peerIs === 'client' ? accepted : client).getPeerX509Certificate();
  for (; certificate !== undefined; certificate = certificate.issuerCertificate) presented.push(certificate);
  client.destroy();
  accepted.destroy();
  server.close();
  await once(server, 'close');
  return presented;
}

describe('a peer over a mutual-TLS connection', () => {
  for (const { row, present, expected } of rows) {
    test(`${row}: ${expected}`, async () => {
      const peer = await present();
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        for (const peerIs of ['client', 'server'] as const) {
          const [leaf, ...intermediates] = await handshake(peerIs, peer, version);
          assert.ok(leaf);
          const verifier = createPeerPathVerifier(trust, systemClock);
          assert.equal(outcome(verifier.verify({ leaf, intermediates })), expected, `peer is ${peerIs}, ${version}`);
        }
      }
    });
  }
});

function verify(presented: Presented, store: TrustStore = trust): Result<VerifiedPeer> {
  return verifyPeerPath(certificatesOfPem(presented.chainPem), store, now);
}

test('no certificate at all', () => {
  assert.equal(outcome(verifyPeerPath([], trust, now)), 'CERTIFICATE_MISSING');
});

test('the verdict describes the leaf', async () => {
  const issued = await issueCertificate(issuing, { ...usual, names: [fqdn, '*.Partner.test'], eku: 'server' });
  const verdict = unwrap(verify(issued));
  const leaf = new X509Certificate(issued.certificatePem);
  assert.deepEqual(verdict.names, [fqdn]);
  assert.deepEqual(verdict.wildcardNames, ['*.partner.test']);
  assert.equal(verdict.issuer, 'CN=Issuing CA');
  assert.equal(verdict.serial, leaf.serialNumber.toLowerCase());
  assert.equal(verdict.fingerprint, leaf.fingerprint256.replaceAll(':', '').toLowerCase());
  assert.equal(verdict.notAfterMs, leaf.validToDate.getTime());
  assert.deepEqual(verdict.purposes, { server: true, client: false });
});

test('a certificate that is itself in the trust store is trusted, and still has to be in date', async () => {
  const selfSigned = await issueCertificate(undefined, usual);
  const store = unwrap(parseTrustStore(selfSigned.certificatePem, 'the test'));
  assert.equal(outcome(verify(selfSigned, store)), 'verified');
  assert.equal(outcome(verifyPeerPath(certificatesOfPem(selfSigned.chainPem), store, now + 60 * dayMs)), 'CERTIFICATE_EXPIRED');
});

test('a trusted self-signed certificate cannot issue for others', async () => {
  const selfSigned = await issueCertificate(undefined, usual);
  const store = unwrap(parseTrustStore(selfSigned.certificatePem, 'the test'));
  const issued = await issueCertificate({ ...selfSigned, chainPem: '' }, { ...usual, names: ['other.test'] });
  assert.equal(outcome(verify(issued, store)), 'CERTIFICATE_NOT_A_CA');
});

test('a maze of namesakes cannot make us check signatures without end', async context => {
  const maze: Authority[] = [];
  for (let i = 0; i < 11; i++) {
    const above = maze.at(-1);
    maze.push(await createAuthority({ name: 'Maze', validDays: 30, ...(above === undefined ? {} : { issuer: above }) }));
  }
  const issued = leafAlone(await issueCertificate(maze.at(-1), usual));
  const checks = context.mock.method(X509Certificate.prototype, 'verify');
  assert.equal(outcome(verify(withMore(issued, ...maze))), 'CERTIFICATE_CHAIN_TOO_LONG');
  assert.ok(checks.mock.callCount() <= 24, `${checks.mock.callCount()} checks`);
});

test('accepted paths are kept until the first certificate on them expires', async () => {
  let nowMs = now;
  const clock: Clock = { ...systemClock, now: () => nowMs };
  const shortCa = await subordinate('Short-lived CA', { validDays: 2 });
  const [leaf, ...intermediates] = certificatesOfPem((await issueCertificate(shortCa, usual)).chainPem);
  assert.ok(leaf);
  const verifier = createPeerPathVerifier(trust, clock, 1);
  const first = unwrap(verifier.verify({ leaf, intermediates }));
  assert.equal(unwrap(verifier.verify({ leaf, intermediates })), first, 'the same verdict');
  assert.equal(outcome(verifier.verify({ leaf, intermediates: [] })), 'CERTIFICATE_CHAIN_INCOMPLETE', 'not without its path');
  nowMs = now + 3 * dayMs;
  assert.equal(outcome(verifier.verify({ leaf, intermediates })), 'CERTIFICATE_EXPIRED');
});

test('the cache of accepted paths is bounded', async () => {
  const verifier = createPeerPathVerifier(trust, systemClock, 1);
  const chains: PresentedChain[] = [];
  for (let i = 0; i < 2; i++) {
    const [leaf, ...intermediates] = certificatesOfPem((await issueCertificate(issuing, usual)).chainPem);
    assert.ok(leaf);
    chains.push({ leaf, intermediates });
  }
  const [a, b] = chains.map(chain => () => unwrap(verifier.verify(chain)));
  assert.ok(a && b);
  const first = a();
  b();
  assert.notEqual(a(), first, 'pushed out by the second');
  assert.deepEqual(ok(a()), ok(first));
});
