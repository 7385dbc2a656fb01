import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder } from './make-folder.ts';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-make-folder-'));
  writeFileSync(join(root, 'file'), '');
});
after(() => rmSync(root, { recursive: true }));

test('makes all that is missing, for this account alone unless told otherwise, and leaves what is there', () => {
  const folder = join(root, 'a', 'b', 'c');
  makeFolder(folder);
  assert.deepEqual(
    ['a', 'a/b', 'a/b/c'].map(path => statSync(join(root, path)).mode & 0o777),
    [0o700, 0o700, 0o700],
  );
  makeFolder(join(folder, 'd'), 0o750);
  assert.equal(statSync(join(folder, 'd')).mode & 0o777, 0o750);
  makeFolder(folder, 0o750);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

for (const [where, path, code] of [
  ['a file is in its place', () => join(root, 'file'), 'EEXIST'],
  ['a file is above it', () => join(root, 'file', 'a'), 'ENOTDIR'],
  ['a file is far above it', () => join(root, 'file', 'a', 'b'), 'ENOTDIR'],
  ['the system takes no folder', () => '/proc/parley/data', 'ENOENT'],
] as const) {
  test(`throws ${code} where ${where}`, () => {
    assert.throws(() => makeFolder(path()), { code });
  });
}
