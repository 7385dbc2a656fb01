import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { systemClock } from '../../base/clock.ts';
import { SealKeys } from '../../identity/seal-keys.ts';
import type { Fqdn } from '../../model/names.ts';
import { createSnapshotKeyPem } from '../../replication/snapshot-signature.ts';
import { BackupSum } from '../../store/backup/backup-format.ts';
import { addUser, allow, mustCommit, userId } from '../../store/suite/samples.ts';
import { PostgresCluster, postgresMissing } from '../../testing/postgres-cluster.ts';
import { parseConfiguration } from '../configuration-file.ts';
import { openStore } from '../open-store.ts';
import type { FrontEndServerConfiguration } from '../server-configuration.ts';
import { makeBackup, stoppedServerBackupLines } from './make-backup.ts';
import { performRestore, planRestore, type RestoreOrder } from './restore-backup.ts';
import { readSecrets } from './secrets-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-restore-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const passphrase = 'a passphrase long enough';
const passphraseFile = join(folder, 'passphrase');
const file = join(folder, 'with-secrets');

function configuration(dataFolder: string, store?: object): FrontEndServerConfiguration {
  const keyPair = { certificateFile: 'c.pem', keyFile: 'k.pem' };
  const read = parseConfiguration(
    stringify({
      role: 'frontend',
      name: 'fe1.contoso.test' as Fqdn,
      pool: 'fe.contoso.test',
      dataFolder,
      internal: { ...keyPair, authorityFile: 'ca.pem' },
      client: { port: 5061, ...keyPair },
      trunk: { port: 5065 },
      api: { port: 8080, tokenFile: 'api-token' },
      ...(store ? { store } : {}),
    }),
    join(folder, 'server.yaml'),
  );
  assert.ok(read.ok, read.ok ? '' : read.error.text);
  return read.value as FrontEndServerConfiguration;
}

function order(dataFolder: string, change: Partial<RestoreOrder> = {}): RestoreOrder {
  return {
    file,
    configuration: configuration(dataFolder),
    withoutSecrets: false,
    acceptUnsealed: false,
    passphraseFile,
    ...change,
  };
}

async function codeAndText(plan: ReturnType<typeof planRestore>): Promise<string> {
  const planned = await plan;
  return planned.ok ? 'ok' : `${planned.error.code} ${planned.error.text}`;
}

before(async () => {
  writeFileSync(passphraseFile, `${passphrase}\r\n`);
  const source = configuration('source');
  const secrets = join(source.dataFolder, 'secrets');
  const keys = SealKeys.open(join(secrets, 'seal-keys.json'));
  assert.ok(keys.ok);
  writeFileSync(join(secrets, 'snapshot-key.pem'), createSnapshotKeyPem());
  const store = await openStore(source, systemClock);
  assert.ok(store.ok);
  const sealedCredential = keys.value.seal(Buffer.from('what remains of a password'), userId(1));
  await mustCommit(store.value, { objects: [allow('a.example', null)], users: [{ ...addUser(1), sealedCredential }] });
  await store.value.close();
  const files = readSecrets(source.dataFolder);
  assert.ok(files.ok);
  const made = await makeBackup(file, stoppedServerBackupLines(source, systemClock), { files: files.value, passphrase });
  assert.ok(made.ok, made.ok ? '' : made.error.text);
});

