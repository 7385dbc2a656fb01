import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));
const isWanted = process.env.CI === 'true' || process.env.PARLEY_BENCH === 'smoke';

test('a message costs no multiple of what it should', { skip: isWanted ? false : 'takes 30 s: PARLEY_BENCH=smoke' }, () => {
  // other tests run meanwhile: whatever they take is taken from the relay too
  const smoke = spawnSync(process.execPath, [program, '--smoke'], { encoding: 'utf8', timeout: 200_000 });
  assert.equal(smoke.status, 0, `${smoke.stdout}\n${smoke.stderr}`);
});
