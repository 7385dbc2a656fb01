import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../base/clock.ts';
import { openSqliteStore } from './sqlite-store.ts';

const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url));

/** Lets the writer acknowledge `killAfter` writes, kills it, and returns the last number it had acknowledged. */
async function writeAndKill(path: string, count: number, killAfter: number): Promise<{ acknowledged: number; killed: boolean }> {
  const child = spawn(process.execPath, [writer, path, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<NodeJS.Signals | null>(resolve => child.once('close', (_code, signal) => resolve(signal)));
  let acknowledged = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    seen++;
    // A few more may be acknowledged and written out before the signal lands: they count too.
    if (seen === killAfter) child.kill('SIGKILL');
  }
  return { acknowledged, killed: (await ended) === 'SIGKILL' };
}

it('every acknowledged write is there after kill -9', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-kill-'));
  const path = join(folder, 'parley.db');
  let before = 0;
  let kills = 0;
  for (let round = 0; round < 6 || before < 1000; round++) {
    const killAfter = randomInt(1, 320);
    const { acknowledged, killed } = await writeAndKill(path, 1000, killAfter);
    if (killed) kills++;
    const opened = await openSqliteStore({ path, clock: systemClock });
    assert.ok(opened.ok, opened.ok ? '' : opened.error.text);
    const { version, objects } = await opened.value.readConfiguration();
    const [newest] = await opened.value.readRevisions(1);
    await opened.value.close();
    assert.ok(version.number >= acknowledged, `acknowledged ${acknowledged}, found ${version.number}`);
    assert.ok(version.number <= acknowledged + 1, 'at most the write under way is there without having been acknowledged');
    assert.equal(newest?.number, version.number);
    const stored = new Set(objects.map(object => object.identity));
    assert.equal(stored.size, version.number, 'every revision has its object, none has half of it');
    for (let number = 1; number <= version.number; number++) assert.ok(stored.has(`d${number}.example`));
    before = version.number;
  }
  assert.ok(kills >= 3, `only ${kills} rounds ended by the signal`);
  rmSync(folder, { recursive: true, force: true });
});