describe('a backup with secrets', () => {
  it('gives them to a new machine, and the credentials open', async () => {
    const plan = await planRestore(order('new'));
    assert.ok(plan.ok, plan.ok ? '' : plan.error.text);
    const restored = await performRestore(plan.value, systemClock);
    assert.ok(restored.ok, restored.ok ? '' : restored.error.text);
    assert.deepEqual(restored.value.kept, []);
    const { dataFolder } = configuration('new');
    const keys = SealKeys.open(join(dataFolder, 'secrets', 'seal-keys.json'));
    const store = await openStore(configuration('new'), systemClock);
    assert.ok(store.ok && keys.ok);
    const sealed = (await store.value.readCredentials([userId(1)])).get(userId(1));
    assert.ok(sealed);
    const opened = keys.value.unseal(sealed, userId(1));
    assert.equal(opened.ok && Buffer.from(opened.value).toString(), 'what remains of a password');
    await store.value.close();
  });

  it('a second restore is later still, and keeps store and secrets of the first', async () => {
    const plan = await planRestore(order('new'));
    assert.ok(plan.ok);
    const first = await performRestore(plan.value, { ...systemClock, now: () => 1_000 });
    const second = await performRestore(plan.value, { ...systemClock, now: () => 2_000 });
    assert.ok(first.ok && second.ok);
    assert.equal(second.value.epoch, first.value.epoch + 1, 'although the clock was set back');
    assert.equal(second.value.kept.filter(path => existsSync(path)).length, 2);
  });

  it('as root: what is made belongs to the owner of the data folder', { skip: process.getuid?.() !== 0 }, async () => {
    const above = join(configuration('owned/data').dataFolder, '..');
    mkdirSync(above, { mode: 0o700 });
    chownSync(above, 65_534, 65_534);
    const plan = await planRestore(order('owned/data'));
    assert.ok(plan.ok);
    assert.ok((await performRestore(plan.value, systemClock)).ok);
    const owners = readdirSync(above, { recursive: true, encoding: 'utf8' }).map(name => statSync(join(above, name)).uid);
    assert.deepEqual([owners.length > 3, new Set(owners)], [true, new Set([65_534])]);
  });

  const altered: readonly [what: string, alter: () => Buffer, code: RegExp][] = [
    ['cut in the middle', () => readFileSync(file).subarray(0, 300), /^BACKUP_DAMAGED .*ends early/],
    ['with a changed byte', () => withChangedByte(readFileSync(file)), /^BACKUP_DAMAGED/],
    ['with rows changed by somebody who knows how to sum up', () => forged(), /^BACKUP_PASSPHRASE_WRONG/],
    ['of other bytes', () => Buffer.from([0xff, 0xfe, 0, 1, 2]), /^BACKUP_DAMAGED .*no text/],
    ['empty', () => Buffer.alloc(0), /^BACKUP_DAMAGED .*empty/],
  ];
  for (const [what, alter, code] of altered) {
    it(`${what} is refused before anything is touched`, async () => {
      const path = join(folder, 'altered');
      writeFileSync(path, alter());
      assert.match(await codeAndText(planRestore(order('untouched', { file: path }))), code);
      assert.ok(!existsSync(configuration('untouched').dataFolder));
    });
  }

  const { passphraseFile: _given, ...withoutPassphrase } = order('other');
  it('asks for what it lacks: the passphrase, or the secrets by name', async () => {
    assert.match(await codeAndText(planRestore(withoutPassphrase)), /^BACKUP_PASSPHRASE_NEEDED/);
    mkdirSync(configuration('other').dataFolder, { recursive: true });
    writeFileSync(join(folder, 'short'), 'short\n');
    assert.match(await codeAndText(planRestore(order('other', { passphraseFile: join(folder, 'short') }))), /fewer than 12/);
    assert.match(await codeAndText(planRestore(order('other', { file: join(folder, 'nowhere') }))), /no such file/);
    const here = await planRestore({ ...withoutPassphrase, configuration: configuration('source') });
    assert.ok(here.ok, 'where the secrets are there is nothing to open');
  });
});

