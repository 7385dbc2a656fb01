import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { openLabFolder } from './lab-folder.ts';

let base: string;
before(() => {
  base = mkdtempSync(join(tmpdir(), 'parley-lab-folder-'));
});
after(() => rmSync(base, { recursive: true }));

test('a second opening has the same tokens, and the state is private', async () => {
  const path = join(base, 'kept', 'deeper');
  const first = await openLabFolder(path, systemClock);
  assert.ok(first.ok);
  first.value.release(true);
  const second = await openLabFolder(path, systemClock);
  assert.ok(second.ok);
  assert.deepEqual(second.value.state.tokens, first.value.state.tokens);
  assert.equal(statSync(join(path, 'lab-state.json')).mode & 0o777, 0o600);
  assert.ok(!second.value.temporary);
});

test('a temporary folder goes away unless it is worth a look', async () => {
  const gone = await openLabFolder(undefined, systemClock);
  assert.ok(gone.ok);
  gone.value.release(false);
  assert.ok(!existsSync(gone.value.path));
  const kept = await openLabFolder(undefined, systemClock);
  assert.ok(kept.ok);
  kept.value.release(true);
  assert.ok(existsSync(kept.value.path));
  rmSync(kept.value.path, { recursive: true });
});

const unusable: readonly (readonly [string, string, (path: string) => void])[] = [
  ['a newer format', 'LAB_FOLDER_NEWER', path => writeState(path, '{"format":99}')],
  ['a damaged state', 'LAB_FOLDER_UNUSABLE', path => writeState(path, '{"format":1')],
  ['a file in its place', 'LAB_FOLDER_UNUSABLE', path => writeFileSync(path, '')],
];

for (const [name, code, prepare] of unusable) {
  test(`${name} is refused with ${code}`, async () => {
    const path = join(base, name.replaceAll(' ', '-'));
    prepare(path);
    const opened = await openLabFolder(path, systemClock);
    assert.ok(!opened.ok);
    assert.equal(opened.error.code, code);
    assert.match(opened.error.text, new RegExp(path));
  });
}

test('a folder that the system does not let us make is refused', async () => {
  const opened = await openLabFolder('/proc/parley/lab', systemClock);
  assert.ok(!opened.ok);
  assert.equal(opened.error.code, 'LAB_FOLDER_UNUSABLE');
});

test('a folder with a running lab is refused, one whose lab has died is not', async () => {
  const path = join(base, 'in-use');
  const standIn = join(base, 'main.ts');
  writeFileSync(standIn, 'process.stdin.resume();');
  const running = spawn(process.execPath, [standIn]);
  mkdirSync(path);
  writeFileSync(join(path, 'lab-run.json'), JSON.stringify({ pid: running.pid, servers: [] }));
  const refused = await openLabFolder(path, systemClock);
  assert.ok(!refused.ok);
  assert.equal(refused.error.code, 'LAB_FOLDER_IN_USE');
  assert.equal(refused.error.details.pid, running.pid);
  const exited = new Promise(resolve => running.on('exit', resolve));
  running.kill('SIGKILL');
  await exited;
  const opened = await openLabFolder(path, systemClock);
  assert.ok(opened.ok);
  assert.equal(JSON.parse(readFileSync(join(path, 'lab-run.json'), 'utf8')).pid, process.pid);
});

function writeState(path: string, text: string): void {
  mkdirSync(path);
  writeFileSync(join(path, 'lab-state.json'), text);
}
