import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfiguration } from './configuration-file.ts';
import { openToOthers } from './private-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-private-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const read = parseConfiguration(
  `
role: frontend
name: fe1.contoso.test
pool: fe.contoso.test
dataFolder: data
internal: { certificateFile: int.pem, keyFile: int.key, authorityFile: ca.pem }
client: { port: 5061, certificateFile: pool.pem, keyFile: pool.key }
trunk: { port: 5065 }
api: { port: 8443, tokenFile: api-token }
`,
  join(folder, 'server.yaml'),
);
assert.ok(read.ok, read.ok ? '' : read.error.text);
const configuration = read.value;
const files = ['int.key', 'pool.key', 'api-token', 'data/secrets/seal-keys.json', 'data/parley.db', 'data/parley.db-wal'];
mkdirSync(join(folder, 'data', 'secrets'), { recursive: true, mode: 0o700 });
for (const file of files) writeFileSync(join(folder, file), '', { mode: 0o600 });
writeFileSync(join(folder, 'int.pem'), '', { mode: 0o644 });

const said = () => {
  const [first, ...more] = openToOthers(configuration);
  assert.equal(more.length, 0);
  return first === undefined ? 'ok' : `${first.code} ${first.fix}`;
};

for (const file of files) {
  test(`${file} is for the server alone, or its group to read`, () => {
    const path = join(folder, file);
    for (const [mode, isGood] of [
      [0o600, true],
      [0o640, true],
      [0o644, false],
      [0o660, false],
      [0o602, false],
    ] as const) {
      chmodSync(path, mode);
      const expected = `FILE_OPEN_TO_OTHERS Take the rights of others away: chmod g-w,o-rwx ${path}`;
      if (isGood) assert.equal(said(), 'ok', mode.toString(8));
      else assert.ok(said().startsWith(expected), said());
    }
    chmodSync(path, 0o600);
  });
}

test('nobody else may exchange files in the data folder; a missing file is not for this to say', () => {
  for (const path of [join(folder, 'data'), join(folder, 'data', 'secrets')]) {
    for (const mode of [0o777, 0o770, 0o702]) {
      chmodSync(path, mode);
      assert.match(said(), /chmod go-w \S+/, mode.toString(8));
    }
    chmodSync(path, 0o750);
    assert.equal(said(), 'ok');
  }
  rmSync(join(folder, 'api-token'));
  assert.equal(said(), 'ok');
});