describe('the seal of a backup', () => {
  const { passphraseFile: _given, ...withoutPassphrase } = order('source');
  const linesOf = (path: string) => gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  /** A file of these lines with the sum as it has to be. */
  const fileOf = (lines: readonly string[]) => {
    const path = join(folder, 'resealed');
    const sum = new BackupSum();
    const summed = lines.filter(line => !line.startsWith('{"end"')).map(line => sum.add(line));
    writeFileSync(path, gzipSync(`${[...summed, sum.endLine()].join('\n')}\n`));
    return path;
  };
  const without = (...kinds: readonly string[]) =>
    fileOf(linesOf(file).filter(line => !kinds.some(kind => line.startsWith(`{"${kind}"`))));
  const changed = (path: string) => fileOf(linesOf(path).map(line => line.replace('a.example', 'z.example')));

  it('by the server is checked where its secrets are, and holds for nothing else', async () => {
    assert.equal(await codeAndText(planRestore({ ...withoutPassphrase, file })), 'ok');
    assert.match(await codeAndText(planRestore({ ...withoutPassphrase, file: changed(file) })), /^BACKUP_SEAL_BROKEN/);
    const stripped = changed(without('secrets', 'seal'));
    assert.match(await codeAndText(planRestore({ ...withoutPassphrase, file: stripped })), /^BACKUP_NOT_SEALED .*it has no seal/);
    const accepted = planRestore({ ...withoutPassphrase, file: stripped, acceptUnsealed: true });
    assert.equal(await codeAndText(accepted), 'ok', 'as somebody says so');
  });

  it('by a passphrase is asked for where one is given: nothing can be taken out', async () => {
    for (const file of [without('secrets'), changed(without('secrets'))])
      assert.match(await codeAndText(planRestore(order('source', { file }))), /^BACKUP_PASSPHRASE_WRONG/);
    assert.match(
      await codeAndText(planRestore(order('source', { file: without('secrets', 'seal') }))),
      /^BACKUP_NOT_SEALED .*it has no seal/,
    );
  });

  it('is missed in one of the first format, unless its secrets are opened', async () => {
    const former = (path: string) => fileOf(linesOf(path).map(line => line.replace('"format":2', '"format":1')));
    const withSecrets = without('seal');
    assert.match(await codeAndText(planRestore({ ...withoutPassphrase, file: former(withSecrets) })), /^BACKUP_NOT_SEALED/);
    assert.equal(await codeAndText(planRestore({ ...withoutPassphrase, file: former(withSecrets), acceptUnsealed: true })), 'ok');
  });

  it('holds for what is restored, and not only for what was looked at before', async () => {
    const path = join(folder, 'exchanged');
    writeFileSync(path, readFileSync(file));
    const plan = await planRestore(order('exchanged-data', { file: path }));
    assert.ok(plan.ok);
    writeFileSync(path, readFileSync(changed(without('secrets', 'seal'))));
    const restored = await performRestore(plan.value, systemClock);
    assert.match(restored.ok ? 'ok' : restored.error.text, /changed while it was restored/);
    assert.ok(!existsSync(join(plan.value.order.configuration.dataFolder, 'parley.db')));
  });

  it('is over every row: none may follow it', async () => {
    const lines = linesOf(file);
    const at = lines.findIndex(line => line.startsWith('{"table"'));
    const moved = fileOf([...lines.slice(0, at), ...lines.slice(at + 1, -1), lines[at] as string]);
    assert.match(await codeAndText(planRestore(order('source', { file: moved }))), /^BACKUP_DAMAGED .*rows follow its seal/);
  });
});

function withChangedByte(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] as number) ^ 1;
  return bytes;
}

/** A changed row, and the last line as it has to be then. */
function forged(): Buffer {
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  const sum = new BackupSum();
  const changed = lines.slice(0, -1).map(line => sum.add(line.replace('a.example', 'z.example')));
  return gzipSync(`${[...changed, sum.endLine()].join('\n')}\n`);
}

describe('a restore into PostgreSQL', { skip: postgresMissing() }, () => {
  let cluster: PostgresCluster;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(() => cluster?.remove());

  it('moves there from SQLite, and keeps a backup of what was there', async () => {
    const target = configuration('pg', { url: cluster.createDatabase('restored') });
    const there = await openStore(target, systemClock);
    assert.ok(there.ok);
    await mustCommit(there.value, { objects: [allow('there.example', null)] });
    const plan = await planRestore(order('pg', { configuration: target }));
    assert.ok(plan.ok, plan.ok ? '' : plan.error.text);
    const refused = await performRestore(plan.value, systemClock);
    assert.equal(refused.ok ? 'ok' : refused.error.code, 'RESTORE_STORE_IN_USE');
    assert.deepEqual(readdirSync(target.dataFolder), []);
    await there.value.close();
    const restored = await performRestore(plan.value, systemClock);
    assert.ok(restored.ok, restored.ok ? '' : restored.error.text);
    const store = await openStore(target, systemClock);
    assert.ok(store.ok);
    assert.deepEqual(
      (await store.value.readConfiguration()).objects.map(({ identity }) => identity),
      ['a.example'],
    );
    await store.value.close();
    const [kept = ''] = restored.value.kept;
    assert.match(gunzipSync(readFileSync(kept)).toString(), /there\.example/);
  });
});
