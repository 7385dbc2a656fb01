import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { openRouteSeal } from './route-key-file.ts';

const dayMs = 24 * 3_600_000;

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-route-key-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const linesOf = (folder: string) =>
  readFileSync(join(folder, 'secrets', 'route-key'), 'utf8')
    .trim()
    .split('\n');

test('a key that has sealed for long gets a follower at the start; what it sealed opens for years', t => {
  const folder = newFolder(t);
  const clock = new FakeClock(Date.now());
  const token = openRouteSeal(folder, clock, true).seal(['a']);
  assert.deepEqual(openRouteSeal(folder, clock, true).open(token), ['a']);
  assert.equal(linesOf(folder).length, 1);
  clock.advance(91 * dayMs);
  openRouteSeal(folder, clock, false);
  assert.equal(linesOf(folder).length, 1, 'another worker of the same server');
  const renewed = openRouteSeal(folder, clock, true);
  assert.deepEqual(renewed.open(token), ['a']);
  assert.deepEqual(
    linesOf(folder).map(line => line.split(' ')[0]),
    ['2', '1'],
  );
  assert.equal(openRouteSeal(newFolder(t), clock, true).open(renewed.seal(['b'])), undefined);
  assert.equal(statSync(join(folder, 'secrets', 'route-key')).mode & 0o777, 0o600);
});

test('the list of keys does not grow for ever', t => {
  const folder = newFolder(t);
  for (let day = 0; day < 3000; day += 100) openRouteSeal(folder, new FakeClock(Date.now() + day * dayMs), true);
  assert.equal(linesOf(folder).length, 17);
});

test('a file of the first version, with one key and no id, is read; what is no key is refused', t => {
  const folder = newFolder(t);
  mkdirSync(join(folder, 'secrets'));
  const path = join(folder, 'secrets', 'route-key');
  writeFileSync(path, randomBytes(32).toString('base64'));
  const seal = openRouteSeal(folder, new FakeClock(Date.now()), true);
  assert.deepEqual(seal.open(seal.seal(['a'])), ['a']);
  for (const bad of ['', 'x', '1 AAAA', `300 ${randomBytes(32).toString('base64')}`]) {
    writeFileSync(path, bad);
    assert.throws(() => openRouteSeal(folder, new FakeClock(Date.now()), true), /route-key/, bad);
  }
});
