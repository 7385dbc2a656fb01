import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAor, type UserId } from '../model/names.ts';
import { CredentialSealer } from './credential-sealer.ts';
import { SealKeys } from './seal-keys.ts';

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'parley-seal-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const aor = parseAor('alice@contoso.test');
assert.ok(aor.ok);
const alice = { id: '01ALICE' as UserId, aor: aor.value };

test('the key file is made once, readable by its owner only, and opens again', () => {
  inFolder(folder => {
    const path = join(folder, 'secrets', 'seal-keys.json');
    const first = SealKeys.open(path);
    assert.ok(first.ok);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const box = first.value.seal(Buffer.from('secret'), 'a');
    const second = SealKeys.open(path);
    assert.ok(second.ok);
    const clear = second.value.unseal(box, 'a');
    assert.ok(clear.ok);
    assert.equal(Buffer.from(clear.value).toString(), 'secret');
  });
});

test('a box does not open for another owner, after a change, or with an unknown key', () => {
  inFolder(folder => {
    const keys = SealKeys.open(join(folder, 'k.json'));
    assert.ok(keys.ok);
    const box = keys.value.seal(Buffer.from('secret'), 'a');
    assert.equal(keys.value.unseal(box, 'b').ok, false);
    const changed = Uint8Array.from(box.box);
    changed[15] = (changed[15] as number) ^ 1;
    assert.equal(keys.value.unseal({ keyId: box.keyId, box: changed }, 'a').ok, false);
    assert.equal(keys.value.unseal({ keyId: 'nope', box: box.box }, 'a').ok, false);
    assert.equal(keys.value.unseal({ keyId: box.keyId, box: new Uint8Array(3) }, 'a').ok, false);
  });
});

test('a damaged key file is refused with its path and without being replaced', () => {
  inFolder(folder => {
    const path = join(folder, 'k.json');
    writeFileSync(path, '{"active":"x","keys":{}}');
    const opened = SealKeys.open(path);
    assert.ok(!opened.ok);
    assert.equal(opened.error.code, 'SEAL_KEYS_UNREADABLE');
    assert.match(opened.error.text, /k\.json/);
    assert.equal(readFileSync(path, 'utf8'), '{"active":"x","keys":{}}');
  });
});

test('a sealed credential holds both algorithms and both login forms, and not the password', () => {
  inFolder(folder => {
    const keys = SealKeys.open(join(folder, 'k.json'));
    assert.ok(keys.ok);
    const sealer = new CredentialSealer(keys.value);
    const sealed = sealer.seal(alice, 'pärley');
    const secrets = sealer.unseal(alice.id, sealed);
    assert.ok(secrets.ok);
    assert.deepEqual(Object.keys(secrets.value.MD5), ['alice', 'alice@contoso.test']);
    assert.deepEqual(Object.keys(secrets.value['SHA-256']), ['alice', 'alice@contoso.test']);
    assert.doesNotMatch(JSON.stringify(secrets.value), /rley/);
  });
});
