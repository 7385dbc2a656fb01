import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { ServerProcess } from '../../src/lab/lab-processes.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { killAtOnce } from '../support/process-end.ts';
import { until } from '../support/until.ts';

let lab: LabUnderTest;
let mounted: string | undefined;

before(async () => {
  lab = await LabUnderTest.start();
});
after(async () => {
  if (mounted !== undefined) execFileSync('umount', ['-l', mounted]);
  await assertAtRest(lab);
  await lab?.stop();
});

const folder = () => lab.serverFolder('contoso', 'frontend');
const data = () => join(folder(), 'data');

/** What went wrong, and what to do about it; no stack, no log. */
const oneSentence = /^Error: The database \S+parley\.db is in use by another process\.\nThe server runs already, .+$/;

/** Tries to start contoso's Front End once more; what it said to whoever started it. */
async function refusedStart(logName: string): Promise<string> {
  const logFile = join(folder(), logName);
  const started = await ServerProcess.start({
    process: 'another Front End',
    configurationFile: join(folder(), 'server.yaml'),
    logFile,
    clock: systemClock,
    onEnded() {},
  });
  assert.ok(!started.ok, 'it does not start');
  return readFileSync(logFile, 'utf8').trim();
}

test('a second process on the same data is refused in one sentence, and the first goes on', async () => {
  const said = await refusedStart('second.log');
  assert.match(said, oneSentence);
  await lab.run('contoso', 'New-CsAllowedDomain', { identity: 'first.example' });
  await lab.signIn('contoso', 'alice@contoso.test');
});

test('a store that another program holds keeps the server from starting, no longer than it is held', async () => {
  await killAtOnce(lab.organisation('contoso').pids.frontEnd[0] as number);
  const holder = new DatabaseSync(join(data(), 'parley.db'));
  holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  try {
    assert.match(await refusedStart('held.log'), oneSentence);
  } finally {
    holder.close();
  }
  const server = await lab.startAgain('contoso', 'frontend');
  const { objects } = await lab.run('contoso', 'Get-CsAllowedDomain');
  assert.ok(objects.some(({ identity }) => identity === 'first.example'));
  await server.stop();
});

test('a full disk refuses changes with the reason, and users go on', async t => {
  if (!mountSmallDisk(data())) return t.skip('a small file system can be mounted by root alone');
  await lab.startAgain('contoso', 'frontend');
  const alice = await lab.signIn('contoso', 'alice@contoso.test');
  const adam = await lab.signIn('contoso', 'adam@contoso.test');
  const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
  const filler = join(data(), 'filler');
  const change = (identity: string) =>
    lab.client('contoso').run({ command: 'New-CsAllowedDomain', parameters: { identity, comment: 'x'.repeat(1_000) } });

  fill(filler);
  let changes = 0;
  const refused = await until('a change that finds no room', async () => {
    const answer = await change(`d${changes++}.example`);
    return answer.ok ? undefined : answer.error;
  });
  await t.test('changes say why, each time', async () => {
    assert.match(refused.text, /no space is left on the disk/);
    const again = await change('again.example');
    assert.ok(!again.ok);
    assert.match(again.error.text, /no space is left on the disk/);
  });
  await t.test('what is there is read', async () => {
    const { objects } = await lab.run('contoso', 'Get-CsAllowedDomain');
    assert.ok(objects.some(({ identity }) => identity === 'first.example'));
    assert.ok(!objects.some(({ identity }) => identity === 'again.example'), 'and nothing that was refused');
  });
  await t.test('signed-in users write to each other and to partners, and others sign in', async () => {
    const newcomer = await lab.signIn('contoso', 'adam@contoso.test');
    for (const [from, to] of [
      [alice, adam],
      [alice, bob],
      [bob, alice],
      [newcomer, alice],
    ] as const) {
      const text = `${from.address} to ${to.address} on a full disk`;
      const sent = await from.sendMessage(to.address, text);
      assert.equal(sent.ok && sent.value.status, 200, text);
      assert.equal((await to.waitForMessage(text, 5_000))?.from, from.address);
    }
  });
  await t.test('with room again changes are taken, by the same process', async () => {
    rmSync(filler);
    await until('a change that is taken', async () => ((await change('room.example')).ok ? true : undefined));
  });
});

/** Puts the folder on a file system of its own that is soon full; false where that is not allowed. */
function mountSmallDisk(path: string): boolean {
  const copy = `${path}.copy`;
  cpSync(path, copy, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return false;
  }
  mounted = path;
  cpSync(copy, path, { recursive: true });
  return true;
}

/** Takes all room there is. */
function fill(path: string): void {
  const { bavail, bsize } = statfsSync(join(path, '..'));
  try {
    writeFileSync(path, Buffer.alloc(bavail * bsize));
  } catch (cause) {
    // somebody took the last page before us
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
  }
}
