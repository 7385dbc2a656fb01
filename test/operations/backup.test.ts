import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { runParley } from '../support/parley-command.ts';
import { killAtOnce } from '../support/process-end.ts';
import { until } from '../support/until.ts';

/** The Edge is asked for its state every 30 s at most. */
const replicationMs = 35_000;

let lab: LabUnderTest;
const scratch = mkdtempSync(join(tmpdir(), 'parley-backup-e2e-'));
const file = join(scratch, 'contoso.parley-backup');
const passphraseFile = join(scratch, 'passphrase');

before(async () => {
  writeFileSync(passphraseFile, 'a passphrase long enough\n', { mode: 0o600 });
  lab = await LabUnderTest.start();
});
after(async () => {
  await lab?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const serverFolder = () => lab.serverFolder('contoso', 'frontend');
const config = () => ['--config', join(serverFolder(), 'server.yaml')];
const restore = (...more: readonly string[]) => runParley(['restore', file, ...config(), ...more]);

async function statusOf(from: TestEndpoint, to: TestEndpoint, text: string): Promise<number> {
  const sent = await from.sendMessage(to.address, text);
  return sent.ok ? sent.value.status : 0;
}

async function crosses(from: TestEndpoint, to: TestEndpoint, text: string): Promise<true | undefined> {
  if ((await statusOf(from, to, text)) !== 200) return undefined;
  assert.equal((await to.waitForMessage(text, 5_000))?.from, from.address);
  return true;
}

async function edgeStatus() {
  const [edge] = (await lab.run('contoso', 'Get-CsManagementStoreReplicationStatus')).objects;
  return edge as { readonly upToDate?: boolean; readonly configuration?: string; readonly lastRefusal?: unknown } | undefined;
}

/** Alice signs in and messages cross both Edges, both ways: what the backup says holds. */
async function worksAgain(): Promise<void> {
  const alice = await lab.signIn('contoso', 'alice@contoso.test');
  const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
  await until(
    'the Edge to run from the restored configuration',
    async () => (await edgeStatus())?.upToDate || undefined,
    replicationMs,
  );
  await until('a message to the partner', () => crosses(alice, bob, 'restored'), replicationMs);
  await until('a message from the partner', () => crosses(bob, alice, 'and back'), replicationMs);
}

test('a backup of a running server is restored: Edge, traffic and passwords follow', async t => {
  await t.test('the backup is made while users are signed in; only its owner may read it', async () => {
    await lab.run('contoso', 'New-CsAllowedDomain', { identity: 'in-backup.example' });
    const made = await runParley(['backup', file, ...config(), '--with-secrets', '--passphrase-file', passphraseFile, '--json']);
    assert.equal(made.code, 0, made.error + made.out);
    const facts = JSON.parse(made.out) as { readonly secrets: readonly string[] };
    assert.deepEqual([...facts.secrets].sort(), ['route-key', 'seal-keys.json', 'snapshot-key.pem']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const again = await runParley(['backup', file, ...config()]);
    assert.match(again.error, /is there already/);
  });

  await t.test('afterwards the partner is blocked, a password and the lists change', async () => {
    const alice = await lab.signIn('contoso', 'alice@contoso.test');
    const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
    assert.ok(await crosses(alice, bob, 'before'));
    await lab.run('contoso', 'Set-CsFederatedDomain', { identity: 'fabrikam.test', list: 'blocked' });
    await lab.run('contoso', 'New-CsAllowedDomain', { identity: 'after-backup.example' });
    await lab.run('contoso', 'Set-CsUserPassword', { identity: 'alice@contoso.test', password: 'another password' });
    assert.notEqual(await statusOf(alice, bob, 'blocked'), 200);
    assert.notEqual(await statusOf(bob, alice, 'blocked too'), 200);
  });

  await t.test('a running server keeps its store', async () => {
    const refused = await restore('--yes');
    assert.equal(refused.code, 1);
    assert.match(refused.error, /in use by a running server[^]*Stop every Front End/);
    await assert.rejects(lab.signIn('contoso', 'alice@contoso.test'), /40[13]/, 'the new password counts');
  });

  await killAtOnce(lab.organisation('contoso').pids.frontEnd[0] as number);
  await t.test('nothing is replaced unasked', async () => {
    const unasked = await restore();
    assert.equal(unasked.code, 1);
    assert.match(unasked.error, /not confirmed[^]*--yes/);
  });

  await t.test('restored, the Edge takes the older configuration and traffic obeys it', async () => {
    const restored = await restore('--yes');
    assert.equal(restored.code, 0, restored.error);
    assert.match(restored.out, /before-restore/);
    const server = await lab.startAgain('contoso', 'frontend');
    await worksAgain();
    assert.equal((await edgeStatus())?.lastRefusal ?? null, null);
    const { objects } = await lab.run('contoso', 'Get-CsAllowedDomain');
    const domains = objects.map(({ identity }) => identity);
    assert.ok(domains.includes('in-backup.example'));
    assert.ok(!domains.includes('after-backup.example'));
    const [latest] = (await lab.run('contoso', 'Get-CsRevision', { last: 1 })).objects;
    assert.match(String(latest?.summary), /^parley restore: backup of fe1\.contoso\.test/);
    await server.stop();
  });

  await t.test('on a new machine it says which secrets are missing, and works with those in the file', async () => {
    renameSync(join(serverFolder(), 'data'), join(serverFolder(), 'lost-data'));
    const missing = await restore('--yes');
    assert.equal(missing.code, 1);
    assert.match(missing.error, /needs a passphrase/);
    const nothing = await runParley(['backup', join(scratch, 'nothing.parley-backup'), ...config()]);
    assert.match(nothing.error, /nothing listens there/);
    const wrong = join(scratch, 'wrong');
    writeFileSync(wrong, 'not the passphrase at all\n');
    assert.match((await restore('--yes', '--passphrase-file', wrong)).error, /cannot be opened/);
    const restored = await restore('--passphrase-file', passphraseFile, '--json'); // nothing is there that could be lost: not asked
    assert.equal(restored.code, 0, restored.error + restored.out);
    assert.deepEqual(JSON.parse(restored.out).losses, []);
    const server = await lab.startAgain('contoso', 'frontend', 'new-machine.log');
    await worksAgain();
    await server.stop();
  });

  await t.test('without its secrets a backup is refused there, by name, and then because nothing proves it', async () => {
    const source = join(scratch, 'without.parley-backup');
    const made = await runParley(['backup', source, ...config()]);
    assert.equal(made.code, 0, made.error);
    assert.match(made.out, /Sealed with a key of this server: a later change is noticed\.\nIts secrets are not in it/);
    assert.ok(!readFileSync(source).includes('secrets'));
    renameSync(join(serverFolder(), 'data'), join(serverFolder(), 'lost-again'));
    const refused = await runParley(['restore', source, ...config(), '--yes']);
    assert.equal(refused.code, 1);
    assert.match(refused.error, /seal-keys\.json \(key \w+\) and snapshot-key\.pem \(key \w+\)/);
    const unproven = await runParley(['restore', source, ...config(), '--yes', '--without-secrets']);
    assert.match(unproven.error, /Nothing proves that the backup .* is as it was made: it is sealed by keys that are not here/);
    const accepted = await runParley(['restore', source, ...config(), '--yes', '--without-secrets', '--accept-unsealed']);
    assert.equal(accepted.code, 0, accepted.error);
    assert.match(accepted.out, /Note: users cannot sign in[^]*Note: Edges take no configuration/);
  });
});
