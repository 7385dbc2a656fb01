import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import { createAuthority, issueCertificate } from '../certificates/issue.ts';
import { ServerLog } from '../observe/server-log.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { trunkConnectionLimits } from '../wire/connection.ts';
import { listenTls } from '../wire/listener.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { LiveIdentity, openLiveTrust } from './live-identity.ts';

const dayMs = 24 * 3_600_000;
const name = 'edge.contoso.test';
const authority = await createAuthority({ name: 'root', validDays: 100 });

let writes = 0;

/** What a server has that shows a certificate from files over a real port. */
async function serving(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-live-'));
  const files = { certificateFile: join(folder, 'edge.pem'), keyFile: join(folder, 'edge.key'), requiredNames: [name] };
  const write = (certificate: string, key: string) => {
    for (const [path, text] of [
      [files.certificateFile, certificate],
      [files.keyFile, key],
    ] as const) {
      writeFileSync(path, text);
      utimesSync(path, ++writes, writes);
    }
  };
  const issue = async (days: number, names = [name]) => {
    const issued = await issueCertificate(authority, { names, days, eku: 'server' });
    write(issued.chainPem, issued.keyPem);
  };
  await issue(5);
  const clock = new FakeClock(Date.now());
  let said = '';
  const output = {
    write(bytes: Uint8Array) {
      said += Buffer.from(bytes).toString();
      return bytes.length;
    },
  };
  const log = new ServerLog(name, 'info', clock, output);
  const certificates = new CertificateWatch(clock, log);
  const expiries = new Map<string, number>();
  const metrics = { certificate: (of: string, notAfterMs: number) => void expiries.set(of, notAfterMs) };
  const opened = await LiveIdentity.open('external', files, { clock, certificates, metrics });
  assert.ok(opened.ok);
  const identity = opened.value;
  const listener = await listenTls({
    host: '127.0.0.1',
    port: 0,
    clock,
    handler: { onMessage() {}, onBad() {}, onClosed() {} },
    connectionLimits: trunkConnectionLimits,
    identity: identity.tls,
    peerCertificate: 'none',
  });
  assert.ok(listener.ok);
  identity.shownBy(listener.value);
  t.after(async () => {
    await listener.value.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Days that the certificate of a new connection is good for, and those that the metric and outgoing connections have. */
  const shown = async () => {
    const socket = connect({ host: '127.0.0.1', port: listener.value.port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const toMs = Date.parse(socket.getPeerCertificate().valid_to);
    socket.destroy();
    const days = (ms: number) => Math.round((ms - Date.now()) / dayMs);
    assert.equal(days(expiries.get('external') ?? 0), days(identity.keyPair.notAfterMs));
    return [days(toMs), days(identity.keyPair.notAfterMs)];
  };
  return { identity, files, clock, issue, write, certificates, shown, log: () => said };
}

test('a renewed certificate is shown from the next connection on, without a restart', async t => {
  const { issue, certificates, shown, log } = await serving(t);
  assert.deepEqual(await shown(), [5, 5]);
  await issue(50);
  await certificates.look();
  assert.deepEqual(await shown(), [5, 5], 'files that still change are not read');
  await certificates.look();
  assert.deepEqual(await shown(), [50, 50]);
  assert.match(log(), /"certificate-renewed","certificate":"external"/);
  assert.deepEqual(certificates.problems, []);
});

test('a file that is no good leaves the former one in use and says so, until it is mended', async t => {
  const { issue, write, certificates, shown, log } = await serving(t);
  const other = await issueCertificate(authority, { names: [name], days: 9, eku: 'server' });
  const stranger = await issueCertificate(authority, { names: ['else.test'], days: 9, eku: 'server' });
  const rows: readonly (readonly [certificate: string, key: string, why: RegExp])[] = [
    ['no certificate', other.keyPem, /edge\.pem/],
    [stranger.chainPem, stranger.keyPem, /edge\.contoso\.test/],
    [other.chainPem, stranger.keyPem, /key/],
  ];
  for (const [certificate, key, why] of rows) {
    write(certificate, key);
    for (let n = 0; n < 3; n++) await certificates.look();
    assert.deepEqual(await shown(), [5, 5]);
    assert.match(certificates.problems.join(), why);
    assert.equal(certificates.metric.read()[0]?.value, 1);
  }
  assert.equal(log().match(/"certificate-not-renewed"/g)?.length, rows.length, 'each is told once');
  await issue(30);
  for (let n = 0; n < 2; n++) await certificates.look();
  assert.deepEqual(await shown(), [30, 30]);
  assert.deepEqual(certificates.problems, []);
  assert.equal(certificates.metric.read()[0]?.value, 0);
});

test('the files are looked at by themselves, and no more after the end', t => {
  const clock = new FakeClock();
  const log = new ServerLog(name, 'silent', clock, { write: bytes => bytes.length });
  const watch = new CertificateWatch(clock, log);
  const folder = mkdtempSync(join(tmpdir(), 'parley-live-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'x');
  let taken = 0;
  watch.keep('x', [file], async () => {
    taken++;
    return { ok: true, value: undefined };
  });
  clock.advance(60_000);
  writeFileSync(file, 'x');
  clock.advance(20_000);
  assert.equal(taken, 1);
  watch.close();
  assert.equal(clock.timers, 0);
});

test('where one listener cannot show a new certificate, none does', async t => {
  const { identity, issue, certificates, shown } = await serving(t);
  let isStubborn = true;
  identity.shownBy({ setIdentity: () => (isStubborn ? err(failure('TLS_SETTINGS_UNUSABLE', { reason: 'no' })) : ok(undefined)) });
  await issue(50);
  for (let n = 0; n < 2; n++) await certificates.look();
  assert.deepEqual(await shown(), [5, 5]);
  isStubborn = false;
  await issue(40);
  for (let n = 0; n < 2; n++) await certificates.look();
  assert.deepEqual(await shown(), [40, 40]);
});

test('a file that cannot even be looked at keeps no other from being renewed', async t => {
  const { issue, files } = await serving(t);
  const loop = join(files.certificateFile, '..', 'loop');
  symlinkSync(loop, loop);
  const clock = new FakeClock();
  const watch = new CertificateWatch(clock, new ServerLog(name, 'silent', clock, { write: bytes => bytes.length }));
  let taken = 0;
  const take = async () => {
    taken++;
    return ok(undefined);
  };
  watch.keep('loop', [loop], take);
  watch.keep('file', [files.certificateFile], take);
  await issue(50);
  for (let n = 0; n < 2; n++) await watch.look();
  assert.equal(taken, 1);
  watch.close();
});

test('CA certificates that were changed are believed, and handed on, without a restart', async t => {
  const { certificates, files, clock } = await serving(t);
  const file = join(files.certificateFile, '..', 'ca.pem');
  writeFileSync(file, authority.certificatePem);
  const trust = await openLiveTrust('internal.authorityFile', [file], { clock, certificates });
  assert.ok(trust.ok);
  const next = await createAuthority({ name: 'next root', validDays: 100 });
  writeFileSync(file, authority.certificatePem + next.certificatePem);
  for (let n = 0; n < 2; n++) await certificates.look();
  const blocks = (pem: string) => pem.replaceAll(/\s/g, '');
  assert.equal(blocks(trust.value.pem), blocks(authority.certificatePem + next.certificatePem));
});
